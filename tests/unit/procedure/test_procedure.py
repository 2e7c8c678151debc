"""The procedure in every branch, on rows in memory: what is told, what is owed, what is refused."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, datetime, timedelta

import pytest

from supervision.domain import clocks
from tests.people import OPINION
from tests.unit.procedure.site import BRANCH, LABOUR, ROOT, TOWN, Refusals, Site

MEETING = {
    "offices": [TOWN, LABOUR], "held_on": date(2026, 3, 2), "text": "决定。", "minutes": "纪要。",
}  # fmt: skip
ITEM = {"reason": "outside_remit", "text": "不属于本单位。"}


def served(site: Site, **more: object) -> dict[str, object]:
    return {"method": "in_person", "served_on": site.today, "receipt": "signed"} | more


def asked(site: Site, result: str = "executed") -> dict[str, object]:
    return {"method": "phone", "result": result, "followed_on": site.today, "text": "电话回访。"}


def said(site: Site, at: datetime | None = None, **more: object) -> dict[str, object]:
    """直报."""
    report = {"to": ["government"], "method": "phone", "text": "危房有人受困。"}
    return report | {"reported_at": at or site.at} | more


def mediated(site: Site, **more: object) -> dict[str, object]:
    return {
        "kind": "mediation", "held_on": site.today, "parties": "双方到场。", "agreed": True,
        "claims": [], "text": "双方达成协议。",
    } | more  # fmt: skip


def assigned(office: str = TOWN, **changes: object) -> Site:
    site = Site()
    site.register(**changes)
    site.do("assign", ROOT, office=office)
    return site


def accepted(**body: object) -> Site:
    site = assigned()
    site.do("sign", TOWN)
    site.do("accept", TOWN, **body)
    return site


def answered(outcome: str = "explained") -> Site:
    site = accepted()
    site.wait(10)
    site.do("answer", TOWN, **OPINION | {"outcome": outcome})
    return site


def reviewed(outcome: str = "upheld") -> Site:
    site = answered()
    site.do("serve", TOWN, **served(site))
    site.do("close", TOWN)
    site.do("follow_up", ROOT, **asked(site))
    site.do("seek_review", None, grounds="不服。", requested_on=None)
    site.do("decide_review", ROOT, outcome=outcome, opinion="复查意见。")
    return site


def refused(site: Site, name: str, by: str | None, /, **body: object) -> str:
    before = site.snapshot()
    with pytest.raises(Refusals) as caught:
        site.do(name, by, **body)
    assert site.snapshot() == before, "nothing lost or half done"
    error = caught.value
    return str(getattr(error, "rule", None) or getattr(error, "code", ""))


# -- routing ---------------------------------------------------------------------------------------


def test_an_assignment_opens_two_limits_from_receipt() -> None:
    """D3 and D4, Art. 23."""
    site = assigned()
    assert site.owed() == {"accept": TOWN, "object": TOWN}
    assert site.due("accept") == "2026-03-17T16:00:00Z"
    assert site.due("object") == "2026-03-09T16:00:00Z"


def test_an_agreed_objection_sends_the_matter_back_and_out_again() -> None:
    site = assigned()
    site.do("object", TOWN, **ITEM)
    assert site.case.status == "objected"
    assert site.owed() == {"accept": TOWN, "arbitrate": ROOT}
    assert site.do("arbitrate", ROOT, agreed=True, text="同意。") == {"lifted": None}
    assert (site.case.status, site.case.office) == ("registered", None)
    assert site.owed() == {"reforward": ROOT}
    site.do("assign", ROOT, office=LABOUR)
    assert site.owed() == {"accept": LABOUR, "object": LABOUR}
    assert site.case.offices == [ROOT, TOWN, LABOUR], "whoever had it may see what became of it"


def test_an_upheld_objection_costs_the_body_its_time() -> None:
    site = assigned()
    due = site.due("accept")
    site.wait(3)
    site.do("object", TOWN, **ITEM)
    site.do("arbitrate", ROOT, agreed=False, text="不同意。")
    assert site.case.status == "assigned" and site.owed() == {"accept": TOWN}
    assert site.due("accept") == due, "the 15 days ran on"
    assert refused(site, "object", TOWN, **ITEM) == "objected-already"


def test_an_objection_after_five_working_days_is_late() -> None:
    """D4: registered on a Monday, the fifth working day is the next Monday."""
    site = assigned()
    site.wait(7.5)
    site.do("sign", TOWN)
    site.wait(0.3)
    assert refused(site, "object", TOWN, **ITEM) == "objection-late"


def test_the_second_bounce_lifts_it_to_the_common_superior() -> None:
    """Art. 24: town and branch office stand under the bureau."""
    site = assigned()
    for office in (TOWN, BRANCH):
        if office != TOWN:
            site.do("assign", ROOT, office=office)
        site.do("object", office, **ITEM)
        answer = site.do("arbitrate", ROOT, agreed=True, text="同意。")
    assert answer == {"lifted": "superior"}
    assert site.owed() == {"designate": ROOT} and site.matter.triage == "superior"
    assert refused(site, "assign", ROOT, office=TOWN) == "designation-needed"
    assert refused(site, "designate", TOWN, office=BRANCH, text="x") == "not-the-designator"
    assert refused(site, "convene", ROOT, **MEETING | {"office": TOWN}) == "nothing-to-designate"
    site.do("designate", ROOT, office=TOWN, text="职责所在。")
    assert site.owed() == {"accept": TOWN}, "no window to object"
    assert refused(site, "object", TOWN, **ITEM) == "designated"


def test_an_office_does_not_object_to_its_own_matter() -> None:
    site = Site()
    site.register()
    site.do("assign", ROOT, office=ROOT, method="self")
    assert site.owed() == {"inform": ROOT}
    assert refused(site, "object", ROOT, **ITEM) == "own-matter"


def test_only_the_sender_decides_on_an_objection() -> None:
    site = assigned()
    site.do("object", TOWN, **ITEM)
    assert refused(site, "arbitrate", TOWN, agreed=True, text="x") == "not-the-sender"


@pytest.mark.parametrize("reason", ["litigation", "accepted_below", "final_already"])
def test_a_declined_petition_is_registered_and_the_petitioner_told(reason: str) -> None:
    """Art. 19, 23, 28, 36."""
    site = Site()
    site.register()
    elsewhere = "慈溪市人民法院" if reason == "litigation" else None
    if elsewhere:
        assert refused(site, "decline", ROOT, reason=reason) == "elsewhere-missing"
    else:
        assert refused(site, "decline", ROOT, reason=reason, elsewhere="x") == "elsewhere-none"
    site.do("decline", ROOT, reason=reason, elsewhere=elsewhere)
    assert site.case.status == "declined" and site.owed() == {"notify": ROOT}
    assert "notify" in [step["name"] for step in site.offered()]
    site.do("notify", ROOT, **served(site))
    assert site.owed() == {} and site.case.final_reason == "declined"


def test_an_office_may_decline_what_it_was_sent_and_tells_within_its_15_days() -> None:
    site = assigned()
    site.do("sign", TOWN)
    site.do("decline", TOWN, reason="litigation", elsewhere="慈溪市人民法院")
    assert site.owed() == {"accept": TOWN}
    site.do("notify", TOWN, **served(site))
    assert site.owed() == {} and site.duties[1].state == "fulfilled"


def test_an_accusation_never_goes_to_the_accused_nor_under_it() -> None:
    """Art. 30, 46(5)."""
    site = Site()
    site.register(type="accusation", accused=[LABOUR])
    for office in (LABOUR, BRANCH):
        assert refused(site, "assign", ROOT, office=office) == "office-barred"
    site.do("assign", ROOT, office=TOWN)
    rows = (site.case, site.matter, site.petition)
    assert all(row.barred == [LABOUR] for row in rows)
    assert all(e.event.sealed for s in site.stores.values() for e in s.log)


def test_a_report_has_the_day_that_the_issuer_set() -> None:
    """D5, Art. 22(3): apart from closing, confirmed or sent back by whoever set the day."""
    site = Site()
    site.register()
    last = site.today + timedelta(days=20)
    assert refused(site, "assign", ROOT, office=TOWN, report_due=last) == "report-not-asked"
    site.do("assign", ROOT, office=TOWN, method="assign", report_due=last)
    assert site.due("report") == "2026-03-22T16:00:00Z"
    report = {"round": 1, "text": "办结报告。", "adopted": None}
    assert refused(site, "reply", TOWN, **report) == "report-too-early"
    site.do("sign", TOWN)
    site.do("accept", TOWN)
    site.do("answer", TOWN, **OPINION)
    site.do("serve", TOWN, **served(site))
    site.do("close", TOWN)
    site.do("follow_up", ROOT, **asked(site))
    assert site.owed() == {"report": TOWN, "seek_review": TOWN}, "closing is no report"
    assert refused(site, "reply", LABOUR, **report) == "petition-unknown"
    assert refused(site, "reply", ROOT, **report) == "not-the-competent-office"
    site.do("reply", TOWN, **report)
    assert site.owed() == {"confirm": ROOT, "seek_review": TOWN}
    verdict = {"round": 1, "accepted": False, "text": None, "due_on": None}
    assert refused(site, "judge", ROOT, **verdict) == "return-reason"
    assert refused(site, "judge", TOWN, **verdict) == "not-the-competent-office"
    site.do("judge", ROOT, **verdict | {"text": "未说明落实情况。"})
    assert site.owed() == {"report": TOWN, "seek_review": TOWN}
    assert site.due("report") == "2026-03-22T16:00:00Z", "as long again"
    site.do("reply", TOWN, **report)
    site.do("judge", ROOT, **verdict | {"accepted": True})
    assert site.owed() == {"seek_review": TOWN} and site.orders[0].state == "accepted"
    assert site.events("order.issued", "order.answered", "order.returned", "order.confirmed") == [
        "order.issued", "order.answered", "order.returned", "order.answered", "order.confirmed",
    ]  # fmt: skip


def test_a_report_falls_with_the_assignment_that_asked_for_it() -> None:
    site = Site()
    site.register()
    last = site.today + timedelta(days=20)
    site.do("assign", ROOT, office=TOWN, method="assign", report_due=last)
    site.do("object", TOWN, **ITEM)
    site.do("arbitrate", ROOT, agreed=True, text="同意。")
    assert site.owed() == {"reforward": ROOT} and site.orders[0].state == "lifted"


ORDER = {
    "office": TOWN,
    "kind": "supervise",
    "reason": "overdue",
    "text": "限期答复。",
    "due_on": None,
}


def test_an_order_is_answered_sent_back_and_confirmed() -> None:
    """Art. 40."""
    site = accepted()
    assert refused(site, "issue", TOWN, **ORDER) == "not-the-competent-office"
    assert refused(site, "issue", ROOT, **ORDER | {"office": LABOUR}) == "order-not-involved"
    assert refused(site, "issue", ROOT, **ORDER | {"office": ROOT}) == "order-not-involved"
    assert refused(site, "issue", ROOT, **ORDER | {"due_on": site.today}) == "order-due-wrong"
    assert site.do("issue", ROOT, **ORDER) == {"round": 1}
    assert site.owed() == {"answer": TOWN, "order": TOWN}
    assert site.due("order") == "2026-03-17T16:00:00Z", "15 days by the site's rule"
    assert refused(site, "issue", ROOT, **ORDER) == "order-open"
    assert refused(site, "judge", ROOT, round=1, accepted=True, text=None, due_on=None)
    reply = {"round": 1, "text": "已安排办理。", "adopted": None}
    assert refused(site, "reply", TOWN, **reply | {"adopted": True}) == "adoption-not-asked"
    assert refused(site, "reply", TOWN, **reply | {"round": 9}) == "order-unknown"
    site.wait(16)
    assert ("duty.missed", "order", "2026-03-17T16:00:00Z") in site.crossings()
    site.do("reply", TOWN, **reply)
    assert refused(site, "reply", TOWN, **reply) == "order-out-of-order"
    due = site.today + timedelta(days=5)
    site.do("judge", ROOT, round=1, accepted=False, text="没有结果。", due_on=due)
    assert site.owed() == {"answer": TOWN, "order": TOWN}
    site.do("reply", TOWN, **reply)
    site.do("judge", ROOT, round=1, accepted=True, text=None, due_on=None)
    assert site.owed() == {"answer": TOWN}
    assert [r.verdict for r in site.replies] == ["returned", "accepted"]
    texts = [e.body for e in site.stores["supervision"].log]
    assert not any("限期答复".encode() in body or "没有结果".encode() in body for body in texts)


def test_an_order_outlives_the_way_and_falls_with_a_withdrawal() -> None:
    """Not carrying out an opinion is a ground, and that shows after the end (Art. 40)."""
    site = closed_()
    site.do("follow_up", ROOT, **asked(site))
    site.wait(35)
    assert site.case.status == "final" and site.owed() == {}
    site.do("issue", ROOT, **ORDER | {"reason": "not_executed"})
    assert site.owed() == {"order": TOWN}
    site.do("lift", ROOT, round=1)
    assert site.owed() == {} and site.orders[0].state == "lifted"
    site = accepted()
    site.do("issue", ROOT, **ORDER)
    site.do("withdraw", None)
    assert site.owed() == {} and site.orders[0].state == "lifted"
    assert refused(site, "issue", ROOT, **ORDER) == "withdrawn-already"


def test_a_reply_sent_back_is_a_reason_to_handle_it_anew() -> None:
    site = closed_()
    site.do("issue", ROOT, **ORDER)
    site.do("reply", TOWN, round=1, text="已落实。", adopted=None)
    site.do("judge", ROOT, round=1, accepted=False, text="退回重办。", due_on=None)
    site.do("reopen", TOWN, reason="rework")
    assert site.owed() == {"answer": TOWN, "order": TOWN}, "the order is still to be answered"


def test_assisting_offices_have_their_own_days_and_there_is_one_answer() -> None:
    site = Site()
    site.register()
    soon, later = site.today + timedelta(days=10), site.today + timedelta(days=30)
    helpers = [{"office": LABOUR, "due_on": soon}, {"office": BRANCH, "due_on": later}]
    twice = [{"office": TOWN, "due_on": soon}]
    assert refused(site, "assign", ROOT, office=TOWN, assisting=twice) == "assisting-twice"
    past = [{"office": LABOUR, "due_on": site.today}]
    assert refused(site, "assign", ROOT, office=TOWN, assisting=past) == "assist-due-past"
    site.do("assign", ROOT, office=TOWN, assisting=helpers)
    assert site.case.offices == [ROOT, TOWN, LABOUR, BRANCH] == site.matter.offices
    assert refused(site, "assist", TOWN, text="x") == "nothing-to-assist"
    site.do("sign", TOWN)
    site.do("accept", TOWN)
    assert refused(site, "answer", TOWN, **OPINION) == "assist-outstanding"
    site.do("assist", LABOUR, text="本单位意见。")
    assert refused(site, "assist", LABOUR, text="x") == "nothing-to-assist"
    assert refused(site, "answer", TOWN, **OPINION) == "assist-outstanding"
    site.wait(31)
    assert [d.kind for d in site.duties if d.missed_at] == ["assist"], "the branch was late"
    site.do("answer", TOWN, **OPINION)
    assert site.owed() == {"serve": TOWN}


def test_a_major_or_urgent_matter_is_reported_at_once() -> None:
    """D12, Art. 25: no number in the law; four hours here."""
    site = Site()
    site.register(urgent=True)
    assert site.owed() == {"forward": ROOT, "urgent": ROOT}
    site.do("assign", ROOT, office=TOWN)
    assert "urgent" in site.owed(), "sending it on does not report it"
    assert refused(site, "report_urgent", TOWN, **said(site)) == "not-the-competent-office"
    site.wait(0.2)
    assert site.events("duty.missed") == ["duty.missed"]
    made = said(site, site.at - timedelta(hours=4))
    site.do("report_urgent", ROOT, **made)
    assert "urgent" not in site.owed()
    late = next(duty for duty in site.duties if duty.kind == "urgent")
    assert late.missed_at and late.ended_at == site.at - timedelta(minutes=5), (
        "a typed time does not make it green"
    )


def withdrawn(site: Site) -> None:
    site.do("withdraw", None, reason=None)


def led_elsewhere(site: Site) -> None:
    site.do("decline", ROOT, reason="litigation", elsewhere="某某法院")
    site.do("notify", ROOT, **served(site))


def settled(site: Site) -> None:
    site.do("assign", ROOT, office=TOWN)
    site.do("sign", TOWN)
    site.do("accept", TOWN)
    site.do("mediate", TOWN, **mediated(site))
    site.do("serve", TOWN, **served(site))
    site.do("close", TOWN)


@pytest.mark.parametrize("end", [withdrawn, led_elsewhere, settled])
def test_an_urgent_matter_is_reported_whatever_becomes_of_the_petition(
    end: Callable[[Site], None],
) -> None:
    """Art. 25: it is the matter that is reported; the petition may be withdrawn, led elsewhere or finished."""
    site = Site()
    site.register(urgent=True)
    end(site)
    assert site.case.final_at and site.owed()["urgent"] == ROOT
    assert [s["office"] for s in site.offered() if s["name"] == "report_urgent"] == [ROOT]
    site.wait(0.2)
    missed = [step for step in site.steps if step.measure == "missed"]
    assert [step.office for step in missed] == [ROOT], "a missed limit, of whoever owed it"
    site.do("report_urgent", ROOT, **said(site))
    late = next(duty for duty in site.duties if duty.kind == "urgent")
    assert (late.state, late.missed_at) == ("fulfilled", late.due_at), "late, and done"
    assert "urgent" in {step.measure for step in site.steps}, "reported all the same"
    assert refused(site, "report_urgent", ROOT, **said(site)) == "urgent-ended"


def test_a_matter_handled_anew_is_still_to_be_reported() -> None:
    site = Site()
    site.register(urgent=True)
    for name, body in (
        ("assign", {"office": TOWN}), ("sign", {}), ("accept", {}), ("answer", OPINION),
    ):  # fmt: skip
        site.do(name, ROOT if name == "assign" else TOWN, **body)
    site.do("serve", TOWN, **served(site))
    site.do("close", TOWN)
    site.do("follow_up", ROOT, **asked(site, "not_executed"))
    site.do("reopen", TOWN, reason="not_executed")
    assert site.owed() == {"answer": TOWN, "urgent": ROOT}


def test_what_goes_on_is_reported_further_and_each_report_is_kept() -> None:
    """续报: by whoever registered it, and by the body that has it now; until it has ended."""
    site = Site()
    site.register(urgent=True)
    first = site.at
    site.do("report_urgent", ROOT, **said(site))
    assert [s["office"] for s in site.offered() if s["name"] == "report_urgent"] == [ROOT]
    site.do("assign", ROOT, office=TOWN)
    assert [s["office"] for s in site.offered() if s["name"] == "report_urgent"] == [ROOT, TOWN]
    early = said(site, first - timedelta(minutes=1))
    assert refused(site, "report_urgent", TOWN, **early) == "reported-before-first"
    site.do("report_urgent", TOWN, **said(site, to=["nation", "government", "nation"]))
    site.do("report_urgent", ROOT, **said(site))
    kept = [(r.ordinal, r.office, r.to) for r in site.urgent_reports]
    assert kept == [
        (1, ROOT, ["government"]), (2, TOWN, ["government", "nation"]), (3, ROOT, ["government"]),
    ]  # fmt: skip
    told = [e.event for e in site.stores["supervision"].log if e.event.type == "urgent.reported"]
    assert [e.data["ordinal"] for e in told] == [1, 2, 3]
    assert all("text" not in e.data and "危房" not in str(e.data) for e in told), "codes alone"
    assert all("危房".encode() not in r.text for r in site.urgent_reports), "sealed"
    site.do("withdraw", None, reason=None)
    assert refused(site, "report_urgent", ROOT, **said(site)) == "urgent-ended"
    assert not [s for s in site.offered() if s["name"] == "report_urgent"]


SINCE_RISEN = {"circumstances": "来电称墙体开裂,有人受困。"}


def test_what_turns_out_to_be_urgent_is_marked_and_owed_from_then_on() -> None:
    """标为紧急: by the office that has it; the four hours run from the marking, on the marking office."""
    site = assigned()
    assert not site.case.urgent and "urgent" not in site.owed()
    site.wait(3)
    for stranger in (LABOUR, BRANCH):
        with pytest.raises(Refusals):
            site.do("mark_urgent", stranger, **SINCE_RISEN)
    at = site.at
    site.do("mark_urgent", TOWN, **SINCE_RISEN)
    assert site.owed()["urgent"] == TOWN
    (duty,) = (d for d in site.duties if d.kind == "urgent")
    assert (duty.started_at, duty.due_at) == (at, at + timedelta(hours=4)), "not from registration"
    assert site.case.urgent and site.petition.urgent, "the register knows it too"
    assert refused(site, "mark_urgent", ROOT, **SINCE_RISEN) == "urgent-already"
    assert refused(site, "report_urgent", ROOT, **said(site)) == "not-the-competent-office"
    site.do("report_urgent", TOWN, **said(site))
    assert "urgent" not in site.owed()
    assert refused(site, "mark_urgent", TOWN, **SINCE_RISEN) == "urgent-already"


def test_a_reason_for_marking_is_sealed_and_no_part_of_what_is_told() -> None:
    site = assigned()
    site.do("mark_urgent", TOWN, **SINCE_RISEN)
    (mark,) = site.urgent_marks
    assert (mark.office, "墙体".encode() in mark.circumstances) == (TOWN, False)
    logs = [e.event for store in site.stores.values() for e in store.log]
    (told,) = (e for e in logs if e.type == "urgent.marked")
    assert {name: value for name, value in told.data.items() if name != "petition"} == {
        "office": TOWN
    }


def test_the_petition_office_marks_what_another_has_and_sees_it_to_the_end() -> None:
    site = assigned()
    site.do("sign", TOWN)
    offered = [s["office"] for s in site.offered() if s["name"] == "mark_urgent"]
    assert offered == [TOWN, ROOT]
    site.do("mark_urgent", ROOT, **SINCE_RISEN)
    assert site.owed()["urgent"] == ROOT
    assert not [s for s in site.offered() if s["name"] == "mark_urgent"]
    site.do("report_urgent", ROOT, **said(site))
    assert [s["office"] for s in site.offered() if s["name"] == "report_urgent"] == [ROOT, TOWN]


def test_before_it_is_assigned_whoever_registered_it_marks_it() -> None:
    site = Site()
    site.register()
    assert [s["office"] for s in site.offered() if s["name"] == "mark_urgent"] == [ROOT]
    site.do("mark_urgent", ROOT, **SINCE_RISEN)
    assert site.owed() == {"forward": ROOT, "urgent": ROOT}


def test_what_has_ended_is_not_marked() -> None:
    site = assigned()
    withdrawn(site)
    assert refused(site, "mark_urgent", TOWN, **SINCE_RISEN) == "urgent-ended"
    assert not [s for s in site.offered() if s["name"] == "mark_urgent"]
    assert not site.case.urgent and not site.urgent_marks


def test_what_is_not_urgent_has_nothing_to_report() -> None:
    site = assigned()
    assert refused(site, "report_urgent", ROOT, **said(site)) == "nothing-urgent"


# -- handling --------------------------------------------------------------------------------------


def test_a_claim_led_elsewhere_does_not_start_the_60_days() -> None:
    site = accepted(claims=[{"ordinal": 1, "branch": "31-1"}])
    assert site.owed() == {"elsewhere": TOWN} and site.case.answer_due is None


def test_two_claims_on_two_branches() -> None:
    claims = [
        {"type": "request", "branch": None, "text": "补发工资"},
        {"type": "request", "branch": "31-2", "text": "工伤待遇"},
    ]
    site = assigned(claims=claims)
    site.do("sign", TOWN)
    site.do("accept", TOWN)
    assert "answer" in site.owed(), "one of them goes the petition's own way"
    assert refused(site, "answer", TOWN, claims=[{"ordinal": 1, "outcome": "supported"}], **OPINION)
    outcomes = [{"ordinal": 1, "outcome": "supported"}, {"ordinal": 2, "outcome": "explained"}]
    site.do("answer", TOWN, claims=outcomes, **OPINION)
    assert site.owed() == {"serve": TOWN}


def test_the_simple_procedure_has_ten_working_days() -> None:
    """D15."""
    site = accepted(procedure="simple")
    assert site.due("simple_answer") == "2026-03-16T16:00:00Z"
    collective = assigned(head_count=7)
    collective.do("sign", TOWN)
    assert refused(collective, "accept", TOWN, procedure="simple") == "not-simple"


def test_an_extension_is_asked_for_and_approved_once() -> None:
    """D7, Art. 34."""
    site = accepted()
    due = site.due("answer")
    assert refused(site, "decide_extension", TOWN, approved=True) == "no-extension-asked"
    site.do("ask_extension", TOWN, days=30, reason="情况复杂。")
    assert site.due("answer") == due, "asking moves nothing"
    site.do("decide_extension", TOWN, approved=True)
    assert site.due("answer") == "2026-06-01T16:00:00Z" and site.case.answer_due
    assert refused(site, "ask_extension", TOWN, days=5, reason="x") == "extended-already"
    site.wait(70)
    assert "duty.missed" not in site.events(), "yellow was for the new date"


def test_a_refused_extension_may_be_asked_for_again() -> None:
    site = accepted()
    due = site.due("answer")
    site.do("ask_extension", TOWN, days=30, reason="x")
    assert refused(site, "ask_extension", TOWN, days=30, reason="x") == "extended-already"
    site.do("decide_extension", TOWN, approved=False)
    assert site.due("answer") == due
    site.do("ask_extension", TOWN, days=10, reason="y")
    site.do("decide_extension", TOWN, approved=True)
    assert refused(site, "ask_extension", TOWN, days=5, reason="z") == "extended-already"


def test_a_limit_that_is_over_is_not_extended() -> None:
    """What was late stays late."""
    site = accepted()
    site.do("ask_extension", TOWN, days=30, reason="x")
    site.wait(70)
    assert site.events("duty.missed") == ["duty.missed"]
    assert refused(site, "decide_extension", TOWN, approved=True) == "extension-late"
    site.do("decide_extension", TOWN, approved=False)
    assert refused(site, "ask_extension", TOWN, days=5, reason="x") == "extension-late"


def test_what_came_back_has_not_been_served() -> None:
    site = answered()
    site.do("serve", TOWN, **served(site, method="post", receipt="returned"))
    assert site.case.status == "answered" and site.owed() == {"serve": TOWN}, "no window runs"
    assert site.case.served_on is None and site.events("service.returned", "petition.served") == [
        "service.returned"
    ]
    site.do("serve", TOWN, **served(site, receipt="refused"))
    assert site.owed() == {"seek_review": TOWN}, "a refused one was served (留置)"


def test_an_agreement_is_final_once_served_and_closed() -> None:
    """Art. 33."""
    site = accepted()
    assert refused(site, "answer", TOWN, **OPINION | {"outcome": "settled"}) == "agreement-mismatch"
    assert site.do("mediate", TOWN, **mediated(site, agreed=False, text=None)) == {"settled": False}
    assert site.case.status == "accepted", "it was tried"
    assert refused(site, "mediate", TOWN, **mediated(site, text=None)) == "agreement-empty"
    early = site.today - timedelta(days=1)
    assert refused(site, "mediate", TOWN, **mediated(site, held_on=early)) == "day-wrong"
    assert site.do("mediate", TOWN, **mediated(site)) == {"settled": True}
    assert (site.case.status, site.owed()) == ("answered", {"serve": TOWN})
    site.do("serve", TOWN, **served(site))
    assert site.owed() == {"close": TOWN}, "no review of what they agreed"
    site.do("close", TOWN)
    assert (site.case.status, site.case.final_reason) == ("final", "settled")
    assert site.events("petition.mediated", "petition.answered") == [
        "petition.mediated", "petition.mediated", "petition.answered",
    ]  # fmt: skip


def test_an_agreement_on_one_claim_leaves_the_other_to_the_opinion() -> None:
    claim = {"type": "request", "branch": None, "text": None}
    site = assigned(claims=[claim, claim])
    site.do("sign", TOWN)
    site.do("accept", TOWN)
    assert site.do("mediate", TOWN, **mediated(site, claims=[2])) == {"settled": False}
    assert site.owed() == {"answer": TOWN}
    assert refused(site, "mediate", TOWN, **mediated(site, claims=[2])) == "agreement-claims"
    both = [{"ordinal": n, "outcome": "supported"} for n in (1, 2)]
    assert refused(site, "answer", TOWN, claims=both, **OPINION) == "agreement-mismatch"
    site.do("answer", TOWN, **OPINION)
    assert [c.outcome for c in site.claims] == ["supported", "settled"]
    site.do("serve", TOWN, **served(site))
    assert site.owed() == {"seek_review": TOWN}, "the first claim may be reviewed"


def test_withdrawn_while_under_way() -> None:
    site = accepted()
    site.do("withdraw", None)
    assert site.case.status == "withdrawn" and site.owed() == {}
    assert refused(site, "answer", TOWN, **OPINION) == "step-out-of-order"
    assert refused(site, "withdraw", None) == "withdrawal-too-late"


# -- review ----------------------------------------------------------------------------------------


def test_a_review_is_sought_in_time_from_the_superior() -> None:
    """D8, D9, Art. 35."""
    site = answered()
    site.do("serve", TOWN, **served(site))
    assert site.owed() == {"seek_review": TOWN}
    site.do("seek_review", None, grounds="不服。", requested_on=None)
    assert site.case.status == "review_sought" and site.owed() == {"review": ROOT}
    assert site.events("petition.closed") == ["petition.closed"], "closed by rule, not forgotten"
    assert refused(site, "decide_review", TOWN, outcome="upheld", opinion="x")


def test_a_review_not_sought_ends_the_matter_also_where_nobody_closed_it() -> None:
    site = answered()
    site.do("serve", TOWN, **served(site))
    site.wait(35)
    assert (site.case.status, site.case.final_reason) == ("final", "review_not_sought")
    assert site.events("petition.closed", "petition.final") == ["petition.closed", "petition.final"]
    assert refused(site, "seek_review", None, grounds="x", requested_on=None) == "step-out-of-order"


def test_a_request_counts_by_its_receipt() -> None:
    site = answered()
    site.do("serve", TOWN, **served(site))
    early = site.today - timedelta(days=1)
    late = site.today + timedelta(days=1)
    assert refused(site, "seek_review", None, grounds="x", requested_on=early)
    assert refused(site, "seek_review", None, grounds="x", requested_on=late)
    zero = site.today
    site.wait(5)
    site.do("seek_review", TOWN, grounds="x", requested_on=zero)
    assert site.due("review") == "2026-04-13T16:00:00Z"


def test_the_reviewer_stands_above_whoever_decided() -> None:
    site = answered()
    site.do("serve", TOWN, **served(site))
    for office in (TOWN, "nobody"):
        assert refused(site, "seek_review", None, grounds="x", requested_on=None, office=office)


def test_a_revoked_opinion_is_redone_with_a_limit_of_its_own() -> None:
    site = reviewed("revoked")
    site.do("serve_review", ROOT, **served(site))
    assert site.case.status == "accepted" and site.case.round == 2
    assert site.owed() == {"answer": TOWN}
    site.do("answer", TOWN, **OPINION)
    site.do("serve", TOWN, **served(site))
    assert site.owed() == {"seek_review": TOWN}


def test_a_rereview_outside_the_site_is_recorded_by_the_office_below() -> None:
    """The bureau has nobody above it here: the city decides, the bureau records."""
    site = reviewed()
    site.do("serve_review", ROOT, **served(site))
    assert site.owed() == {"seek_rereview": ROOT}
    assert refused(site, "seek_review", None, grounds="x", requested_on=None, office=TOWN)
    site.do("seek_review", None, grounds="仍不服。", requested_on=None)
    assert site.owed() == {"rereview": ROOT}
    site.do("decide_review", ROOT, outcome="upheld", opinion="复核意见。")
    site.do("serve_review", ROOT, **served(site))
    assert site.case.final_reason == "rereviewed"


def test_a_hearing_stops_the_limit() -> None:
    """D10, D11, Art. 36."""
    site = Site()
    site.register()
    site.do("assign", ROOT, office=BRANCH)
    site.do("sign", BRANCH)
    site.do("accept", BRANCH)
    site.do("answer", BRANCH, **OPINION)
    site.do("serve", BRANCH, **served(site))
    site.do("seek_review", None, grounds="x", requested_on=None)
    assert site.owed() == {"review": LABOUR}
    site.do("decide_review", LABOUR, outcome="upheld", opinion="x")
    site.do("serve_review", LABOUR, **served(site))
    site.do("seek_review", None, grounds="x", requested_on=None)
    assert site.owed() == {"rereview": ROOT}
    due = site.due("rereview")
    assert refused(site, "close_hearing", ROOT) == "no-hearing"
    site.wait(3)
    site.do("open_hearing", ROOT)
    assert site.due("rereview") is None, "there is no deadline while it lasts"
    assert refused(site, "open_hearing", ROOT) == "hearing-open"
    site.wait(9)
    site.do("close_hearing", ROOT)
    assert site.due("rereview") != due
    site.wait(20)
    assert "duty.missed" not in site.events()
    site.do("decide_review", ROOT, outcome="upheld", opinion="x")
    site.do("serve_review", ROOT, **served(site))
    assert (site.case.status, site.case.final_reason) == ("final", "rereviewed")
    assert site.owed() == {}


def test_a_warning_that_was_told_is_not_told_again_after_a_hearing_of_no_days() -> None:
    """Each crossing once: the limit stood still, and did not move."""
    site = reviewed()
    site.do("serve_review", ROOT, **served(site))
    site.do("seek_review", None, grounds="x", requested_on=None)
    site.wait(28)
    site.do("open_hearing", ROOT)
    site.do("close_hearing", ROOT)
    site.wait(1)
    site.do("open_hearing", ROOT)
    site.do("close_hearing", ROOT)
    site.wait(1)
    told = [kind for type_, kind, _ in site.crossings() if type_ == "duty.approaching"]
    assert told.count("rereview") == len(set(site.crossings()) & {
        crossing for crossing in site.crossings() if crossing[:2] == ("duty.approaching", "rereview")
    })  # fmt: skip


def test_the_reviewed_opinion_is_final_where_rereview_is_not_sought() -> None:
    site = reviewed()
    site.do("serve_review", ROOT, **served(site))
    site.wait(35)
    assert (site.case.status, site.case.final_reason) == ("final", "rereview_not_sought")


def closed_() -> Site:
    site = answered()
    site.do("serve", TOWN, **served(site))
    site.do("close", TOWN)
    return site


def test_a_follow_up_is_owed_after_closing_and_what_it_finds_undone_is_handled_anew() -> None:
    site = closed_()
    assert site.owed() == {"seek_review": TOWN, "follow_up": ROOT}
    assert refused(site, "reopen", TOWN, reason="not_executed") == "no-follow-up"
    tomorrow = site.today + timedelta(days=1)
    assert (
        refused(site, "follow_up", ROOT, **asked(site) | {"followed_on": tomorrow}) == "day-wrong"
    )
    assert refused(site, "follow_up", TOWN, **asked(site)) == "not-the-competent-office"
    site.wait(35)
    assert site.case.status == "final" and site.owed() == {"follow_up": ROOT}
    assert ("duty.missed", "follow_up") in {(t, d) for t, d, _ in site.crossings()}
    site.do("follow_up", ROOT, **asked(site, "not_executed"))
    assert site.owed() == {"reopen": TOWN}
    site.do("reopen", TOWN, reason="not_executed")
    assert site.case.status == "accepted" and site.owed() == {"answer": TOWN}
    (told,) = [
        e.event for e in site.stores["supervision"].log if e.event.type == "petition.reopened"
    ]
    assert told.data["follow_up"] == 1, "it names what found it"


def test_a_follow_up_that_finds_it_done_ends_there() -> None:
    site = closed_()
    site.do("follow_up", ROOT, **asked(site))
    assert site.owed() == {"seek_review": TOWN}
    assert refused(site, "reopen", TOWN, reason="not_executed") == "no-follow-up"
    assert refused(site, "reopen", TOWN, reason="rework") == "nothing-sent-back"
    site.do("reopen", TOWN, reason="new_error")
    assert site.owed() == {"answer": TOWN}


def test_overdue_at_each_stage_is_told_once_with_the_day_it_happened() -> None:
    site = Site()
    site.register()
    site.wait(30)
    site.do("assign", ROOT, office=TOWN)
    site.wait(30)
    site.do("sign", TOWN)
    site.do("accept", TOWN)
    site.wait(90)
    site.do("answer", TOWN, **OPINION)
    missed = [d for d in site.duties if d.missed_at]
    assert [d.kind for d in missed] == ["forward", "accept", "answer"]
    assert all(d.missed_at == d.due_at for d in missed)
    assert site.events("duty.missed") == ["duty.missed"] * 3


# -- D15, D16 --------------------------------------------------------------------------------------


def test_a_matter_proposed_as_simple_has_three_and_three_working_days() -> None:
    """D15: the law's own limits run beside, and acceptance decides."""
    site = Site()
    site.register(simple=True)
    assert site.owed() == {"forward": ROOT, "simple_forward": ROOT}
    assert site.due("simple_forward") == "2026-03-05T16:00:00Z"
    site.do("assign", ROOT, office=TOWN)
    assert site.owed() == {"accept": TOWN, "object": TOWN, "simple_accept": TOWN}
    site.do("sign", TOWN)
    site.wait(4)
    assert ("duty.missed", "simple_accept", "2026-03-05T16:00:00Z") in site.crossings()
    site.do("accept", TOWN, procedure="simple")
    assert site.owed() == {"simple_answer": TOWN}
    assert [d.state for d in site.duties if d.kind == "simple_accept"] == ["fulfilled"]


def test_a_proposal_of_the_simple_procedure_binds_nobody() -> None:
    site = Site()
    site.register(simple=True)
    site.do("assign", ROOT, office=TOWN)
    site.do("sign", TOWN)
    site.do("accept", TOWN)
    assert site.owed() == {"answer": TOWN}
    assert [d.state for d in site.duties if d.kind == "simple_accept"] == ["void"]
    site = Site()
    site.register(simple=True)
    site.do("decline", ROOT, reason="litigation", elsewhere="慈溪市人民法院")
    assert site.owed() == {"notify": ROOT}
    with pytest.raises(Refusals):
        Site().register(simple=True, head_count=5)


def test_the_tiered_forwarding_of_2014_opens_for_nobody() -> None:
    """D16: it bound the national and provincial offices until 2022; a case begins under the 条例 at the
    earliest, also one that an old register brings in."""
    tiered = [rule for rule in clocks.RULES if rule.ref == "D16"]
    assert {(rule.length, str(rule.valid_to)) for rule in tiered} == {
        (5, "2022-04-30"),
        (3, "2022-04-30"),
    }
    for rule in tiered:
        assert clocks.rule_for(rule.kind, date(2022, 4, 30)) is rule and rule.note
        with pytest.raises(LookupError):
            clocks.rule_for(rule.kind, clocks.FORCE)
    site = Site()
    site.register(received_on=date(2020, 6, 1))
    assert {d.kind: d.rule for d in site.duties} == {"forward": "forward.2022"}
