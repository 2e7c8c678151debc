"""`petition local …`: click commands around the supervisor and the test servers."""

import os
import shlex
import signal
import subprocess
import sys
from collections.abc import Sequence
from functools import partial
from pathlib import Path

import click

from tool.local.servers import temporary
from tool.local.signals import Stopped, StopSignals
from tool.local.state import LocalError, state_dir
from tool.local.supervisor import SERVICES, Service, Supervisor

INTERRUPTED = 130  # what a shell reports for Ctrl-C


class LocalGroup(click.Group):
    """Shows what a person can act on as one plain message, without a traceback."""

    def invoke(self, ctx: click.Context) -> object:
        """Run the command; a LocalError ends the program with its message and status 1."""
        try:
            return super().invoke(ctx)
        except LocalError as error:
            raise click.ClickException(str(error)) from error
        except Stopped:
            sys.exit(INTERRUPTED)


@click.group(cls=LocalGroup)
def local() -> None:
    """A whole site on this machine, with its own database and broker."""


@local.command()
@click.pass_context
def run(ctx: click.Context) -> None:
    """Start everything, watch it, and stop it at Ctrl-C."""
    root = ctx.find_root()
    known = root.command.list_commands(root) if isinstance(root.command, click.Group) else []
    services = [
        service for service in SERVICES if not service.optional or service.command[0] in known
    ]
    _supervisor(services).run()


@local.command()
def up() -> None:
    """Start database and broker, leave them running, and print what points a shell at them."""
    _print_exports(_supervisor().up())


@local.command()
def down() -> None:
    """Stop everything; the data stays."""
    _supervisor().down()


@local.command()
def reset() -> None:
    """Stop everything and delete the data."""
    _supervisor().reset()


@local.command()
def status() -> None:
    """Say what is running."""
    for name, state in _supervisor().status():
        click.echo(f"{name:<12} {state}")


@local.command()
def env() -> None:
    """Print what points a shell at the private servers: eval "$(petition local env)"."""
    _print_exports(_supervisor().urls())


@local.command("with-servers", context_settings={"ignore_unknown_options": True})
@click.argument("command", nargs=-1, required=True, type=click.UNPROCESSED)
def with_servers(command: Sequence[str]) -> None:
    """Run COMMAND beside a fresh database and broker, which end with it.

    It finds the administrator's URLs in TEST_DATABASE_URL and TEST_AMQP_URL, and the servers'
    directory in PETITION_TEST_SERVERS.
    """
    sys.exit(_beside_servers(command))


def _beside_servers(command: Sequence[str]) -> int:
    """Run a command beside temporary servers. Returns its exit status, as a shell gives it."""
    with StopSignals() as signals, temporary(pause=signals.pause) as servers:
        found = {
            "TEST_DATABASE_URL": servers.cluster.url,
            "TEST_AMQP_URL": servers.broker.url,
            "PETITION_TEST_SERVERS": str(servers.state),
        }
        child = subprocess.Popen(command, env=os.environ | found)
        try:
            while child.poll() is None:
                signals.pause(0.02)
        except Stopped:
            # Ctrl-C at the terminal has reached the child as well; any other signal only us.
            if signals.received != signal.SIGINT:
                child.terminate()
        status = child.wait()
    return status if status >= 0 else 128 - status


def _supervisor(services: Sequence[Service] = SERVICES) -> Supervisor:
    """The supervisor of this checkout's state. What it says is no part of a command's output."""
    return Supervisor(state_dir(), _petition(), services, say=partial(click.echo, err=True))


def _petition() -> list[str]:
    """How this program was called, so that the processes run the same one."""
    called = Path(sys.argv[0]).absolute()
    if called.suffix != ".py" and os.access(called, os.X_OK):
        return [str(called)]
    return [sys.executable, "-m", "tool.main"]


def _print_exports(variables: dict[str, str]) -> None:
    for name, value in sorted(variables.items()):
        click.echo(f"export {name}={shlex.quote(value)}")
