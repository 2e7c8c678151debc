"""Four services in memory, joined by their events: the whole procedure without a socket."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta
from typing import Any

import intake.handlers
import intake.store
import routing.handlers
import routing.queries
import routing.store
import supervision.handlers
import supervision.offers
import supervision.store
from contracts.public import stamp
from intake.store import Petition
from kit.commands import unknown
from kit.identity import Actor, Office, Visible, reach
from kit.problems import Problem
from kit.unit import Unit, View
from routing.domain.remit import Refused as RoutingRefused
from routing.store import Matter, Objection
from stats.store import Fact, Transition
from supervision.domain.procedure import Refused
from supervision.store import (
    Case,
    Claim,
    Contribution,
    Document,
    Duty,
    Extension,
    FollowUp,
    Mediation,
    Order,
    Proceeding,
    Reply,
    UrgentMark,
    UrgentReport,
)
from tests.people import NUMBER, person, registration
from tool.history import History, Vaults

START = datetime(2026, 3, 2, 1, 15, tzinfo=UTC)
ROOT, TOWN, LABOUR, BRANCH = "330282-xfj", "330282104000", "330282-rsj", "330282-rsj-jc"


def _office(id_: str, parent: str | None, kind: str) -> Office:
    return Office(id_, id_, id_, parent, "330282000000", "county", kind)


OFFICES = (
    _office(ROOT, None, "petition_office"),
    _office(TOWN, ROOT, "town"),
    _office(LABOUR, ROOT, "department"),
    _office(BRANCH, LABOUR, "department"),
)
Refusals = (Refused, RoutingRefused, intake.handlers.registration.Refused, Problem)


def officer(office: str | None, *roles: str) -> Actor:
    """An officer with these roles, all of an office's if none is named."""
    return Actor("officer", f"o-{office}", office, frozenset(roles or ("clerk", "head", "triage")))


PETITIONER = Actor("petitioner", NUMBER, None, frozenset(), NUMBER)


class Site(History):
    """One petition's life under the tester's hand. `at` is the time; it only moves on."""

    def __init__(self) -> None:
        key = bytes(range(32))
        vaults = Vaults.of(key)
        super().__init__(vaults, OFFICES, datetime.max.replace(tzinfo=UTC), "330282")
        self.at = START

    def register(self, **changes: Any) -> None:
        """The petition comes in; no rule locates it."""
        body = registration(
            **{"people": [person()], "received_on": self.today, "text": "没有写地名。"} | changes
        )
        intake.handlers.check(body, officer(ROOT), self.at)
        self._do(
            "intake",
            self.at,
            lambda u: intake.handlers.register(u, NUMBER, body, ROOT, self.vaults.intake, self.at),
        )
        self._settle()
        self.matter.locating = False

    @property
    def today(self) -> date:
        """The office's day."""
        return (self.at + timedelta(hours=8)).date()

    def wait(self, days: float) -> None:
        """Time passes; what falls due is told."""
        self.at += timedelta(days=days)
        self._due(NUMBER, self.at)
        self._settle()

    # -- commands --------------------------------------------------------------------------------

    def do(self, name: str, by: str | None, /, **body: Any) -> dict[str, Any]:
        """One command by an officer of an office, heard by everybody afterwards.

        Errors: whatever the command refuses; then nothing has changed.
        """
        self._due(NUMBER, self.at)
        actor = PETITIONER if by is None else officer(by)
        answer: dict[str, Any] = {}

        def work(unit: Unit) -> None:
            unit.open([NUMBER])
            self._check_scope(name, unit, actor)
            answer.update(_COMMANDS[name](self, unit, body, actor) or {})

        self._do(_SERVICE[name], self.at, work)
        self._settle()
        self.at += timedelta(minutes=5)
        self._due(NUMBER, self.at)
        self._settle()
        return answer

    def _check_scope(self, name: str, unit: Unit, actor: Actor) -> None:
        """As kit.commands does before any handler."""
        row, visible = _ROWS[_SERVICE[name]]
        found: Any = unit.get(row, NUMBER)
        if not visible.admits(reach(actor, self.directory), found):
            raise unknown(NUMBER)

    # -- what is known ---------------------------------------------------------------------------

    @property
    def case(self) -> Case:
        found: Case = self.stores["supervision"].rows[Case][(NUMBER,)]
        return found

    @property
    def matter(self) -> Matter:
        found: Matter = self.stores["routing"].rows[Matter][(NUMBER,)]
        return found

    @property
    def objections(self) -> list[Objection]:
        return list(self.stores["routing"].rows[Objection].values())

    @property
    def petition(self) -> Petition:
        found: Petition = self.stores["intake"].rows[Petition][(NUMBER,)]
        return found

    @property
    def duties(self) -> list[Duty]:
        return list(self.stores["supervision"].rows[Duty].values())

    @property
    def orders(self) -> list[Order]:
        return list(self.stores["supervision"].rows[Order].values())

    @property
    def replies(self) -> list[Reply]:
        return list(self.stores["supervision"].rows[Reply].values())

    @property
    def mediations(self) -> list[Mediation]:
        return list(self.stores["supervision"].rows[Mediation].values())

    @property
    def follow_ups(self) -> list[FollowUp]:
        return list(self.stores["supervision"].rows[FollowUp].values())

    @property
    def urgent_marks(self) -> list[UrgentMark]:
        return list(self.stores["supervision"].rows[UrgentMark].values())

    @property
    def urgent_reports(self) -> list[UrgentReport]:
        return list(self.stores["supervision"].rows[UrgentReport].values())

    @property
    def claims(self) -> list[Claim]:
        return list(self.stores["supervision"].rows[Claim].values())

    @property
    def served_on(self) -> date | None:
        """The day on which the newest opinion was served."""
        rows = self.stores["supervision"].rows[Proceeding].values()
        return max((row.served_on for row in rows if row.served_on), default=None)

    @property
    def fact(self) -> Fact:
        found: Fact = self.stores["stats"].rows[Fact][(NUMBER,)]
        return found

    @property
    def steps(self) -> list[Transition]:
        """The steps that statistics keep of it."""
        return list(self.stores["stats"].rows[Transition].values())

    @property
    def papers(self) -> list[Document]:
        return list(self.stores["supervision"].rows[Document].values())

    def crossings(self) -> list[tuple[str, str, str]]:
        """Every light that was told: type, kind of duty, and the moment it happened."""
        told = (entry.event for entry in self.stores["supervision"].log)
        return [(e.type, e.data["duty"], e.data["at"]) for e in told if e.type.startswith("duty.")]

    def owed(self) -> dict[str, str]:
        """Kinds of duty that are open, and who owes them."""
        return {d.kind: d.office for d in self.duties if d.state == "open"}

    def due(self, kind: str) -> str | None:
        """The due date of the newest duty of a kind."""
        found = [d for d in self.duties if d.kind == kind]
        due = max(found, key=lambda d: d.round).due_at
        return stamp(due) if due else None

    def offered(self) -> list[dict[str, Any]]:
        """What the two services say that can be done now."""
        rows = self.stores["supervision"].rows
        kinds = (
            Duty, Claim, Proceeding, Extension, Contribution, Order, Reply, Mediation, FollowUp, UrgentReport,
        )  # fmt: skip
        view = View(None, {kind: list(rows[kind].values()) for kind in kinds})  # type: ignore[arg-type]
        return [
            *routing.queries.next_steps(self.matter, self.objections),
            *supervision.offers.next_steps(self.case, view, self.directory),
        ]

    def events(self, *types: str) -> list[str]:
        """Types of everything that was told, in each service's order; only these types if named."""
        told = [e.event.type for s in self.stores.values() for e in s.log]
        return [t for t in told if not types or t in types]

    def snapshot(self) -> str:
        """All rows of all services, to see that nothing changed."""
        return repr(
            {
                name: {
                    row.__name__: rows
                    for row, rows in store.rows.items()
                    if rows and row is not Objection
                }
                for name, store in self.stores.items()
            }
        )


Command = Callable[[Site, Unit, dict[str, Any], Actor], dict[str, Any] | None]


def _supervision(name: str) -> Command:
    handler = getattr(supervision.handlers, name)

    def run(site: Site, unit: Unit, body: dict[str, Any], actor: Actor) -> dict[str, Any]:
        found: dict[str, Any] = handler(unit, unit.get(Case, NUMBER), body, actor, site.means)
        return found

    return run


def _assign(site: Site, unit: Unit, body: dict[str, Any], actor: Actor) -> dict[str, Any]:
    matter = unit.get(Matter, NUMBER)
    assert matter is not None
    body = {"method": "transfer"} | body
    return routing.handlers.assign(unit, matter, body, actor, site.directory)


def _sign(site: Site, unit: Unit, body: dict[str, Any], actor: Actor) -> dict[str, Any]:
    matter = unit.get(Matter, NUMBER)
    assert matter is not None
    return routing.handlers.sign(unit, matter, body, actor)


def _routing(name: str, *more: str) -> Command:
    """A handler of routing that is given the vault, the directory, or both."""
    handler = getattr(routing.handlers, name)

    def run(site: Site, unit: Unit, body: dict[str, Any], actor: Actor) -> dict[str, Any]:
        means = {"vault": site.vaults.routing, "directory": site.directory}
        given = [means[what] for what in more]
        found: dict[str, Any] = handler(unit, unit.get(Matter, NUMBER), body, actor, *given)
        return found

    return run


def _decide(name: str) -> Command:
    """A consultation or a decision, with what a form leaves out."""
    run = _routing(name, "vault", "directory")
    left = {"method": "transfer", "assisting": [], "office": None}
    return lambda site, unit, body, actor: run(site, unit, left | body, actor)


def _withdraw(site: Site, unit: Unit, body: dict[str, Any], actor: Actor) -> dict[str, Any]:
    row = unit.get(Petition, NUMBER)
    assert row is not None
    return intake.handlers.withdraw(unit, row, body, actor, site.vaults.intake)


_COMMANDS: dict[str, Command] = {
    "assign": _assign,
    "sign": _sign,
    "object": _routing("raise_objection", "vault"),
    "arbitrate": _routing("decide_objection", "vault", "directory"),
    "decline": _routing("decline", "vault"),
    "consult": _decide("consult"),
    "designate": _decide("designate"),
    "convene": _decide("convene"),
    "name_successor": _routing("name_successor", "vault", "directory"),
    "recuse": _routing("recuse", "directory"),
    "withdraw": _withdraw,
    **{
        name: _supervision(name)
        for name in (
            "accept", "assist", "ask_extension", "decide_extension", "answer", "serve", "notify", "close",
            "reopen", "mark_urgent", "report_urgent", "resolve", "seek_review", "decide_review", "serve_review", "open_hearing",
            "close_hearing", "mediate", "follow_up", "issue", "reply", "judge", "lift",
            "give_paper", "void_paper",
        )
    },
}  # fmt: skip
_SERVICE = dict.fromkeys(_COMMANDS, "supervision") | {
    **dict.fromkeys(
        (
            "assign",
            "sign",
            "object",
            "arbitrate",
            "decline",
            "consult",
            "designate",
            "convene",
            "name_successor",
            "recuse",
        ),
        "routing",
    ),
    "withdraw": "intake",
}
COMMANDS = tuple(_COMMANDS)
_ROWS: dict[str, tuple[type[Any], Visible]] = {
    "intake": (Petition, intake.store.VISIBLE),
    "routing": (Matter, routing.store.VISIBLE),
    "supervision": (Case, supervision.store.VISIBLE),
}
