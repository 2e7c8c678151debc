"""A row of a register as the commands that it asks for, or everything that is wrong with it.

Every command's body is checked by the schema and the rules of the service that will get it, before the
first one is sent: a row that must be refused is refused whole.
"""

from __future__ import annotations

import warnings
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date, datetime, time
from hashlib import sha256
from typing import Any
from zoneinfo import ZoneInfo

import orjson
from marshmallow import Schema, ValidationError

from intake.domain import registration
from kit import problems
from tool.importing import words
from tool.importing.columns import BY_FIELD
from tool.importing.directory import Directory
from tool.importing.reading import Row
from tool.importing.words import Moment, Unfit

with warnings.catch_warnings():
    # they come with kit.http, and that with eventlet's advice against itself
    warnings.simplefilter("ignore")
    import intake.schemas
    import routing.schemas
    import supervision.schemas

EXAMPLE = "示例(请删除此行)"
"""The own number of the template's example, which is never imported."""
TITLE = 60
STEPS = ("assigned", "signed", "accepted", "answered", "served", "closed")
"""The dated steps of a register, each of which needs the one before it."""
PERSON = ("id_number", "phone", "address")


@dataclass(frozen=True)
class Refusal:
    """Why a row was not taken, or not further. `reason` quotes no personal data."""

    step: str
    column: str
    reason: str


@dataclass(frozen=True)
class Step:
    """One command: to which service, at which path, with which body.

    Args:
        name: in Chinese, for reports.
        key: in the Idempotency-Key.
        column: which column a refusal of the whole is about.
    """

    name: str
    key: str
    service: str
    path: str
    body: bytes
    column: str


@dataclass(frozen=True)
class Plan:
    """All commands of one row, in order, and what makes the row the same on the next run."""

    row: int
    source_ref: str | None
    key: str
    steps: tuple[Step, ...]
    office: str | None
    division: str | None


@dataclass(frozen=True)
class Outcome:
    """What became of a row.

    Args:
        source_ref: the register's own number, as it stands there.
        number: the petition's number in this system, once it is registered.
        refusals: why it was not taken, or not further; none: it is in.
    """

    row: int
    source_ref: str | None
    number: str | None = None
    refusals: tuple[Refusal, ...] = ()


class Refused(Exception):
    """The row cannot be taken; all reasons that were found."""

    def __init__(self, refusals: list[Refusal]) -> None:
        super().__init__(f"{len(refusals)} reasons")
        self.refusals = refusals


@dataclass(frozen=True)
class Planner:
    """Plans the rows of one register.

    Args:
        office: whose register it is; registers there.
        register: tells two registers of one office apart, where their numbers repeat.
    """

    directory: Directory
    office: str
    register: str
    zone: ZoneInfo
    now: datetime

    def plan(self, row: Row) -> Plan:
        """The commands of a row. Raises Refused with every reason."""
        values = _Reader(row.cells, self.directory).read()
        times = _Times(values, self.zone, self.now)
        body = _registration(values, times)
        steps = [_step("登记", "register", "intake", "/petitions", body, "received")]
        steps += _later(values, times)
        _check(body, steps, self.now, self.zone)
        return Plan(
            row.number,
            values["source_ref"],
            self._key(values["source_ref"], body),
            tuple(steps),
            values["office"],
            values["division"],
        )

    def _key(self, source_ref: str | None, body: Mapping[str, Any]) -> str:
        """The row's own number is what makes it the same; else what was registered (not what came
        later, so that a register may go on growing)."""
        own = source_ref or orjson.dumps(
            {k: v for k, v in body.items() if k not in ("division", "category")},
            option=orjson.OPT_SORT_KEYS,
        )
        parts = [self.office, self.register, own if isinstance(own, str) else own.decode()]
        return sha256("\x1f".join(parts).encode()).hexdigest()[:40]


# -- cells -----------------------------------------------------------------------------------------


class _Reader:
    """Cells as values; gathers what is unfit."""

    def __init__(self, cells: Mapping[str, Any], directory: Directory) -> None:
        self.cells, self.directory = cells, directory
        self.refusals: list[Refusal] = []

    def read(self) -> dict[str, Any]:
        """Every field; None where the cell is empty. Raises Refused."""
        found = {field: self._value(field) for field in BY_FIELD}
        if self.refusals:
            raise Refused(self.refusals)
        return found

    def _value(self, field: str) -> Any:
        cell = self.cells.get(field)
        if cell is None:
            return None
        try:
            return self._read(field, cell)
        except Unfit as error:
            self.refusals.append(Refusal("核对", BY_FIELD[field].name, str(error)))
            return None

    def _read(self, field: str, cell: Any) -> Any:
        if field in words.VOCABULARY:
            return words.coded(field, cell)
        if field in ("received", "registered", *STEPS):
            return words.moment(cell)
        if field in ("division", "office", "category"):
            return getattr(self.directory, field)(cell)
        if field in ("head_count", "household_count"):
            return words.count(cell)
        if field == "name":
            return words.names(cell)
        if field in ("id_number", "phone"):
            return words.compact(cell).upper() or None
        return words.text(cell)


class _Times:
    """The instants of a row's steps. A day without a time is its beginning, or the step before on the
    same day. Raises Refused where a step is missing, before the one before it, or in the future."""

    def __init__(self, values: Mapping[str, Any], zone: ZoneInfo, now: datetime) -> None:
        self.zone = zone
        received, registered = values["received"], values["registered"]
        if received is None and registered is None:
            raise _refused("received", "此项必填。")
        self.received_on: date = (received or registered).day
        self.at: dict[str, datetime] = {}
        before = "registered"
        self.at[before] = self._instant(registered or Moment(self.received_on, None), None)
        for name in STEPS:
            if values[name] is not None:
                if before not in self.at:
                    raise _refused(before, f"有「{BY_FIELD[name].name}」,此项不能缺。")
                self.at[name] = self._instant(values[name], self.at[before])
                if self.at[name] < self.at[before]:
                    raise _refused(name, f"早于「{BY_FIELD[before].name}」。")
            before = name
        for name, at in self.at.items():
            if at > now:
                raise _refused(name, "日期不能晚于现在。")

    def _instant(self, moment: Moment, before: datetime | None) -> datetime:
        at = datetime.combine(moment.day, moment.time or time.min, self.zone)
        if moment.time is None and before is not None and before.date() == moment.day:
            return max(at, before)
        return at

    def iso(self, name: str) -> str:
        return self.at[name].isoformat()


def _refused(field: str, reason: str) -> Refused:
    return Refused([Refusal("核对", BY_FIELD[field].name, reason)])


# -- bodies ----------------------------------------------------------------------------------------


def _registration(values: Mapping[str, Any], times: _Times) -> dict[str, Any]:
    title, text = values["title"], values["text"]
    if text is None:
        title, text = None, title
    elif title and len(title) > TITLE:
        title, text = None, f"{title}\n\n{text}"
    anonymous, people = _people(values)
    return {
        "channel": values["channel"],
        "type": values["type"],
        "category": values["category"],
        "title": title,
        "text": text,
        "received_on": times.received_on.isoformat(),
        # with an office the register says where it belongs, step by step; without, the rule decides
        "division": None if values["office"] else values["division"],
        "head_count": values["head_count"] or max(1, len(people)),
        "household_count": values["household_count"],
        "anonymous": anonymous,
        "people": people,
        "complained_about": values["complained_about"],
        "source_ref": values["source_ref"],
        "registered_at": times.iso("registered"),
    }


def _people(values: Mapping[str, Any]) -> tuple[bool, list[dict[str, Any]]]:
    """Whether the petition is anonymous, and the persons named. The first is the petitioner."""
    named = [name for name in values["name"] or () if name not in words.NAMELESS]
    nameless = bool(values["name"]) and not named
    people = [
        {"role": "representative" if n else "petitioner", "name": name}
        for n, name in enumerate(named)
    ]
    details = {field: values[field] for field in PERSON if values[field] is not None}
    if values["id_kind"] and values["id_number"]:
        details["id_kind"] = values["id_kind"]
    if people:
        people[0] |= details
    elif details:
        raise _refused("name", "有证件、电话或住址而无姓名;匿名件不登记信访人。")
    return bool(values["anonymous"]) or nameless, people


def _later(values: Mapping[str, Any], times: _Times) -> Iterator[Step]:
    """The steps after the registration, as far as the row's dates say."""
    if "assigned" not in times.at:
        if values["office"]:
            raise _refused("assigned", "有「承办单位」,此项不能缺。")
        return
    if not values["office"]:
        raise _refused("office", "有「交办时间」,此项不能缺。")
    for name, key, service, path, column, fields in _LATER:
        if column not in times.at and key != "location":
            return
        if key == "location":
            if values["division"] is None:
                continue
            body = {"division": values["division"], "at": times.iso("registered")}
        else:
            body = {"at": times.iso(column)} | {f: values[s] for f, s in fields.items()}
        if key == "assignment":
            body["method"] = body["method"] or "transfer"
        if key == "service":
            body["served_on"] = values["served"].day.isoformat()
        yield _step(name, key, service, path, body, column)


_ROUTED, _CASE = "/petitions/{number}", "/cases/{number}"
_LATER: tuple[tuple[str, str, str, str, str, dict[str, str]], ...] = (
    ("定属地", "location", "routing", f"{_ROUTED}/location", "division", {}),
    ("交办", "assignment", "routing", f"{_ROUTED}/assignment", "assigned",
     {"office": "office", "method": "method"}),
    ("签收", "signature", "routing", f"{_ROUTED}/signature", "signed", {}),
    ("受理", "acceptance", "supervision", f"{_CASE}/acceptance", "accepted", {}),
    ("答复", "answer", "supervision", f"{_CASE}/answer", "answered",
     {"outcome": "outcome", "opinion": "opinion"}),
    ("送达", "service", "supervision", f"{_CASE}/service", "served",
     {"method": "service_method"}),
    ("办结", "closure", "supervision", f"{_CASE}/closure", "closed", {}),
)  # fmt: skip


def _step(name: str, key: str, service: str, path: str, body: dict[str, Any], field: str) -> Step:
    # the same row gives the same bytes on every run: that is how a changed one is noticed
    data = orjson.dumps(body, option=orjson.OPT_SORT_KEYS)
    return Step(name, key, service, path, data, BY_FIELD[field].name)


# -- the services' own rules -----------------------------------------------------------------------

_SCHEMAS: dict[str, Schema] = {
    "register": intake.schemas.RegisterIn(),
    "location": routing.schemas.PlaceIn(),
    "assignment": routing.schemas.AssignIn(),
    "signature": routing.schemas.StepIn(),
    "acceptance": supervision.schemas.StepIn(),
    "answer": supervision.schemas.AnswerIn(),
    "service": supervision.schemas.ServeIn(),
    "closure": supervision.schemas.StepIn(),
}
_OF_BODY = {
    "received_on": "received",
    "registered_at": "registered",
    "people": "name",
    "served_on": "served",
    "comment": "opinion",
}
_BY_STEP = {"service": {"method": "service_method"}}


def column_of(step: str, path: str) -> str | None:
    """The column's name for a field that a service names (`people.0.phone`); None: no column."""
    parts = [part for part in path.split(".") if not part.isdigit()]
    if not parts:
        return None
    field = parts[-1]
    field = _BY_STEP.get(step, {}).get(field, _OF_BODY.get(field, field))
    return BY_FIELD[field].name if field in BY_FIELD else None


def _check(body: Mapping[str, Any], steps: list[Step], now: datetime, zone: ZoneInfo) -> None:
    refusals = [refusal for step in steps for refusal in _invalid(step)]
    if not refusals:
        try:
            registration.check_registration(
                channel=body["channel"],
                received_on=date.fromisoformat(body["received_on"]),
                today=now.astimezone(zone).date(),
                anonymous=body["anonymous"],
                people=[person["role"] for person in body["people"]],
                head_count=body["head_count"],
                by_public=False,
            )
            registration.check_households(
                body["channel"], body["household_count"], body["head_count"]
            )
        except registration.Refused as error:
            column = column_of("register", error.field or "")
            refusals.append(Refusal("登记", column or "", error.zh))
    if refusals:
        raise Refused(refusals)


def _invalid(step: Step) -> Iterator[Refusal]:
    try:
        _SCHEMAS[step.key].load(orjson.loads(step.body))
    except ValidationError as error:
        for found in problems.from_error(error).errors:
            yield Refusal(step.name, column_of(step.key, found.field) or step.column, found.detail)
