"""The commands that `petition` knows beside `run`, `migrate` and `local`. Imports are lazy."""

from __future__ import annotations

import getpass
import os
import subprocess
import sys
from datetime import timedelta
from typing import TYPE_CHECKING

import click

from tool.assessment import COMMANDS as ASSESSMENT
from tool.categories.commands import COMMANDS as CATEGORIES
from tool.competence import COMMANDS as COMPETENCE
from tool.divisions import COMMANDS as DIVISIONS
from tool.explain import COMMANDS as EXPLAIN
from tool.importing.commands import COMMANDS as IMPORTING
from tool.jobs import COMMANDS as JOBS
from tool.offices import COMMANDS as OFFICES
from tool.settings import COMMANDS as SETTINGS
from tool.statistics import COMMANDS as STATISTICS

if TYPE_CHECKING:
    from kit.app import App
    from kit.identity import Actor

DEMO_PETITIONS = 3000


def database_url() -> str:
    """The owner's URL. Raises ClickException where it is not set."""
    url = os.environ.get("DATABASE_URL")
    if not url:
        raise click.ClickException("DATABASE_URL is not set")
    return url


def operator() -> Actor:
    """Who sits at this terminal."""
    from kit.identity import Actor

    return Actor("tool", getpass.getuser(), None, frozenset(), None)


def app_of(service: str) -> App:
    """One service's app, for a command that works inside its schema."""
    from importlib import import_module

    import kit.patched  # noqa: F401
    from kit.config import ConfigError, Settings

    try:
        app: App = import_module(f"{service}.app").build(Settings.from_env(service))
    except ConfigError as error:
        raise click.ClickException(str(error)) from error
    return app


# -- demonstration ---------------------------------------------------------------------------------


@click.group()
def demo() -> None:
    """The demonstration county."""


@demo.command("load")
@click.option("--petitions", default=DEMO_PETITIONS, show_default=True, help="of the past year")
@click.option("--seed", default=1, show_default=True)
def demo_load(petitions: int, seed: int) -> None:
    """Load divisions, 92 offices, accounts, and a year of invented petitions."""
    from tool.demo import Site
    from tool.site import load_codes, load_directory, load_names

    site = Site.load()
    routing = app_of("routing")
    changed = load_directory(routing, site)
    load_codes(app_of("intake"), site)
    load_names(app_of("stats"), site)
    click.echo(
        f"{len(site.divisions)} divisions, {len(site.offices)} offices ({changed} new or changed)"
    )
    _accounts()
    if petitions:
        # in a process of its own: this one is patched for eventlet, COPY and worker processes are not
        command = [sys.executable, "-m", "tool.main", "generate"]
        arguments = ["--petitions", str(petitions), "--seed", str(seed)]
        if subprocess.run([*command, *arguments], check=False).returncode:
            raise click.ClickException("the petitions could not be generated")


@demo.command("accounts")
def demo_accounts() -> None:
    """Print the demonstration accounts."""
    for login, password, what in _accounts():
        click.echo(f"{login:<12} {password:<16} {what}")


def _accounts() -> list[tuple[str, str, str]]:
    app = app_of("console")
    from console.accounts import ensure_demo
    from tool.demo import Site

    offices = {office.id: office.name for office in Site.load().offices}
    found: list[tuple[str, str, str]] = ensure_demo(app, offices)
    return found


@click.command()
@click.option("--petitions", required=True, type=click.IntRange(1), help="how many")
@click.option("--seed", default=1, show_default=True)
@click.option("--days", default=365, show_default=True, help="how far back they begin")
def generate(petitions: int, seed: int, days: int) -> None:
    """Write invented petitions of the past, by COPY, as the services would have left them."""
    from rich.progress import Progress

    from kit import clock, keys
    from kit.config import state_folder
    from tool.generate import generate as write

    now = clock.now()
    with Progress(transient=True) as progress:
        task = progress.add_task("petitions", total=petitions)
        total = write(
            database_url(),
            keys.folder(state_folder()),
            petitions,
            seed,
            clock.local_date(now - timedelta(days=days)),
            now,
            os.environ.get("PETITION_SITE", "330282"),
            lambda n: progress.advance(task, n),
        )
    click.echo(f"{total} petitions")


# -- proof and repair ------------------------------------------------------------------------------


@click.command()
@click.option("--wait", default=0.0, help="seconds to wait for everything under way to settle")
def audit(wait: float) -> None:
    """Compare every log with what every consumer made of it: missing, doubled, out of order."""
    from tool import audit as auditing

    report = auditing.settled(database_url(), wait)
    click.echo("\n".join(auditing.lines(report)))
    raise SystemExit(0 if report.clean else 1)


@click.group()
def parked() -> None:
    """Messages that could not be read or applied."""


_SERVICE = click.argument(
    "service", type=click.Choice(("intake", "routing", "supervision", "stats"))
)


@parked.command("list")
@click.option("--all", "everything", is_flag=True, help="resolved ones too")
def parked_list(everything: bool) -> None:
    """What is parked in every service, oldest first."""
    from tool import parking

    for line in parking.listed(everything):
        click.echo(line)


@parked.command("show")
@_SERVICE
@click.argument("id", type=int)
def parked_show(service: str, id: int) -> None:
    """One parked message, with its body. An event holds no personal data."""
    from tool import parking

    click.echo(parking.shown(app_of(service), id))


@parked.command("replay")
@_SERVICE
@click.argument("id", type=int)
def parked_replay(service: str, id: int) -> None:
    """Apply a parked event now, and what waited behind it."""
    from tool import parking

    click.echo(parking.replay(app_of(service), id))


@parked.command("discard")
@_SERVICE
@click.argument("id", type=int)
@click.option("--reason", required=True)
def parked_discard(service: str, id: int, reason: str) -> None:
    """Give a parked message up; the petition behind it goes on."""
    from tool import parking

    click.echo(parking.discard(app_of(service), id, reason))


COMMANDS: tuple[click.Command, ...] = (
    demo, generate, audit, parked, *ASSESSMENT, *CATEGORIES, *COMPETENCE, *DIVISIONS, *EXPLAIN, *IMPORTING, *JOBS, *OFFICES, *SETTINGS,
    *STATISTICS,
)  # fmt: skip
