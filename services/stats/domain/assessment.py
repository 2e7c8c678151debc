"""考核 step by step: 自评 — 互查 — 定分 — 申诉 — 公布; who may do what when, and what holds where two differ.

Nothing becomes nought by silence: an office that did not assess itself is judged by its checker alone, and what no
checker judged is judged by the petition office, before anything is ranked.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from stats.domain.periods import Period
from stats.domain.refusal import Refused
from stats.domain.schemes import Criterion, Scheme
from stats.domain.scoring import CENT

SELF, PEER, RANKING, APPEALS, CLOSED, CANCELLED = (
    "self", "peer", "ranking", "appeals", "closed", "cancelled",
)  # fmt: skip
"""自评中, 互查中, 定分中, 已排序(可申诉), 已公布, 已作废."""
NEXT: Mapping[str, tuple[str, ...]] = {
    SELF: (PEER, CANCELLED),
    PEER: (RANKING, CANCELLED),
    RANKING: (APPEALS, CANCELLED),
    APPEALS: (CLOSED, CANCELLED),
    CLOSED: (),
    CANCELLED: (),
}
SHOWN = (APPEALS, CLOSED)
"""From here on the offices see the ranking."""
_NAMED = 10
"""Offices that a refusal names; the table shows them all."""
NAMES = {
    SELF: "自评", PEER: "互查", RANKING: "定分", APPEALS: "申诉", CLOSED: "公布", CANCELLED: "作废",
}  # fmt: skip
_ENGLISH = {
    SELF: "self-assessment", PEER: "mutual check", RANKING: "final points", APPEALS: "appeals",
    CLOSED: "publication", CANCELLED: "cancellation",
}  # fmt: skip

Given = Mapping[str, Decimal | None]
"""Step → points, of one office and criterion: `self`, `peer`, `final`, `appeal` (no points), `verdict` (none where
the appeal was rejected). `self` without points: the office says that a figure is wrong; `final` without: it is right."""


# -- what counts -----------------------------------------------------------------------------------


def effective(criterion: Criterion, figure_points: Decimal | None, given: Given) -> Decimal | None:
    """The points that hold: what an appeal or the petition office set; else a figure's, or the checker's."""
    for step in ("verdict", "final"):
        if (points := given.get(step)) is not None:
            return points
    return figure_points if criterion.indicator else given.get("peer")


def undecided(scheme: Scheme, given: Mapping[str, Given]) -> Iterator[Criterion]:
    """What was judged neither by a checker nor by the petition office."""
    for criterion in scheme.judged:
        if effective(criterion, None, given.get(criterion.id, {})) is None:
            yield criterion


def is_open(criterion: Criterion, given: Given, tolerance: Decimal) -> bool:
    """Whether the petition office has something to decide: nobody checked, the two differ by more than the
    scheme's tolerance, or the office says that its figure is wrong."""
    if criterion.indicator is not None:
        return "self" in given
    own, peer = given.get("self"), given.get("peer")
    return peer is None or (own is not None and abs(own - peer) > tolerance)


def contested(scheme: Scheme, given: Mapping[str, Given]) -> Iterator[Criterion]:
    """What the petition office has to decide, and has not."""
    for criterion in scheme.criteria:
        said = given.get(criterion.id, {})
        if "final" not in said and is_open(criterion, said, scheme.tolerance):
            yield criterion


# -- who sees what ---------------------------------------------------------------------------------

EVERY_STEP = ("self", "peer", "final", "appeal", "verdict")


@dataclass(frozen=True)
class Sight:
    """What a reader sees of an office's sheet: the words and points of these steps, and whether the points that
    hold. Until the ranking is shown nobody but the petition office knows them."""

    steps: tuple[str, ...]
    points: bool


def sight(state: str, reader: str | None, organiser: str, office: str, checker: str | None, takes_part: bool) -> Sight | None:  # fmt: skip
    """None: nothing.

    Args:
        reader: the office of whoever reads. takes_part: it is assessed itself.
    """
    shown = state in SHOWN
    if reader == organiser:
        return Sight(EVERY_STEP, True)
    if reader == office:
        return Sight(EVERY_STEP if shown else ("self",), shown)
    if reader is not None and reader == checker:
        return Sight(("self", "peer"), shown)
    return Sight((), True) if state == CLOSED or (shown and takes_part) else None


# -- opening ---------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Plan:
    """What is assessed, of whom, by when."""

    period: Period
    offices: Collection[str]
    self_due: date
    peer_due: date


def check_plan(plan: Plan, scheme: Scheme, organiser: str, today: date) -> None:
    """A period that is over, a scheme that was in force in it, days to come, and other offices than one's own."""
    if plan.period.until >= today:
        raise _unfit("period", "考核期尚未结束。", "The period is not over.")
    if scheme.valid_from > plan.period.until:
        raise _unfit("scheme", f"考核办法自{scheme.valid_from}起启用,不能用于此前的考核期。",
                     "The scheme was not in force in that period.")  # fmt: skip
    if plan.self_due < today:
        raise _unfit("self_due", "自评的截止日期已过。", "That day is over.")
    if plan.peer_due <= plan.self_due:
        raise _unfit("peer_due", "互查的截止日期须晚于自评。", "The mutual check ends after the self-assessment.")  # fmt: skip
    if not plan.offices:
        raise _unfit("offices", "没有选定单位。", "No office is named.")
    if organiser in plan.offices:
        raise _unfit("offices", "组织考核的单位不能参加本次考核。", "Who holds the assessment is not assessed in it.")  # fmt: skip


# -- steps -----------------------------------------------------------------------------------------


def check_own(actor: str | None, wanted: str | None, zh: str, en: str) -> None:
    """Raises Refused 403 for another office than the one whose step it is."""
    if actor is None or actor != wanted:
        raise Refused("not-your-step", zh, en, status=403)


def check_step(state: str, wanted: str, today: date, due: date | None) -> None:
    """Each step in its time: within its stage, and not after its last day."""
    if state != wanted:
        raise Refused("assessment-not-in-step", f"本次考核现处于{NAMES[state]}阶段,不能{NAMES[wanted]}。",
                      f"This assessment stands at {_ENGLISH[state]}, not at {_ENGLISH[wanted]}.")  # fmt: skip
    if due is not None and today > due:
        raise Refused("step-late", f"{NAMES[wanted]}已于{due}截止。", f"It ended on {due}.")


def check_assessed(band: int | None) -> None:
    """An office with nothing to assess is named, and does nothing."""
    if band is None:
        raise Refused("nothing-to-assess", "该单位在考核期内没有登记或者承办信访件,不参加评分。",
                      "This office had nothing to assess in the period.")  # fmt: skip


def check_marks(
    scheme: Scheme, marks: Sequence[tuple[str, Decimal]], disputes: Sequence[str] = ()
) -> None:
    """Every judged criterion once, within its weight; only figures are disputed, each once."""
    named = [criterion for criterion, _ in marks]
    for i, (id_, points) in enumerate(marks):
        criterion = scheme.criterion(id_)
        if criterion.indicator is not None:
            raise _unfit(f"marks.{i}.criterion", f"「{criterion.name}」按数据计分,不由人评分。",
                         "This criterion is measured, not judged.")  # fmt: skip
        check_points(criterion, points, f"marks.{i}.points")
    for i, id_ in enumerate(disputes):
        if scheme.criterion(id_).indicator is None:
            raise _unfit(f"disputes.{i}.criterion", "只有数据可以提出异议。", "Only figures are disputed.")  # fmt: skip
    for field, ids in (("marks", named), ("disputes", list(disputes))):
        if len(set(ids)) < len(ids):
            raise _unfit(field, "同一评分项只能填写一次。", "Each criterion once.")
    if missing := [c.name for c in scheme.judged if c.id not in named]:
        raise _unfit("marks", f"尚未评分:{'、'.join(missing)}。没有的写0分并说明,不能空缺。",
                     "Every judged criterion needs points; none is 0 by being left out.")  # fmt: skip


def check_points(criterion: Criterion, points: Decimal, field: str = "points") -> None:
    """Between nought and the criterion's weight, in hundredths."""
    if not 0 <= points <= criterion.weight:
        raise _unfit(field, f"「{criterion.name}」须在0至{criterion.weight:f}分之间。", "Between 0 and its weight.")  # fmt: skip
    if points % CENT:
        raise _unfit(field, "分数至多两位小数。", "Two decimals at most.")


def check_final(criterion: Criterion, points: Decimal | None, given: Given, tolerance: Decimal) -> None:  # fmt: skip
    """Where nothing is contested, the checker's points and the figures hold, whatever the petition office thinks.
    A disputed figure that is right holds without points, 不评 too."""
    if not is_open(criterion, given, tolerance):
        raise Refused("nothing-to-decide",
                      "自评和互查的差距没有超过允许差距,数据也没有异议,按互查和数据计分。",
                      "Self and peer agree and no figure is disputed: these hold.", "criterion")  # fmt: skip
    if points is not None:
        check_points(criterion, points)
    elif criterion.indicator is None:
        raise _unfit("points", f"「{criterion.name}」须写分数。", "This criterion is judged: it needs points.")  # fmt: skip


def check_appeal(given: Given) -> None:
    """One appeal a criterion."""
    if "appeal" in given:
        raise Refused("appealed-before", "对这一评分项已经申诉过。", "This criterion was appealed before.", "criterion")  # fmt: skip


def check_verdict(criterion: Criterion, given: Given, upheld: bool, points: Decimal | None) -> None:
    """An appeal that waits; upheld with new points, or rejected without."""
    if "appeal" not in given or "verdict" in given:
        raise Refused("no-appeal", "没有待处理的申诉。", "No appeal waits here.", "criterion")
    if upheld != (points is not None):
        raise _unfit("points", "申诉成立的须写新的分数,不成立的不写。", "New points where it is upheld, none where it is not.")  # fmt: skip
    if points is not None:
        check_points(criterion, points)


@dataclass(frozen=True)
class Progress:
    """How far the offices are: who has not assessed itself, was not checked; what is contested of whom, and whose
    appeals wait. Offices by their ids."""

    unassessed: Collection[str]
    unchecked: Collection[str]
    contested: Mapping[str, Sequence[Criterion]]
    appeals: Collection[str]


def check_advance(state: str, to: str, progress: Progress, due: date | None, today: date, named: Callable[[str], str] = str) -> None:  # fmt: skip
    """The next stage begins when everybody has answered, or the last day is over; a ranking when everything
    contested is decided; publication when the days of appeal are over and every appeal is decided.

    Args:
        due: the last day of the stage that ends. named: an office's name, by its id.
    """
    if to not in NEXT[state]:
        raise Refused("assessment-not-in-step", f"本次考核现处于{NAMES[state]}阶段,不能转为{NAMES.get(to, to)}。",
                      "This is not its next stage.", "state")  # fmt: skip
    if to == CANCELLED:
        return
    over = due is None or today > due
    if state in (SELF, PEER) and not over:
        waiting = progress.unassessed if state == SELF else progress.unchecked
        _check_none(
            waiting, "waiting", f"尚有{len(waiting)}个单位没有{NAMES[state]},截止日期{due}未过。"
        )
    if state == RANKING:
        _check_decided(progress.contested, named)
    if state == APPEALS:
        if not over:
            raise Refused("appeals-open", f"申诉期到{due}为止。", f"Appeals are open until {due}.", "state")  # fmt: skip
        _check_none(progress.appeals, "appeals-waiting", f"尚有{len(progress.appeals)}个单位的申诉没有处理。")  # fmt: skip


def _check_decided(contested: Mapping[str, Sequence[Criterion]], named: Callable[[str], str]) -> None:  # fmt: skip
    """无人互查、自评与互查相差过大或数据有异议的都已定分: a dispute is answered, not passed over."""
    if not contested:
        return
    n = sum(map(len, contested.values()))
    left = [f"{named(o)}{''.join(f'「{c.name}」' for c in its)}" for o, its in contested.items()]
    more = "等" if len(left) > _NAMED else ""
    raise Refused("undecided", f"尚有{n}项须由组织单位定分:{'、'.join(left[:_NAMED])}{more}。",
                  f"Not decided yet: {', '.join(f'{o} {c.id}' for o, its in contested.items() for c in its)}.",
                  "state")  # fmt: skip


def _check_none(waiting: Collection[str], rule: str, zh: str) -> None:
    if waiting:
        raise Refused(rule, zh, f"Still waiting for {', '.join(sorted(waiting))}.", "state")


def _unfit(field: str, zh: str, en: str) -> Refused:
    return Refused(f"{field.partition('.')[0]}-unfit", zh, en, field, None, 422)
