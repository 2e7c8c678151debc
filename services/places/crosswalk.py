"""Two lists of the same divisions (对照): what the newer one calls otherwise, what it has that the older has not.

Towns are matched by county and name without its kind, never by their codes: of towns of the same name a
quarter have other codes in the other list, and 6,589 codes mean another town there (address.md).
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass, field

from places import names
from places.build import Alias, Row
from places.index import COUNTY, LEVELS, OWN, TOWN


@dataclass
class Matched:
    """What a newer list says of an older one.

    Args:
        codes: the newer list's code by the own one.
        rows: divisions that are new, under own codes.
        aliases: present names of divisions that have other ones in the older list.
        review: what could not be matched, in words, for a person.
    """

    codes: dict[str, str] = field(default_factory=dict)
    rows: list[Row] = field(default_factory=list)
    aliases: list[Alias] = field(default_factory=list)
    review: list[str] = field(default_factory=list)


def match(rows: list[Row], current: Iterable[tuple[int, str, str, str]]) -> Matched:
    """Matches a newer list of four levels.

    Args:
        rows: the older list.
        current: level from 1, code, code of the one above, name.
    """
    found = Matched()
    counties, towns = _own(rows)
    items = list(current)
    named = {code: name for _, code, _, name in items}
    own_county: dict[str, str] = {}
    fresh: dict[str, int] = defaultdict(int)
    for level, code, above, name in items:
        if level == COUNTY + 1:
            path = (named[code[:2] + "0000"], name)
            alike = counties[path]
            if len(alike) > 1:
                alike = [county for county in alike if county.city == named.get(above)]
            if len(alike) == 1:
                own_county[code] = alike[0].code
                found.codes[alike[0].code] = code
            else:
                found.review.append(f"{''.join(path)}:旧表中{'有几个' if alike else '没有'}")
        elif level == TOWN + 1 and above in own_county:
            county = own_county[above]
            known = towns[county].get(names.short(name, LEVELS[TOWN]), [])
            same = [row for row in known if row.name == name] or known
            if len(same) == 1:
                found.codes[same[0].code] = code
                if same[0].name != name:
                    found.aliases.append(Alias(name, (same[0].code,)))
            elif not same:
                own = f"{county[:6]}{OWN + fresh[county]}000"
                fresh[county] += 1
                found.rows.append(Row(own, name, TOWN))
                found.codes[own] = code
            else:
                found.review.append(f"{named[above]}{name}:旧表中有几个")
    return found


@dataclass(frozen=True)
class _County:
    code: str
    city: str


Counties = dict[tuple[str, str], list[_County]]


def _own(rows: list[Row]) -> tuple[Counties, dict[str, dict[str, list[Row]]]]:
    """Counties by province and name; towns by county and name without its kind."""
    provinces = {row.code[:2]: row.name for row in rows if row.level == 0}
    cities = {row.code[:4]: row.name for row in rows if row.level == 1}
    counties: Counties = defaultdict(list)
    towns: dict[str, dict[str, list[Row]]] = defaultdict(lambda: defaultdict(list))
    for row in rows:
        if row.level == COUNTY:
            county = _County(row.code, cities.get(row.code[:4], ""))
            counties[provinces[row.code[:2]], row.name].append(county)
        elif row.level == TOWN:
            towns[row.code[:6] + "000000"][names.short(row.name, LEVELS[TOWN])].append(row)
    return counties, towns
