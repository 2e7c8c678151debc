"""Every command of intake, routing and supervision × every kind of bad input: refused by name in two
languages, and nothing changed.

The routes, their bodies and the fields of these are read from the services: a new command is in the
table from its first day. What belongs to one rule alone stands in the services' own tables.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import pytest
from marshmallow import Schema, fields, validate

from kit import clock
from kit.http.routes import Route
from kit.identity import Actor
from tests.county import LABOUR, TOWN, WAY, County, assert_problem, body
from tests.integration.kit.test_scope_matrix import TABLE, address, routes

COMMANDS: dict[str, Route] = {
    name: route
    for service in ("intake", "routing", "supervision")
    for name, route in routes(service).items()
    if route.command and route.body is not None
}
"""What takes fields; a file that is sent as it is has tests of its own (tests/integration/intake)."""
BY_PETITIONER = {"rating", "contest"}
"""Commands that only the petitioner has; all others are the command line's too."""
FUTURE = (clock.local_date(clock.now()) + timedelta(days=400)).isoformat()
HELPED = {"assisting": [{"office": LABOUR, "due_on": FUTURE}]}
FILLED: dict[str, dict[str, Any]] = {
    **dict.fromkeys(("assignment", "consultation", "designation", "joint-meeting"), HELPED),
    "acceptance": {"claims": [{"ordinal": 1, "branch": "31-6"}]},
    "answer": {"claims": [{"ordinal": 1, "outcome": "supported"}]},
    "petitions": body(claims=[{"type": "request"}]),
}
"""Bodies with an item in each of their lists."""


def word(name: str) -> str:
    """The last word of a command's path; a subject of its own stands before it (`reception/follow-up`)."""
    words = [part for part in name.split()[2].split("/")[1:] if not part.startswith("<")]
    return "/".join(words[1:]) if words[1:2] == ["reception"] else words[-1]


def good(name: str) -> dict[str, Any]:
    """A body that a command would take in its turn."""
    sent: dict[str, Any] = TABLE[name][0]
    return sent | FILLED.get(word(name), {})


def leaves(schema: Schema, path: str = "") -> Iterator[tuple[str, fields.Field[Any]]]:
    """Every field of a body, with its dotted path; of a list, the first item's."""
    for name, found in schema.load_fields.items():
        inner = found.inner if isinstance(found, fields.List) else None
        if isinstance(inner, fields.Nested):
            yield from leaves(inner.schema, f"{path}{name}.0.")
        elif inner is None:
            yield path + name, found


def changed(sent: dict[str, Any], path: str, value: Any) -> dict[str, Any]:
    """A body with one field set."""
    name, _, rest = path.partition(".")
    if not rest:
        return sent | {name: value}
    _, _, inner = rest.partition(".")
    return sent | {name: [changed(sent[name][0], inner, value)]}


FIELDS = [
    (name, path, found)
    for name, route in COMMANDS.items()
    if route.body is not None
    for path, found in leaves(route.body())
]
CODES = [
    (name, path) for name, path, found in FIELDS
    if any(isinstance(check, validate.OneOf) for check in found.validators)
]  # fmt: skip
DATES = [(name, path) for name, path, found in FIELDS if type(found) is fields.Date]


@pytest.fixture(scope="module")
def number(county: County) -> str:
    """A petition that has just been registered."""
    number = county.register()
    county.deliver()
    return number


@pytest.fixture(scope="module")
def ended(county: County) -> str:
    """One that has gone the whole way."""
    number = county.register()
    county.deliver()
    county.go(number, *WAY)
    return number


def send(county: County, name: str, number: str, sent: dict[str, Any]) -> Any:
    """A command by somebody who may."""
    service, _, url = name.split()
    actor = None
    if word(name) in BY_PETITIONER:
        actor = Actor("petitioner", number, petition=number)
    elif word(name) == "objection":
        actor = county.officer(TOWN, "clerk")  # the body alone objects
    return county.post(service, address(url, number), sent, actor)


def refused(
    county: County, name: str, number: str, sent: dict[str, Any], status: int, code: str,
    field: str | None = None,
) -> dict[str, Any]:  # fmt: skip
    """Sends it, and sees that nothing changed; gives the problem."""
    before = stands(county, number)
    result = send(county, name, number, sent)
    assert_problem(result, status, code, field)
    assert stands(county, number) == before, "nothing changed"
    return dict(result.json)


def stands(county: County, number: str) -> list[Any]:
    """How many rows every table holds, the event logs among them, and what is told of the petition."""
    assert any(name.endswith(".event_log") for name in county.counts())
    urls = (("intake", "petitions"), ("routing", "petitions"), ("supervision", "cases"))
    told = [county.get(service, f"/{what}/{number}").json for service, what in urls]
    return [{n: c for n, c in county.counts().items() if not n.endswith("audit_log")}, told]


# -- what no command takes -------------------------------------------------------------------------


def bad(name: str) -> Iterator[tuple[str, Any]]:
    """Fields that no body has, a due date and a status by hand among them; codes and dates that are none."""
    for field in ("colour", "answer_due", "due_at", "status"):
        yield field, FUTURE
    for command, path in CODES:
        if command == name:
            yield from ((path, value) for value in ("no-such-code", 7, ["visit"]))
    for command, path in DATES:
        if command == name:
            yield from ((path, value) for value in ("2026-02-30", "yesterday", 20260302))


def test_the_table_holds_every_command() -> None:
    assert len(COMMANDS) >= 28 and set(COMMANDS) <= set(TABLE)
    assert len(CODES) >= 15 and len(DATES) >= 8
    assert {word(name) for name, _ in DATES} >= {"service", "review", "petitions", "assignment"}


@pytest.mark.parametrize("name", COMMANDS)
def test_an_unknown_field_code_or_date_is_refused_by_name(
    county: County, number: str, name: str
) -> None:
    before = stands(county, number)
    for path, value in bad(name):
        result = send(county, name, number, changed(good(name), path, value))
        assert_problem(result, 422, "invalid", path)
    assert stands(county, number) == before, "nothing changed"


@pytest.mark.parametrize(
    "name", [n for n, r in COMMANDS.items() if r.body and "at" in r.body().fields]
)
def test_a_time_of_ones_own_is_the_command_lines_alone(
    county: County, ended: str, name: str
) -> None:
    """And not even it sets one ahead."""
    sent = good(name) | {"at": f"{FUTURE}T00:00:00Z"}
    before = stands(county, ended)
    assert send(county, name, ended, sent).status in (409, 422)
    assert stands(county, ended) == before


# -- what no command takes now ---------------------------------------------------------------------

LATE = {
    "location", "assignment", "signature", "objection", "arbitration", "refusal", "withdrawal",
    "acceptance", "assistance", "extension", "decision", "answer", "service", "notice", "closure",
    "urgent-report", "check", "opinion", "hearing", "end", "unlink", "contest", "mediation",
    "consultation", "designation", "joint-meeting", "succession", "papers",
}  # fmt: skip
"""Out of order where a petition is closed."""
EARLY = LATE - {"location", "assignment", "refusal", "withdrawal", "objection", "consultation"} | {
    "reopening", "review", "rating",
}  # fmt: skip
"""Out of order where it was registered and no more. (Nobody sees it yet who might object.)"""
NEVER = {
    "petitions", "supplement", "link", "reception", "reception/follow-up", "receptions", "recusal",
    "abolition", "orders", "reply", "verdict", "lifting", "affairs", "voiding", "templates", "follow-up",
    "limits", "calendar", "rules", "offices", "ending", "urgency",
}  # fmt: skip
"""Not a step in the order of a petition: demands, sessions and papers have states of their own, and what
holds for the whole site has none."""


def test_every_command_has_its_turn() -> None:
    assert {word(name) for name in COMMANDS} == LATE | EARLY | NEVER


@pytest.mark.parametrize("name", [n for n in COMMANDS if word(n) in EARLY])
def test_a_step_too_early(county: County, number: str, name: str) -> None:
    problem = refused(county, name, number, _turn(name), 409, "refused")
    assert problem["rule"], "the rule is named"


@pytest.mark.parametrize("name", [n for n in COMMANDS if word(n) in LATE])
def test_a_step_too_late(county: County, ended: str, name: str) -> None:
    problem = refused(county, name, ended, _turn(name), 409, "refused")
    assert problem["rule"], "the rule is named"


def _turn(name: str) -> dict[str, Any]:
    """A body with nothing wrong in it but its moment."""
    right = {"reopening": {"reason": "not_executed"}, "review": {"grounds": "x"}}
    return right.get(word(name), {}) or good(name)


# -- what the issue names --------------------------------------------------------------------------

A_DAY = {"method": "post", "served_on": FUTURE}
SIX = [{"role": "representative", "name": f"代表{n}"} for n in range(6)]
NOBODY = "330282-nobody"
# what, after which step, command, body, the field or the rule that is named
ISSUE: list[tuple[str, tuple[str, ...], str, dict[str, Any], str]] = [
    ("received in the future", (), "petitions", {"received_on": FUTURE}, "received_on"),
    ("postmarked in the future", (), "petitions",
     {"channel": "letter", "postmarked_on": FUTURE}, "postmarked_on"),
    ("six representatives", (), "petitions", {"people": SIX, "head_count": 7}, "people"),
    ("an accused body that is none", (), "petitions",
     {"type": "accusation", "accused": [NOBODY]}, "accused"),
    ("sent to a body that is none", WAY[:1], "assignment",
     {"office": NOBODY, "method": "transfer"}, "office"),
    ("helped by a body that is none", WAY[:1], "assignment",
     {"office": TOWN, "method": "transfer", "assisting": [{"office": NOBODY, "due_on": FUTURE}]},
     "assisting"),
    ("helped by yesterday", WAY[:1], "assignment",
     {"office": TOWN, "method": "transfer", "assisting": [{"office": LABOUR, "due_on": "2026-01-05"}]},
     "assisting"),
    ("reported on by yesterday", WAY[:1], "assignment",
     {"office": TOWN, "method": "assign", "report_due": "2026-01-05"}, "report_due"),
    ("a place that is none", (), "location", {"division": "330282999000"}, "division"),
    ("registered at a place that is none", (), "petitions", {"division": "330282999000"}, "division"),
    ("registered under a category that is none", (), "petitions", {"category": "c99"}, "category"),
    ("served in the future", WAY[:5], "service", A_DAY, "served_on"),
    ("a review asked for in the future", WAY[:6], "review",
     {"grounds": "x", "requested_on": FUTURE}, "requested_on"),
    ("a review by a body that is none", WAY[:6], "review", {"grounds": "x", "office": NOBODY},
     "office"),
    ("a review by whoever decided", WAY[:6], "review", {"grounds": "x", "office": TOWN}, "office"),
    ("an extension of 31 days", WAY[:4], "extension", {"days": 31, "reason": "x"}, "days"),
    ("a claim that is none", WAY[:3], "acceptance", {"claims": [{"ordinal": 9, "branch": "31-6"}]},
     "claims"),
    ("a repeat of itself", (), "link", {"repeat_of": "itself"}, "repeat_of"),
]  # fmt: skip


@pytest.mark.parametrize(
    ("what", "after", "step", "sent", "field"), ISSUE, ids=[row[0] for row in ISSUE]
)
def test_what_the_issue_names_is_refused_by_its_field(
    county: County, what: str, after: tuple[str, ...], step: str, sent: dict[str, Any], field: str
) -> None:
    number = county.register(text="本市某处路灯不亮。")
    county.deliver()
    county.locate()
    county.go(number, *after)
    (name,) = [
        name for name in COMMANDS if f"{name}#".endswith((f"<number>/{step}#", f" /{step}#"))
    ]
    if step == "petitions":
        sent = body(**sent)
    if sent.get("repeat_of"):
        sent = {"repeat_of": number}
    unknown = {"assignment": "office-unknown", "location": "division-unknown"}
    code = unknown.get(step, "refused") if "is none" in what else "refused"
    refused(county, name, number, sent, 422, code, field)
