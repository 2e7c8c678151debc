"""综合总结: averages by criterion and group, and what they say in words. It speaks of offices and matters alone."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from decimal import Decimal

from stats.domain.schemes import Criterion, Scheme
from stats.domain.scoring import Standing, average, band_name, told

Standings = Mapping[str, Standing]


def by_criterion(scheme: Scheme, standings: Standings) -> dict[str, Decimal | None]:
    """The average of each criterion, of the offices that have points in it."""
    return {c.id: average(s.points.get(c.id) for s in standings.values()) for c in scheme.criteria}


def by_band(standings: Standings) -> dict[int, Standings]:
    """The offices of each group, the best first."""
    found: dict[int, dict[str, Standing]] = {}
    ordered = sorted(standings.items(), key=lambda item: (item[1].rank or len(standings), item[0]))
    for office, standing in ordered:
        if standing.band is not None:
            found.setdefault(standing.band, {})[office] = standing
    return dict(sorted(found.items()))


def paragraphs(
    scheme: Scheme, standings: Standings, appeals: int, upheld: int, names: Mapping[str, str]
) -> Iterator[str]:
    """The summary, paragraph by paragraph.

    Args:
        appeals, upheld: how many there were.
        names: of the offices.
    """
    bands = by_band(standings)
    ranked = sum(map(len, bands.values()))
    yield f"按《{scheme.name}》,满分{told(scheme.full)}分。参加评分的单位{ranked}个,按件数分为{len(bands)}组,各组分别排序。"
    idle = [names[office] for office, one in standings.items() if one.band is None]
    if idle:
        yield f"考核期内没有登记或者承办信访件、不评分的单位{len(idle)}个:{'、'.join(idle)}。"
    for band, those in bands.items():
        yield _of_band(band_name(scheme, band), those, names)
    yield from _of_criteria(scheme, standings)
    if appeals:
        yield f"申诉{appeals}项,成立{upheld}项。"


def _of_band(name: str, standings: Standings, names: Mapping[str, str]) -> str:
    mean = average(one.total for one in standings.values())
    first = "、".join(names[office] for office, one in standings.items() if one.rank == 1)
    said = f"{name}组{len(standings)}个单位"
    if mean is None:
        return f"{said},没有可评的项目。"
    best = next(one.total for one in standings.values() if one.rank == 1)
    return f"{said},平均{told(mean)}分;第1名{first},{told(best)}分。"


def _of_criteria(scheme: Scheme, standings: Standings) -> Iterator[str]:
    means = by_criterion(scheme, standings)
    shares = {c: mean / c.weight for c in scheme.criteria if (mean := means[c.id]) is not None}
    if len(shares) > 1:
        best, worst = max(shares, key=shares.__getitem__), min(shares, key=shares.__getitem__)
        yield f"平均得分率最高的是{_share(best, shares)},最低的是{_share(worst, shares)}。"
    if left_out := [c.name for c in scheme.criteria if means[c.id] is None]:
        yield f"各单位件数都不足、没有评的项目:{'、'.join(left_out)}。"


def _share(criterion: Criterion, shares: Mapping[Criterion, Decimal]) -> str:
    return f"{criterion.name}({shares[criterion] * 100:.1f}%)"
