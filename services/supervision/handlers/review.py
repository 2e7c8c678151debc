"""复查 (Art. 35) and 复核 (Art. 36): two proceedings with the same four moments."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any

from kit.identity import Actor
from kit.unit import Unit
from supervision.domain import procedure as rules
from supervision.duties import LAPSES, end_duty, find, heard, open_duty, reckon, void_all
from supervision.handlers.finality import finish
from supervision.handlers.handling import again, closed, deliver, returned
from supervision.handlers.steps import day, proceeding, publish, sealed_in, step
from supervision.means import Means
from supervision.store import Case, Duty, Proceeding

SOUGHT = {"served": "review", "closed": "review", "review_served": "rereview"}
"""From which status which stage may be sought."""


def seek_review(
    unit: Unit, case: Case, body: dict[str, Any], actor: Actor, means: Means
) -> dict[str, Any]:
    """请求复查、复核: the petitioner asks the superior of whoever decided, within 30 days (D8, D10).

    The request is dated by its receipt; one that came in while the window was open is in time however
    late it is entered. Emits review.requested.
    """
    stage = SOUGHT.get(case.status)
    if stage is None:
        rules.check_step("seek_review", case.status)
    assert stage is not None
    window = find(unit, case.number, f"seek_{stage}")
    if window is None:
        raise rules.Refused("not-reviewable", "本件处理意见不适用复查、复核。",
                            "No review can be sought of this opinion.", None, _ARTICLE[stage])  # fmt: skip
    before = proceeding(unit, case)
    office = _reviewer(case, before, means, body.get("office"), unit.now)
    requested_on = body["requested_on"] or day(unit.now)
    _check_requested(requested_on, window, unit)
    previous = case.status
    at = step(unit, case, f"seek_{stage}", body, actor, actor.office)
    end_duty(unit, case, at, f"seek_{stage}")
    void_all(unit, case, at, "reopen")  # the reviewing body decides now
    if previous == "served":
        closed(unit, case, at)
    case.stage = stage
    round_ = 1 + sum(p.stage == stage for p in unit.all(Proceeding, case.number))
    outside = office == before.office
    row = Proceeding(case.number, stage, round_, office, requested_on, outside)
    row.grounds = means.vault.seal(body["grounds"], sealed_in(case, "grounds", row))
    unit.add(row)
    if office not in case.offices:
        case.offices = [*case.offices, office]
    open_duty(unit, case, stage, office, at, requested_on, means.calendar)
    data = {"stage": stage, "office": office, "requested_on": requested_on.isoformat()}
    publish(unit, case, "review.requested", data, at)
    return {}


_ARTICLE = {"review": "信访工作条例 第三十五条", "rereview": "信访工作条例 第三十六条"}


def _check_requested(requested_on: date, window: Duty, unit: Unit) -> None:
    if requested_on > day(unit.now):
        raise rules.Refused("requested-in-future", "请求日期不能晚于今天。",
                            "The date of the request is in the future.", "requested_on", None, 422)  # fmt: skip
    if requested_on < window.zero:
        raise rules.Refused("requested-before-service", "请求日期不能早于送达日期。",
                            "The request cannot be older than the service.", "requested_on", None, 422)  # fmt: skip


def _reviewer(
    case: Case, before: Proceeding, means: Means, chosen: str | None, now: datetime
) -> str:
    """The superior of whoever decided last: by the directory, or named where the chain is another
    (三级受理: a department reviews a town); never whoever decided (Art. 35, 36). Where nobody stands
    above it in this site, the superior is outside, and the office itself records what it decides."""
    superiors = means.directory.superiors(before.office, now)
    office = chosen or (superiors[0] if superiors else before.office)
    body = means.directory.get(office)
    if body is None or body.ended(now):
        raise rules.Refused("reviewer-unknown", "单位目录中没有该复查(复核)机关。",
                            "No such office in the directory.", "office", _ARTICLE["review"], 422)  # fmt: skip
    if not set(case.barred).isdisjoint(means.directory.lineage(office)):
        raise rules.Refused("office-barred", "不得由被检举控告的单位及其下属单位复查、复核。",
                            "An accused body, or one under it, does not review.", "office",
                            "信访工作条例 第三十条", 422)  # fmt: skip
    below = before.office in means.directory.ancestors(office)
    if below or (office == before.office and superiors):
        raise rules.Refused("reviewer-not-superior", "复查(复核)机关须为原办理机关的上一级。",
                            "The reviewing body must stand above the one that decided.",
                            "office", _ARTICLE["review"], 422)  # fmt: skip
    return office


def decide_review(
    unit: Unit, case: Case, body: dict[str, Any], actor: Actor, means: Means
) -> dict[str, Any]:
    """复查、复核意见: upheld, changed, or revoked and to be redone. Emits review.decided."""
    stage = "rereview" if case.status == "rereview_sought" else "review"
    row = proceeding(unit, case, stage) if case.status == f"{stage}_sought" else None
    duty = find(unit, case.number, stage)
    if duty is not None and heard(duty):
        raise rules.Refused("hearing-open", "听证正在进行,结束后才能出具意见。",
                            "The hearing must end before the opinion.", None, _ARTICLE[stage])  # fmt: skip
    at = step(unit, case, f"decide_{stage}", body, actor, row.office if row else None)
    assert row is not None
    end_duty(unit, case, at, stage)
    row.decided_at, row.outcome = at, body["outcome"]
    row.opinion = means.vault.seal(body["opinion"], sealed_in(case, "opinion", row))
    publish(unit, case, "review.decided", {"stage": stage, "outcome": row.outcome}, at)
    open_duty(unit, case, "serve", row.office, at, day(at), means.calendar)
    return {}


def serve_review(
    unit: Unit, case: Case, body: dict[str, Any], actor: Actor, means: Means
) -> dict[str, Any]:
    """送达复查、复核意见: the next window opens (D10), or the way ends here (Art. 36).

    Emits petition.served, and petition.final or petition.reopened.
    """
    stage = "rereview" if case.status == "rereview_decided" else "review"
    row = proceeding(unit, case, stage) if case.status == f"{stage}_decided" else None
    if row is not None and returned(unit, case, row, body, actor, row.office):
        return {}
    name = "redo" if row and row.outcome == "revoked" else f"serve_{stage}"
    at = step(unit, case, name, body, actor, row.office if row else None)
    assert row is not None
    deliver(unit, case, row, body, at)
    end_duty(unit, case, at, "serve")
    assert row.served_on is not None
    if name == "redo":
        again(unit, case, at, means)
        publish(
            unit, case, "petition.reopened", {"cause": f"{stage}_revoked", "follow_up": None}, at
        )
    elif stage == "review":
        office = row.office
        open_duty(unit, case, "seek_rereview", office, at, row.served_on, means.calendar)
    else:
        finish(unit, case, "rereviewed", at)
    return {}


def open_hearing(
    unit: Unit, case: Case, body: dict[str, Any], actor: Actor, means: Means
) -> dict[str, Any]:
    """听证开始: its time is not counted into the 30 days (D11, Art. 36). Emits hearing.opened."""
    duty, at = _heard(unit, case, body, actor)
    if heard(duty):
        raise rules.Refused("hearing-open", "听证正在进行。", "A hearing is under way already.")
    duty.pauses = [*duty.pauses, f"{day(at)}/.."]
    reckon(unit, case, duty, means.calendar)
    publish(unit, case, "hearing.opened", {"stage": case.stage}, at)
    return {}


def close_hearing(
    unit: Unit, case: Case, body: dict[str, Any], actor: Actor, means: Means
) -> dict[str, Any]:
    """听证结束: the limit runs on from the next day. Emits hearing.closed."""
    duty, at = _heard(unit, case, body, actor)
    if not heard(duty):
        raise rules.Refused("no-hearing", "没有正在进行的听证。", "No hearing is under way.")
    duty.pauses = [pause.replace("/..", f"/{day(at)}") for pause in duty.pauses]
    reckon(unit, case, duty, means.calendar)
    publish(unit, case, "hearing.closed", {"stage": case.stage}, at)
    return {}


def _heard(unit: Unit, case: Case, body: dict[str, Any], actor: Actor) -> tuple[Duty, Any]:
    office = proceeding(unit, case).office if case.status == "rereview_sought" else None
    at = step(unit, case, "hear", body, actor, office)
    duty = find(unit, case.number, "rereview")
    assert duty is not None
    return duty, at


def _rereview_lapsed(unit: Unit, case: Case, _duty: Duty, at: Any) -> None:
    """逾期未请求复核: the reviewed opinion is final (Art. 36)."""
    if case.status == "review_served":
        finish(unit, case, "rereview_not_sought", at)


LAPSES["seek_rereview"] = _rereview_lapsed
