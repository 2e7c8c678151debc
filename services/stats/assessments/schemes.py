"""考核办法 as a table that an office keeps in a spreadsheet: the one we ship, and those that a site takes over."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from decimal import Decimal, InvalidOperation
from functools import cache
from pathlib import Path
from typing import Any, TypeVar

from psycopg2.extras import Json
from sqlalchemy import Connection, select

from kit import sheet
from kit.problems import Problem, not_found
from kit.sheet import Unreadable
from kit.unit import Unit
from stats.assessments.rows import scheme as table
from stats.domain import schemes as rules
from stats.domain.indicators import INDICATORS
from stats.domain.schemes import Criterion, Scheme
from stats.domain.scoring import told

COLUMNS = ("编号", "名称", "方式", "分值", "数据", "计分", "计分标准", "最少件数", "依据")
SETTING, MEASURED, JUDGED = "设置", "数据", "评议"
LINEAR, STEPS = "线性", "分档"
STANDARD = Path(__file__).with_name("standard.csv")
T = TypeVar("T")


@dataclass(frozen=True)
class Setting:
    """A line that holds of the whole scheme."""

    name: str
    value: Any


# -- read ------------------------------------------------------------------------------------------


def read(content: bytes) -> Scheme:
    """The scheme of a CSV or XLSX file. Raises Unreadable with every fault of every line, and of the whole."""
    found = sheet.read(
        content, COLUMNS, _line, lambda line: (_key(line), f"{_key(line)}与前面的行重复")
    )
    said = {line.name: line.value for line in found if isinstance(line, Setting)}
    if missing := [name for name in _SETTINGS if name not in said]:
        raise Unreadable([f"缺少设置:{'、'.join(missing)}"])
    criteria = tuple(line for line in found if isinstance(line, Criterion))
    made = Scheme(criteria=criteria, **{_SETTINGS[name][0]: value for name, value in said.items()})
    if faults := list(rules.scheme_faults(made)):
        raise Unreadable(faults)
    return made


def _key(line: Setting | Criterion) -> str:
    return f"设置{line.name}" if isinstance(line, Setting) else f"编号{line.id}"


def _line(cells: dict[str, str]) -> Setting | Criterion:
    if cells["方式"] == SETTING:
        return _setting(cells)
    if cells["方式"] not in (MEASURED, JUDGED):
        raise ValueError(f"方式「{cells['方式']}」须为「{MEASURED}」「{JUDGED}」或「{SETTING}」")
    made = _measured(cells) if cells["方式"] == MEASURED else _criterion(cells)
    if faults := list(rules.faults(made)):
        raise ValueError("\n".join(faults))
    return made


def _setting(cells: dict[str, str]) -> Setting:
    name = cells["编号"]
    if name not in _SETTINGS:
        raise ValueError(f"没有设置「{name}」,只有{'、'.join(_SETTINGS)}")
    return Setting(name, _SETTINGS[name][1](name, cells["名称"]))


def _criterion(cells: dict[str, str], **more: Any) -> Criterion:
    id_, name = _code("编号", cells["编号"]), _words("名称", cells["名称"])
    return Criterion(id_, name, _number("分值", cells["分值"]), cells["依据"][:200], **more)


def _measured(cells: dict[str, str]) -> Criterion:
    if cells["计分"] not in (LINEAR, STEPS):
        raise ValueError(f"计分「{cells['计分']}」须为「{LINEAR}」或「{STEPS}」")
    return _criterion(
        cells,
        indicator=_indicator(cells["数据"]),
        scale=_scale(cells["计分标准"]),
        steps=cells["计分"] == STEPS,
        least=_whole("最少件数", cells["最少件数"]),
    )


def _indicator(word: str) -> str:
    """By its id or its Chinese name; what is neither stands, and is refused by the rules."""
    named = [one.id for one in INDICATORS.values() if one.name == word]
    return named[0] if named else word


def _scale(text: str) -> tuple[tuple[Decimal, Decimal], ...]:
    """`100:10;80:0`: the figure and the points that it gets."""
    pairs = [pair.replace("：", ":").partition(":") for pair in _parts(text)]
    return tuple((_number("计分标准", at), _number("计分标准", points)) for at, _, points in pairs)


def _parts(text: str) -> list[str]:
    return [part.strip() for part in text.replace("；", ";").split(";") if part.strip()]


def _code(column: str, text: str) -> str:
    if not text.isascii() or not text.replace("-", "").isalnum() or len(text) > 40:
        raise ValueError(f"{column}「{text}」须为40个以内的字母、数字或连字符")
    return text


def _words(column: str, text: str) -> str:
    if not 1 <= len(text) <= 80:
        raise ValueError(f"{column}须为1至80字")
    return text


def _number(column: str, text: str) -> Decimal:
    try:
        number = Decimal(text)
    except InvalidOperation:
        raise ValueError(f"{column}「{text}」须为数字") from None
    if not number.is_finite() or abs(number) > 10**6 or number % Decimal("0.01"):
        raise ValueError(f"{column}「{text}」须为至多两位小数的数字")
    return number


def _whole(column: str, text: str) -> int:
    if not text.isascii() or not text.isdigit() or len(text) > 6:
        raise ValueError(f"{column}「{text}」须为整数")
    return int(text)


def _day(column: str, text: str) -> date:
    try:
        return date.fromisoformat(text)
    except ValueError:
        raise ValueError(f"{column}「{text}」须为 2027-01-01 的形式") from None


def _bands(column: str, text: str) -> tuple[int, ...]:
    return tuple(_whole(column, part) for part in _parts(text))


_SETTINGS: Mapping[str, tuple[str, Callable[[str, str], Any]]] = {
    "编号": ("id", _code),
    "名称": ("name", _words),
    "启用日期": ("valid_from", _day),
    "件数分组": ("bands", _bands),
    "允许差距": ("tolerance", _number),
    "申诉天数": ("appeal_days", _whole),
}
"""A setting's name → the field of a scheme, and how it is read."""


# -- written ---------------------------------------------------------------------------------------


def file(scheme: Scheme, format_: str) -> bytes:
    """A scheme as a file that can be read again."""
    return sheet.write(
        COLUMNS, [dict.fromkeys(COLUMNS, "") | row for row in _rows(scheme)], format_
    )


def _rows(scheme: Scheme) -> Iterator[dict[str, Any]]:
    for name, (field, _) in _SETTINGS.items():
        value = getattr(scheme, field)
        text = ";".join(map(str, value)) if isinstance(value, tuple) else str(value)
        yield {"编号": name, "名称": text, "方式": SETTING}
    for one in scheme.criteria:
        row = {"编号": one.id, "名称": one.name, "方式": JUDGED, "分值": told(one.weight), "依据": one.source}  # fmt: skip
        if one.indicator:
            row |= {
                "方式": MEASURED, "数据": one.indicator, "计分": STEPS if one.steps else LINEAR,
                "计分标准": ";".join(f"{told(at)}:{told(points)}" for at, points in one.scale),
                "最少件数": str(one.least),
            }  # fmt: skip
        yield row


# -- kept ------------------------------------------------------------------------------------------


@cache
def standard() -> Scheme:
    """The scheme that we ship: the six criteria of the summaries (F63), and the weights of a district's rulebook."""
    return read(STANDARD.read_bytes())


def every(connection: Connection) -> dict[str, Scheme]:
    """All that can be applied, ours among them, the newest first."""
    rows = connection.execute(select(table.c.content)).scalars()
    found = {one.id: one for one in (standard(), *map(rules.read, rows))}
    return dict(sorted(found.items(), key=lambda item: item[1].valid_from, reverse=True))


def one(connection: Connection, id: str) -> Scheme:
    """Raises Problem 404."""
    found = every(connection).get(id)
    if found is None:
        raise not_found("此考核办法", "such scheme")
    return found


def to_apply(connection: Connection, id: str) -> Scheme:
    """One for an assessment. Raises Problem 422, and Refused for one that scores what must not be scored."""
    found = every(connection).get(id)
    if found is None:
        raise Problem(422, "scheme-unknown", "没有此考核办法。", "No such scheme.", field="scheme")
    rules.check(found)
    return found


def take(unit: Unit, made: Scheme, source: str) -> int:
    """Takes a scheme over; one with its id is replaced, and what was opened under it keeps it as it was. Gives how
    many criteria it has."""
    unit.store.cursor.execute(  # type: ignore[attr-defined]
        f"INSERT INTO {table.fullname} (id, content, source, imported_at) VALUES (%s, %s, %s, %s)"
        " ON CONFLICT (id) DO UPDATE SET content = excluded.content, source = excluded.source,"
        " imported_at = excluded.imported_at",
        (made.id, Json(rules.data(made)), source[:200], unit.now),
    )
    return len(made.criteria)
