"""The command `petition`. Services are imported lazily: the command line starts at once."""

from __future__ import annotations

import sys
import warnings

import click

warnings.filterwarnings("ignore", message="(?s).*Eventlet is deprecated")  # we know; ADR 0001

SERVICES = ("console", "intake", "routing", "supervision", "stats")
ROLES = ("web", "worker", "relay", "clock")


@click.group()
@click.version_option(package_name="petition")
def main() -> None:
    """An open petition (信访) case system: run it, look into it, prove it."""


@main.command()
@click.argument("service", type=click.Choice(SERVICES))
@click.option(
    "--roles", default=",".join(ROLES), show_default=True, help="which roles this process holds"
)
def run(service: str, roles: str) -> None:
    """Run one service's process."""
    import kit.patched  # noqa: F401  (first of all: eventlet's monkey patching)
    from tool.processes import run_service

    chosen = roles.split(",")
    if unknown := set(chosen) - set(ROLES):
        raise click.BadParameter(
            f"no such role: {', '.join(sorted(unknown))}", param_hint="--roles"
        )
    sys.exit(run_service(service, chosen))


@main.command()
@click.option("--check", "check_only", is_flag=True, help="say what differs, change nothing")
def migrate(check_only: bool) -> None:
    """Make roles, schemas, tables and keys, or bring them up to date."""
    from sqlalchemy.exc import OperationalError

    from kit import keys, migrations
    from kit.config import state_folder
    from tool.commands import database_url

    url = database_url()
    try:
        if check_only:
            differing = migrations.check(url)
            click.echo("\n".join(differing) or "tables and migrations agree")
            sys.exit(1 if differing else 0)
        migrations.migrate(url)
    except OperationalError as error:
        reason = str(error.orig).strip().splitlines()[0]
        raise click.ClickException(f"DATABASE_URL does not answer: {reason}") from error
    keys.ensure(keys.folder(state_folder()))


def _register() -> None:
    from tool.local.commands import local

    main.add_command(local)
    from tool import commands

    for command in commands.COMMANDS:
        main.add_command(command)


_register()

if __name__ == "__main__":
    main()
