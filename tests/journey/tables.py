"""Year tables as they were printed, and the petitions that make them: nobody's, invented.

T1 is a district's year (domain.md 5.6): 来访 in batches, its parts in households. The year before it has 153 visits and
3 + 2 + 13 + 137 = 155 households, which the source took for a sum: two of its visits had two households. T2 is a
province's office: so many persons a visit that fewer than five cannot be what it called 个访.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

NOW, BEFORE = 2027, 2026


@dataclass(frozen=True)
class Line:
    """One line of a table, as printed. `before` None: unknown.

    Args:
        item: of the monthly return. what, where: of the figures API, where it can tell the line.
    """

    item: str
    name: str
    unit: str
    now: int
    change: str
    before: int | None
    what: str = ""
    where: str = ""


T1 = (
    Line("registered", "信访总量", "件次", 232, "+22.1%", 190, "registered"),
    Line("letter", "来信", "件次", 51, "+37.8%", 37, "registered", "channel:letter"),
    Line("visit", "来访", "批次", 181, "+18.3%", 153, "visit"),
    Line("visit_capital", "进京访", "户次", 7, "+133.3%", 3, "household", "level:nation"),
    Line("visit_province", "赴省访", "户次", 3, "+50%", 2, "household", "level:province"),
    Line("visit_city", "到市访", "户次", 13, "持平", 13, "household", "level:city"),
    Line("visit_here", "本级来访", "户次", 158, "+15.3%", 137, "household", "level:county"),
    Line("joint_city", "到市集体访", "批次", 8, "+60%", 5, "visit", "level:city,size:joint"),
    Line("joint_here", "本级集体访", "批次", 20, "+100%", 10, "visit", "level:county,size:joint"),
    Line("joint_above", "进京赴省集体访", "批次", 0, "—", None),
)  # fmt: skip
"""The district's year. What nobody knew of the year before stays blank, in the return alone: a count is no guess."""


@dataclass(frozen=True)
class Group:
    """So many alike: who registers them, and with what."""

    office: str
    count: int
    fields: dict[str, Any] = field(default_factory=dict)


HERE, CITY, PROVINCE, CAPITAL = "330282-xfj", "3302-xfj", "33-xfj", "00-xfj"
HIGHER = ((CITY, "city", "330200000000"), (PROVINCE, "province", "330000000000"), (CAPITAL, "nation", "000000000000"))  # fmt: skip
"""Offices above the county's: id, level, division."""
_LETTER, _JOINT = {"channel": "letter"}, {"head_count": 5}
_TWO = {"head_count": 2, "household_count": 2}
YEARS: dict[int, tuple[Group, ...]] = {
    BEFORE: (
        Group(HERE, 37, _LETTER), Group(HERE, 123), Group(HERE, 2, _TWO), Group(HERE, 10, _JOINT),
        Group(CITY, 8), Group(CITY, 5, _JOINT), Group(PROVINCE, 2), Group(CAPITAL, 3),
    ),
    NOW: (
        Group(HERE, 51, _LETTER), Group(HERE, 138), Group(HERE, 20, _JOINT),
        Group(CITY, 5), Group(CITY, 8, _JOINT), Group(PROVINCE, 3), Group(CAPITAL, 7),
    ),
}  # fmt: skip
"""Every registration of both years, which no table tells one by one."""


def registrations(groups: tuple[Group, ...]) -> list[tuple[str, dict[str, Any]]]:
    """Each of them: the office, and the fields of its body."""
    return [(group.office, group.fields) for group in groups for _ in range(group.count)]


@dataclass(frozen=True)
class Size:
    """批次 and 人次 of one size, and what comes of them: 4190 批 18995 人, 4.53 人/批."""

    size: str
    name: str
    visits: int
    persons: int
    average: str


@dataclass(frozen=True)
class Province:
    """A year of a province's office.

    Args:
        per_visit: 人/批 of all visits, which the source does not print.
        assigned: its "58 cases": what they were it does not say; of what is counted here, matters handed down with a
            report due (交办) come nearest.
    """

    sizes: tuple[Size, Size]
    per_visit: str
    assigned: int
    bulletins: int

    @property
    def lines(self) -> dict[str, str]:
        """The year as a report tells it, by line."""
        return {
            "visit": str(sum(size.visits for size in self.sizes)),
            "visit_heads": str(sum(size.persons for size in self.sizes)),
            "persons_per_visit": self.per_visit,
            **{f"visits_{size.size}": str(size.visits) for size in self.sizes},
            **{f"heads_{size.size}": str(size.persons) for size in self.sizes},
            **{f"average_{size.size}": size.average for size in self.sizes},
            "assigned": str(self.assigned), "bulletins": str(self.bulletins),
        }  # fmt: skip


T2 = Province(
    (Size("single", "个访", 4190, 18995, "4.53"), Size("joint", "集体访", 267, 10606, "39.7")),
    "6.64", 58, 56,
)  # fmt: skip
TENTH = Province(
    (Size("single", "个访", 419, 1899, "4.53"), Size("joint", "集体访", 27, 1072, "39.7")),
    "6.66", 6, 6,
)  # fmt: skip
"""A tenth of T2, with the averages that it prints."""
THRESHOLD = 10
"""Persons from which a visit is a joint one there: five cannot be, on average more than four came as 个访."""


def persons(visits: int, total: int, least: int, most: int) -> Iterator[int]:
    """How many came each time: from `least` to `most`, all in turn, and `total` in all."""
    counts = [least + n % (most - least + 1) for n in range(visits)]
    step = 1 if sum(counts) < total else -1
    n = 0
    while sum(counts) != total:
        if least <= counts[n % visits] + step <= most:
            counts[n % visits] += step
        n += 1
    yield from counts
