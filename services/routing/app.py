"""Routing's parts beyond what every service has."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable
from dataclasses import asdict, dataclass
from datetime import date, timedelta
from typing import Any

from werkzeug.wrappers import Response

from kit import clock, sheet
from kit.app import App
from kit.commands import Commands, audit_row
from kit.config import Settings
from kit.envelope import Event
from kit.http import attachment
from kit.identity import Actor, Directory
from kit.inbox import Handler
from kit.offices import PUBLISHED, OfficeRow
from kit.problems import Problem, not_found
from kit.unit import Unit
from routing import aliases, handlers, queries, rulebook, sheets
from routing.domain.competence import Book, Question, Rule
from routing.domain.places import AUTOMATIC, Division
from routing.handlers import Competence
from routing.reading import Reader, reader
from routing.rulebook import Rulebook
from routing.sheets import Known
from routing.store import MODEL, VISIBLE, Matter, divisions, parents
from routing.subscriptions import SUBSCRIPTIONS

TALLIED = timedelta(days=365)
"""How far back the page of rules counts what each of them placed."""
REFRESH = 5.0
"""Seconds after which divisions and categories are read again."""


@dataclass
class Routing(App):
    """Routing's process."""

    def __post_init__(self) -> None:
        self.commands_on_matter: Commands = self.commands(Matter, VISIBLE)
        self.commands_on_office: Commands = self.commands(OfficeRow, PUBLISHED)
        self._read_at = 0.0
        self._reader, self._divisions = Reader(None, ()), list[Division]()
        self._parents: dict[str, str | None] = {}
        self._rules = Rulebook()
        self._deciding: tuple[Directory, Rulebook, Book, str] | None = None

    def reader(self) -> Reader:
        """Reads places in texts, with the site's divisions as they were some seconds ago, and its own names as they
        are now: the desk keeps one for the petitions that come next. Not within a transaction: it asks the database."""
        self._refresh()
        with self.database.reading() as connection:
            self._reader.keep(aliases.current(connection, clock.local_date(clock.now())))
        return self._reader

    def places(self, actor: Actor, body: dict[str, Any]) -> dict[str, Any]:
        """What a text says of its place, to the office that is named, else to the reader's, else to the site's own.

        Raises Problem 422 for an office that is not in the directory.
        """
        directory = self.directory.get()
        if (office := body["office"]) and office not in directory:
            raise Problem(422, "office-unknown", "单位目录中没有该单位。",
                          "No such office in the directory.", field="office")  # fmt: skip
        root = directory.root()
        near = self.near(office or actor.office or (root.id if root else ""))
        return self.reader().explained(body["text"], near, body["complained_about"])

    def named(self, page: dict[str, Any]) -> dict[str, Any]:
        """The page of a matter, with the names of all divisions that its reading speaks of."""
        if reading := page["reading"]:
            codes = {code for code, _ in reading["evidence"]} | {c for _, c in reading["roles"]}
            codes |= {reading["written"] or ""}
            self._refresh()
            page["reading"] = reading | {"names": self._reader.names(codes)}
        return page

    def near(self, office: str) -> str | None:
        """The division of an office."""
        found = self.directory.get().get(office)
        return found.division if found else None

    def competence(self, on: date | None = None) -> Competence:
        """What names the office: the directory as it is now, with the rules of a day (None: today)."""
        self._refresh()
        at, directory = clock.now(), self.directory.get()
        if self._deciding is None or self._deciding[:2] != (directory, self._rules):
            book = rulebook.book(directory, self._rules.rules, self._parents, at)
            version = rulebook.version_of(directory, self._rules.version)
            self._deciding = (directory, self._rules, book, version)
        _, _, book, version = self._deciding
        day = on or clock.local_date(at)

        def threshold(office: str) -> float:
            known = directory.get(office)
            return AUTOMATIC if known is None or known.threshold is None else known.threshold

        return Competence(lambda asked: book.find(asked, day), threshold, version)

    def book(self, rules: Iterable[Rule]) -> Book:
        """The directory as it is now, with rules that need not be in force."""
        self._refresh()
        return rulebook.book(self.directory.get(), rules, self._parents, clock.now())

    def answer(self, asked: dict[str, Any]) -> dict[str, Any]:
        """Which office would have to answer, and why: nothing is decided by it."""
        root = self.directory.get().root()
        place = asked["division"] or (root.division if root else "")
        competence = self.competence(asked["on"])
        question = Question(place, asked["category"], asked["level"], asked["about"])
        return asdict(competence.find(question)) | {"version": competence.version}

    def known(self) -> Known:
        """What a file of offices or rules may name."""
        with self.database.reading() as connection:
            places = {division.code: division.name for division in divisions(connection)}
            contents = {row["id"]: row["name"] for row in queries.categories(connection)}
        self.directory.invalidate()
        return Known(places, contents, self.directory.get())

    def written(self, kind: str, content: bytes, name: str, by: str) -> Callable[[Unit], int]:
        """What takes a file of `offices` or `rules` over. Raises Unreadable with all that is wrong with it."""
        if kind == "rules":
            rules = sheets.rules(content, self.known())
            return lambda unit: rulebook.take(unit, rules, name, by)
        offices = sheets.offices(content, self.known())
        return lambda unit: handlers.put_offices(unit, offices)

    def take_file(self, request: Any, body: dict[str, Any], kind: str) -> dict[str, Any]:
        """Takes a file of `offices` or of `rules` over (`App.take`)."""
        name, by = body["name"], request.actor.id
        taken = self.take(
            request, body, lambda content: (kind, self.written(kind, content, name, by))
        )
        self.forget()
        return taken

    def with_directory(self, handler: Callable[..., Any]) -> Callable[..., Any]:
        """A handler that asks who stands above whom."""
        return lambda unit, row, body, actor: handler(unit, row, body, actor, self.directory.get())

    def place(self, unit: Unit, row: Matter, body: dict[str, Any], actor: Any) -> dict[str, Any]:
        """`handlers.place`, of a division that the site has."""
        if not self._knows(body["division"]):
            raise Problem(422, "division-unknown", "区划资料中没有该区划。",
                          "No such division in this site.", field="division")  # fmt: skip
        name = body.get("alias")
        if name and (aliases.taken(self._names, name) or self._reader.bears(name)):
            raise Problem(422, "alias-taken", "这是现有区划的名称,不需要登记为别名。",
                          "A division bears this name.", field="alias")  # fmt: skip
        return handlers.place(unit, row, body, actor)

    def _knows(self, division: str) -> bool:
        self._refresh()
        if not self._reader.knows(division):
            self._read_at = 0.0  # it may have been loaded a moment ago
            self._refresh()
        return self._reader.knows(division)

    def with_both(self, handler: Callable[..., Any]) -> Callable[..., Any]:
        """A handler that seals what was said and asks who stands above whom."""
        return lambda unit, row, body, actor: handler(
            unit, row, body, actor, self.vault, self.directory.get()
        )

    def check_kept(self, actor: Actor, id: str) -> None:
        """An office of the directory, for those who keep it.

        Raises Problem 404 for an office that is not in it, 403 for anybody else.
        """
        if id not in self.directory.get():
            raise not_found("此单位", "such office")
        self.check_keeper(actor)

    def subscriptions(self) -> dict[str, Handler]:
        """The subscriptions, with the rule that names the office bound into the one that needs it."""

        def on_registered(unit: Unit, event: Event) -> None:
            handlers.on_registered(unit, event, self.competence())

        return {**SUBSCRIPTIONS, "petition.registered": on_registered}

    def file(self, kind: str, format_: str) -> Response:
        """The directory or the rules as a file."""
        self.forget()
        if kind == "rules":
            content = sheets.rules_file(self.rulebook().rules, format_)
        else:
            content = sheets.offices_file(self.directory.get(), format_)
        name = f"{kind}.{format_}"
        return attachment(content, name, sheet.TYPES[format_], name)

    def rulebook(self) -> Rulebook:
        """The newest rules."""
        with self.database.reading() as connection:
            return rulebook.current(connection)

    def rules(self, actor: Actor) -> dict[str, Any]:
        """The page of rules."""
        with self.database.reading() as connection:
            counts = rulebook.tallies(connection, self.reach(actor), clock.now() - TALLIED)
            found = rulebook.current(connection)
        return rulebook.shown(found, self.directory.get(), counts)

    def forget(self) -> None:
        """What is kept in memory is read anew: it was changed."""
        self._read_at = 0.0
        self.directory.invalidate()

    @property
    def _names(self) -> list[str]:
        return [division.name for division in self._divisions]

    def end_alias(self, request: Any, body: dict[str, Any]) -> dict[str, Any]:
        """停用 a local name, with its audit row. Raises Problem 404 for one that is not kept."""
        self.check_keeper(request.actor)
        with self.database.unit(self.model) as unit:
            if not aliases.end(unit, body["number"], body["name"]):
                raise not_found("此本地别名", "such local name")
            unit.audit(audit_row(unit, request, body["number"]))
        return {"taken": 1}

    def _refresh(self) -> None:
        if self._read_at and time.monotonic() - self._read_at < REFRESH:
            return
        with self.database.connection() as connection:
            found = divisions(connection)
            self._parents = parents(connection)
            self._rules = rulebook.current(connection)
        if found != self._divisions:
            self._reader, self._divisions = reader(found, self.settings.state), found
        self._read_at = time.monotonic()


def build(settings: Settings) -> Routing:
    """The app of one routing process."""
    return Routing.build(settings, MODEL)
