"""The demo county 慈溪市: its divisions (区划), offices (机构) and categories (内容分类)."""

import csv
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import NamedTuple, Self

DATA = Path(__file__).with_name("data")
RULES = DATA / "rules.csv"
"""分流规则: of the demo county, as an office would write them."""
COUNTY = "330282000000"
COUNTY_NAME = "慈溪市"


@dataclass(frozen=True, slots=True)
class Division:
    """A division (区划) with its 12-digit statistical code.

    `statistical_only` marks rows that exist for statistics alone (zones, virtual communities):
    people may name them, but no government of their own stands behind them.
    """

    code: str
    name: str
    level: str
    statistical_only: bool

    @property
    def parent(self) -> str | None:
        """Code of the division above, read from the positions 2+2+2+3+3; none for a province."""
        for width in (9, 6, 4, 2):
            code = self.code[:width].ljust(12, "0")
            if code != self.code:
                return code
        return None

    @property
    def spoken(self) -> str:
        """The name as people write it: 天潭村 for 天潭村委会."""
        return self.name.removesuffix("委会") if self.name.endswith("村委会") else self.name


@dataclass(frozen=True, slots=True)
class Office:
    """An office (机构); `categories` are the top-level categories it is competent for, `body_levels` those of
    bodies complained about that it may answer for."""

    id: str
    name: str
    short_name: str
    parent: str | None
    division: str
    level: str
    kind: str
    categories: tuple[str, ...]
    body_levels: tuple[str, ...] = ()
    address: str | None = None
    phone: str | None = None
    hours: str | None = None


@dataclass(frozen=True, slots=True)
class Category:
    """A content category (内容分类); the id grows by two digits a level: c04, c0401, c040101."""

    id: str
    parent: str | None
    name: str
    source_code: str | None


class Spot(NamedTuple):
    """A place a petition can be about: a village or community, or a zone without any."""

    town: Division
    village: Division | None


@dataclass(frozen=True)
class Site:
    """One installation (站点): everything the demo knows about its county."""

    divisions: tuple[Division, ...]
    offices: tuple[Office, ...]
    categories: tuple[Category, ...]

    @classmethod
    def load(cls, folder: Path = DATA) -> Self:
        """Read `divisions.csv`, `offices.csv` and `categories.csv` from a folder."""
        return cls(
            divisions=tuple(
                Division(r["code"], r["name"], r["level"], r["statistical_only"] == "true")
                for r in read_rows(folder / "divisions.csv")
            ),
            offices=tuple(_office(r) for r in read_rows(folder / "offices.csv")),
            categories=tuple(
                Category(r["id"], r["parent"] or None, r["name"], r["source_code"] or None)
                for r in read_rows(folder / "categories.csv")
            ),
        )

    @cached_property
    def division(self) -> dict[str, Division]:
        """Divisions by code."""
        return {d.code: d for d in self.divisions}

    @cached_property
    def office(self) -> dict[str, Office]:
        """Offices by id."""
        return {o.id: o for o in self.offices}

    @cached_property
    def town_office(self) -> dict[str, str]:
        """Id of the town's own petition office (乡镇信访办) by the town's code."""
        return {o.division: o.id for o in self.offices if o.kind == "town"}

    def department(self, slug: str) -> str:
        """Id of a municipal office by its slug: 330282-rsj for rsj."""
        return f"{COUNTY[:6]}-{slug}"

    @cached_property
    def competent(self) -> dict[str, tuple[str, ...]]:
        """Ids of the competent municipal offices by top-level category, the first one leading."""
        found: dict[str, list[str]] = {}
        for office in self.offices:
            if office.kind != "town":
                for category in office.categories:
                    found.setdefault(category, []).append(office.id)
        return {category: tuple(ids) for category, ids in found.items()}

    @cached_property
    def spots(self) -> dict[str, tuple[Spot, ...]]:
        """Places petitions are about: `village` (农村), `community` (社区), or `any`."""
        villages: list[Spot] = []
        communities: list[Spot] = []
        zones: list[Spot] = []
        for division in self.divisions:
            if division.level == "village" and not division.statistical_only:
                spot = Spot(self.division[str(division.parent)], division)
                rural = division.name.endswith("村委会")
                (villages if rural else communities).append(spot)
            elif division.statistical_only and division.code in self.town_office:
                zones.append(Spot(division, None))
        every = (*villages, *communities, *zones)
        return {"village": tuple(villages), "community": tuple(communities), "any": every}


def read_rows(path: Path) -> Iterator[dict[str, str]]:
    """Rows of a UTF-8 CSV file with a header line."""
    with path.open(encoding="utf-8", newline="") as file:
        yield from csv.DictReader(file)


def _office(row: dict[str, str]) -> Office:
    return Office(
        id=row["id"],
        name=row["name"],
        short_name=row["short_name"],
        parent=row["parent"] or None,
        division=row["division"],
        level=row["level"],
        kind=row["kind"],
        categories=tuple(filter(None, row["categories"].split(";"))),
        body_levels=tuple(filter(None, row["body_levels"].split(";"))),
        address=row["address"] or None,
        phone=row["phone"] or None,
        hours=row["hours"] or None,
    )
