"""计分: points from figures, sums, groups of like with like, who checks whom, ranks, averages.

A figure's points follow from its value alone, as it is printed; how many matters made it decides no more than
whether there were enough to say anything (不评), and whom an office is ranked with.
"""

from __future__ import annotations

from bisect import bisect_right
from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from decimal import ROUND_HALF_UP, Decimal
from itertools import pairwise

from stats.domain.change import ratio
from stats.domain.indicators import INDICATORS
from stats.domain.schemes import OWN_WORK, Criterion, Scheme

CENT = Decimal("0.01")
Points = Mapping[str, Decimal | None]
"""Criterion → its points; None: 不评, or not given yet. It is never nought for want of an answer."""


def rounded(points: Decimal) -> Decimal:
    """Two decimals, half up."""
    return points.quantize(CENT, ROUND_HALF_UP) + 0  # no -0


def told(points: Decimal | None) -> str | None:
    """`8.50` → `8.5`."""
    return None if points is None else f"{points.normalize():f}"


# -- figures ---------------------------------------------------------------------------------------


def value(criterion: Criterion, numerator: int | None, denominator: int | None) -> Decimal | None:
    """The figure as it is printed; None where there are too few matters to say anything (不评)."""
    assert criterion.indicator is not None
    if denominator is None or denominator < criterion.least:
        return None
    return ratio(numerator, denominator, INDICATORS[criterion.indicator].times)


def reckoned(criterion: Criterion, figure: Decimal | None) -> Decimal | None:
    """The points of a figure, by the criterion's scale."""
    if figure is None:
        return None
    better = OWN_WORK[criterion.indicator or ""]
    scale = [(better * at, points) for at, points in criterion.scale]
    reached = better * figure
    if reached >= scale[0][0]:
        return scale[0][1]
    for (upper, more), (lower, fewer) in pairwise(scale):
        if reached >= lower:
            part = (more - fewer) * (reached - lower) / (upper - lower)
            return fewer if criterion.steps else rounded(fewer + part)
    return Decimal(0) if criterion.steps else scale[-1][1]


def total(scheme: Scheme, points: Points) -> Decimal | None:
    """The sum; the weight of what is 不评 is left out, and the rest scaled to the whole."""
    rated = [c for c in scheme.criteria if points.get(c.id) is not None]
    weight = sum(c.weight for c in rated)
    if not weight:
        return None
    got = sum(points[c.id] or Decimal(0) for c in rated)
    return rounded(got * scheme.full / weight)


# -- like with like --------------------------------------------------------------------------------


def band_of(scheme: Scheme, work: int) -> int | None:
    """The group that an office with so many matters belongs to; None: there is nothing to assess."""
    return bisect_right(scheme.bands, work) if work else None


def band_name(scheme: Scheme, band: int) -> str:
    """不足20件, 20至99件, 100件以上."""
    bands = scheme.bands
    if not bands:
        return "全部单位"
    if band == 0:
        return f"不足{bands[0]}件"
    if band == len(bands):
        return f"{bands[-1]}件以上"
    return f"{bands[band - 1]}至{bands[band] - 1}件"


def checkers(bands: Mapping[str, int], turn: int) -> dict[str, str | None]:
    """Who checks whom (分组互查): another office of the same group, each once, and none that checks it in return
    where there are three. None: an office alone in its group, which the petition office checks.

    Args:
        turn: any number that differs from one assessment to the next, so that not always the same two meet.
    """
    found: dict[str, str | None] = {}
    for band in sorted(set(bands.values())):
        group = sorted(office for office, its in bands.items() if its == band)
        n = len(group)
        shifts = [shift for shift in range(1, n) if 2 * shift != n] or [1]
        shift = shifts[turn % len(shifts)]
        for i, office in enumerate(group):
            found[office] = group[(i + shift) % n] if n > 1 else None
    return found


# -- the ranking -----------------------------------------------------------------------------------


@dataclass(frozen=True)
class Standing:
    """How an office stands. `rank`: within its group; None where it has no points."""

    band: int | None
    points: Points
    total: Decimal | None
    rank: int | None = None


def ranked(scheme: Scheme, points: Mapping[str, tuple[int | None, Points]]) -> dict[str, Standing]:
    """按分排序: equal totals share a rank, and the next one is left out.

    Args:
        points: of each office, with the group that it is ranked in.
    """
    totals = {office: total(scheme, each) for office, (_, each) in points.items()}
    groups: dict[int | None, list[Decimal]] = defaultdict(list)
    for office, (band, _) in points.items():
        if (found := totals[office]) is not None:
            groups[band].append(found)

    def rank(band: int | None, own: Decimal | None) -> int | None:
        if own is None or band is None:
            return None
        return 1 + sum(other > own for other in groups[band])

    return {
        office: Standing(band, each, totals[office], rank(band, totals[office]))
        for office, (band, each) in points.items()
    }


def average(found: Iterable[Decimal | None]) -> Decimal | None:
    """Of those that have points."""
    known = [points for points in found if points is not None]
    return rounded(sum(known, Decimal(0)) / len(known)) if known else None
