"""考核办法: criteria and weights as data, and what may be a criterion at all.

An assessment asks whether matters were settled in time and where they arose (以…及时就地解决为导向, Art. 39). How many
people petitioned, or where they went, is nobody's merit and nobody's fault: whoever scored it would pay an office
for keeping people away. So a criterion is measured by an indicator of `OWN_WORK`, or judged by people on written
evidence; every other indicator is refused.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import asdict, dataclass
from datetime import date
from decimal import Decimal
from itertools import pairwise
from typing import Any

from stats.domain.indicators import INDICATORS
from stats.domain.refusal import Refused

ARTICLE = "《信访工作条例》第三十九条"
MORE, LESS = 1, -1
OWN_WORK: Mapping[str, int] = {
    "timely_sender": MORE,
    "timely_body": MORE,
    "answered_on_time": MORE,
    "closed_on_time": MORE,
    "participation": MORE,
    "satisfied_sender": MORE,
    "satisfied_body": MORE,
    "average_days_to_accept": LESS,
    "average_days_to_answer": LESS,
    "sent_back_rate": LESS,
    "overturned_share": LESS,
}
"""What an office's own work is measured by, and whether more of it or less is better."""
_WHY_NOT: Mapping[str, str] = {
    "repeat_rate": "再次来信来访是信访人的权利",
    "settled_at_once": "没有再来不等于已经解决,会使人劝阻再次信访",
    "online_share": "以什么形式信访由信访人选择",
    "review_rate": "请求复查是信访人的权利(第三十五条)",
    "bounce_rate": "转送不当由转出单位造成,却记在现承办单位名下",
}


@dataclass(frozen=True)
class Criterion:
    """评分项.

    Args:
        weight: its points at most.
        source: article, or where it was found.
        indicator: what it is measured by; None: judged by people with written evidence (评议).
        scale: (value, points), the best first.
        steps: the first value reached counts, and none reached is 0; else points lie on the line between two.
        least: where the denominator is smaller, nothing is said of it (不评).
    """

    id: str
    name: str
    weight: Decimal
    source: str
    indicator: str | None = None
    scale: tuple[tuple[Decimal, Decimal], ...] = ()
    steps: bool = False
    least: int = 1


@dataclass(frozen=True)
class Scheme:
    """考核办法.

    Args:
        bands: from how many matters on an office belongs to the next group: like is ranked with like.
        tolerance: points by which self and peer may differ before the petition office looks at it.
        appeal_days: so long after the ranking was shown an office may appeal.
    """

    id: str
    name: str
    valid_from: date
    criteria: tuple[Criterion, ...]
    bands: tuple[int, ...] = (20, 100)
    tolerance: Decimal = Decimal(2)
    appeal_days: int = 5

    @property
    def full(self) -> Decimal:
        """The points of all criteria."""
        return sum((criterion.weight for criterion in self.criteria), Decimal(0))

    @property
    def judged(self) -> tuple[Criterion, ...]:
        """What people give points for."""
        return tuple(c for c in self.criteria if c.indicator is None)

    @property
    def measured(self) -> tuple[Criterion, ...]:
        """What figures give points for."""
        return tuple(c for c in self.criteria if c.indicator is not None)

    def criterion(self, id: str) -> Criterion:
        """Raises Refused for one that it does not have."""
        for criterion in self.criteria:
            if criterion.id == id:
                return criterion
        raise Refused("criterion-unknown", "考核办法没有这一评分项。", "The scheme has no such criterion.", "criterion", None, 422)  # fmt: skip


# -- what is wrong with it -------------------------------------------------------------------------


def faults(criterion: Criterion) -> Iterator[str]:
    """What is wrong with a criterion."""
    if not 0 < criterion.weight <= 1000:
        yield "分值须大于0,不超过1000"
    if not criterion.source:
        yield "依据须填写"
    if criterion.indicator is None:
        return
    if criterion.indicator not in OWN_WORK:
        yield _unfit(criterion.indicator)
        return
    if criterion.least < 1:
        yield "最少件数须为1以上的整数"
    yield from _scale_faults(criterion)


def _unfit(indicator: str) -> str:
    known = INDICATORS.get(indicator)
    if known is None:
        return f"没有「{indicator}」这一数据"
    why = f",{_WHY_NOT[indicator]}" if indicator in _WHY_NOT else ""
    return f"「{known.name}」不能作为评分项{why}:考核不以多少人信访、到哪里信访为依据,只看是否及时就地解决({ARTICLE})"


def _scale_faults(criterion: Criterion) -> Iterator[str]:
    better = OWN_WORK[criterion.indicator or ""]
    scale = criterion.scale
    if len(scale) < (1 if criterion.steps else 2):
        yield "计分标准:分档的至少一档,线性的至少两点"
        return
    if scale[0][1] != criterion.weight:
        yield "计分标准的第一档须得满分"
    if any((a - b) * better <= 0 for (a, _), (b, _) in pairwise(scale)):
        yield f"计分标准须从好到差排列({'越高越好' if better == MORE else '越低越好'})"
    points = [p for _, p in scale]
    if any(a < b for a, b in pairwise(points)) or min(points) < 0:
        yield "计分标准的得分须依次不增,不得为负"


def scheme_faults(scheme: Scheme) -> Iterator[str]:
    """What is wrong with it beside its criteria."""
    if not scheme.criteria:
        yield "没有评分项"
    twice = Counter(
        word for criterion in scheme.criteria for word in {criterion.id, criterion.name}
    )
    yield from (f"有{n}个评分项{word}" for word, n in twice.items() if n > 1)
    bands = scheme.bands
    if any(a >= b for a, b in pairwise((0, *bands))):
        yield "件数分组须为依次增大的正整数"
    if scheme.tolerance < 0:
        yield "允许差距不得为负"
    if not 1 <= scheme.appeal_days <= 60:
        yield "申诉天数须为1至60"


def check(scheme: Scheme) -> None:
    """Raises Refused for a scheme that must not be applied."""
    found = [*scheme_faults(scheme), *(f for c in scheme.criteria for f in faults(c))]
    if found:
        raise Refused("scheme-unfit", ";".join(found), "This scheme scores what must not be scored, or is faulty.",
                      "scheme", ARTICLE, 422)  # fmt: skip


# -- kept as data ----------------------------------------------------------------------------------


def data(scheme: Scheme) -> dict[str, Any]:
    """A scheme as JSON."""
    found: dict[str, Any] = _plain(asdict(scheme))
    return found


def _plain(value: Any) -> Any:
    if isinstance(value, dict):
        return {name: _plain(inner) for name, inner in value.items()}
    if isinstance(value, (list, tuple)):
        return [_plain(inner) for inner in value]
    return str(value) if isinstance(value, (Decimal, date)) else value


def read(found: Mapping[str, Any]) -> Scheme:
    """The scheme that `data` made JSON of."""
    return Scheme(
        **{
            **found,
            "valid_from": date.fromisoformat(found["valid_from"]),
            "criteria": tuple(_criterion(each) for each in found["criteria"]),
            "bands": tuple(found["bands"]),
            "tolerance": Decimal(found["tolerance"]),
        }
    )


def _criterion(found: Mapping[str, Any]) -> Criterion:
    scale = tuple((Decimal(value), Decimal(points)) for value, points in found["scale"])
    return Criterion(**{**found, "weight": Decimal(found["weight"]), "scale": scale})
