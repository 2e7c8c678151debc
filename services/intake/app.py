"""Intake's parts beyond what every service has."""

from __future__ import annotations

import secrets
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from intake import codes, contents, handlers, receptions
from intake.domain import bodies
from intake.domain.registration import Refused, is_sealed, number, taken
from intake.jobs import SCAN
from intake.settings import Rules
from intake.store import (
    MODEL,
    VISIBLE,
    VISIBLE_RECEPTION,
    Attachment,
    Petition,
    Reception,
    take_numbers,
)
from kit import clock
from kit.app import App
from kit.commands import Commands, GroupCommit
from kit.config import Settings
from kit.db import Unavailable
from kit.identity import Actor
from kit.jobs import enqueue
from kit.metrics import counter
from kit.unit import Unit
from sorting.suggesting import Suggestion

SUGGESTIONS = counter(
    "petition_category_suggestions_total",
    "Categories chosen at the counter, by which suggestion they are (1, 2, 3), other, or none made",
    ("taken",),
)


@dataclass
class Intake(App):
    """The register's process."""

    def __post_init__(self) -> None:
        self.rules = Rules.from_env()
        self.codes = codes.Codes(self.database)
        self.commands_on_petition: Commands = self.commands(Petition, VISIBLE)
        self.commands_on_reception: Commands = self.commands(Reception, VISIBLE_RECEPTION)
        self.plans = GroupCommit(self.database, self.model, self.vault, self.plan_many)
        self.registrations = GroupCommit(self.database, self.model, self.vault, self.register_many)

    def check(self, body: dict[str, Any], actor: Actor) -> None:
        """Refuses a registration before it joins a group; fills in the registering office."""
        handlers.check(body, actor, clock.now())
        self.check_offices(body["accused"], "accused")
        self.check_codes(body)
        body["office"] = actor.office or self._root()

    def check_session(self, body: dict[str, Any], actor: Actor) -> None:
        """Refuses a session before it joins a group; fills in the office that holds it."""
        receptions.check(body, clock.local_date(clock.now(), self.settings.tz), host=True)
        self.check_offices(body["offices"], "offices")
        body["host"] = actor.office or self._root()

    def check_offices(self, offices: Sequence[str], field: str) -> None:
        """Refuses an office that the directory does not have."""
        directory = self.directory.get()
        if any(office not in directory for office in offices):
            raise Refused("office-unknown", "单位目录中没有该单位。", "No such office in the directory.",
                          field)  # fmt: skip

    def check_codes(self, body: dict[str, Any]) -> None:
        """Refuses a place or a category that the site does not have."""
        if self.codes.refuses(codes.DIVISION, body["division"]):
            raise Refused("division-unknown", "区划资料中没有该区划。", "No such division in this site.",
                          "division")  # fmt: skip
        if self.codes.refuses(codes.CATEGORY, body["category"]):
            raise Refused("category-unknown", "没有这一内容分类。", "No such category in this site.",
                          "category")  # fmt: skip
        day = clock.local_date(body["registered_at"] or clock.now(), self.settings.tz)
        if self.codes.ended(codes.CATEGORY, body["category"], day):
            raise Refused("category-ended", "这一内容分类已停用或者尚未启用,请另选。",
                          "This category does not hold on that day; choose another.",
                          "category")  # fmt: skip

    def suggestions(self, text: str) -> list[Suggestion]:
        """The categories that a text seems to be about (建议分类); a person decides."""
        return self.codes.suggest(text, clock.local_date(clock.now(), self.settings.tz))

    def count_suggestion(self, body: dict[str, Any], actor: Actor) -> None:
        """Counts whether what an officer chose had been suggested for the text as it was registered.

        An import is nobody's choice, no choice is none either, and sealed texts are not read (Art. 30). A
        registration that is sent again was counted.
        """
        chosen = body.get("fresh") and actor.kind == "officer" and body["category"]
        if chosen and not is_sealed(body["type"]):
            found = [suggestion.category for suggestion in self.suggestions(body["text"])]
            SUGGESTIONS.labels(taken(found, body["category"])).inc()

    def plan_many(
        self, unit: Unit, members: Sequence[tuple[dict[str, Any], Actor]]
    ) -> list[dict[str, Any]]:
        """Plans a group of sessions (kit.commands.GroupCommit)."""
        return [
            receptions.plan(
                unit, receptions.number(body["day"], secrets.token_hex(3)), body, body["host"]
            )
            for body, _ in members
        ]

    def at_session(self, handler: Callable[..., Any], session: Reception) -> Callable[..., Any]:
        """A handler about a petition at a session."""
        return lambda unit, row, body, actor: handler(unit, row, body, actor, session, self.vault)

    def _about(self, body: dict[str, Any]) -> bodies.About:
        """The body complained about, by the directory as it is now."""
        directory = self.directory.get()
        root, at = directory.root(), clock.now()
        site = root.name.removesuffix("信访局") if root else ""
        present = (office for office in directory if not office.ended(at))
        return bodies.meant(body["complained_about"], present, site)

    def _root(self) -> str:
        root = self.directory.get().root()
        if root is None:
            raise Unavailable("the directory of offices has not arrived yet")
        return root.id

    def register_many(
        self, unit: Unit, members: Sequence[tuple[dict[str, Any], Actor]]
    ) -> list[dict[str, Any]]:
        """Numbers and registers a group (kit.commands.GroupCommit); marks them as registered just now."""
        for body, _ in members:
            body["fresh"] = True
        times = [body["registered_at"] or unit.now for body, _ in members]
        days = [clock.local_date(at) for at in times]
        numbers = {day: iter(take_numbers(unit, day, days.count(day))) for day in sorted(set(days))}
        return [
            handlers.register(
                unit,
                number(self.settings.site, day, next(numbers[day])),
                body,
                body["office"],
                self.vault,
                at,
                self.rules.thresholds,
                self._about(body),
            )
            for (body, _), day, at in zip(members, days, times, strict=True)
        ]

    def attach(self) -> Callable[..., dict[str, Any]]:
        """The handler that adds a file: its row and event, its content, and the scan that it waits for."""

        def attached(
            unit: Unit, row: Petition, body: dict[str, Any], actor: Actor
        ) -> dict[str, Any]:
            limits, scanned = self.rules.limits, bool(self.rules.scanner)
            answer = handlers.attach(unit, row, body, actor, self.vault, limits, scanned)
            contents.keep(unit, body["digest"], body["data"], self.vault)
            if scanned:
                enqueue(unit, SCAN, {"ordinal": answer["ordinal"]}, row.number)
            return answer

        return attached

    def content(self, file: Attachment) -> Iterator[bytes]:
        """A file's content, read while it is sent. No connection is held meanwhile: a client may be slow."""
        for ordinal in contents.pieces(file.size):
            with self.database.reading() as connection:
                part = contents.opened(connection, file.digest, ordinal, self.vault)
            yield part


def build(settings: Settings) -> Intake:
    """The app of one intake process."""
    return Intake.build(settings, MODEL)
