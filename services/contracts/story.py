"""One petition's life as samples tell it, and one change each of an office and an account: all invented."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

SITE = "330282"


@dataclass(frozen=True)
class Step:
    """One event of the story: what it changes of the public state, what else stands in its data."""

    type: str
    time: str
    state: Mapping[str, Any] = field(default_factory=dict)
    data: Mapping[str, Any] = field(default_factory=dict)
    version: int = 1


NUMBER = f"{SITE}202603020001"
EARLIER = f"{SITE}202601050003"
BUREAU, TOWN, LABOUR = f"{SITE}-xfj", "330282104000", f"{SITE}-rsj"
FORWARD_DUE, ACCEPT_DUE = "2026-03-17T16:00:00Z", "2026-04-02T16:00:00Z"
ANSWER_DUE, EXTENDED_DUE = "2026-05-18T16:00:00Z", "2026-06-17T16:00:00Z"
REVIEW_DUE = "2026-07-06T16:00:00Z"
BEGINNING = {
    "number": NUMBER,
    "status": "registered",
    "placing": "registered",
    "handling": None,
    "channel": "visit",
    "type": "request",
    "category": "c050101",
    "head_count": 3,
    "household_count": 2,
    "received_on": "2026-03-02",
    "registered_at": "2026-03-02T01:15:00Z",
    "registered_by": BUREAU,
    "division": None,
    "office": None,
    "forward_due": None,
    "accept_due": None,
    "answer_due": None,
    "review_due": None,
}
RECEPTION = "jd-20260302-3f9a1c"
OFFICE = {
    "id": LABOUR,
    "name": "慈溪市人力资源和社会保障局",
    "short_name": "市人社局",
    "parent": None,
    "division": f"{SITE}000000",
    "level": "county",
    "kind": "department",
    "categories": ["c05"],
    "valid_from": "2025-12-31T16:00:00Z",
    "valid_to": None,
    "successors": [],
    "body_levels": [],
    "address": "慈溪市白沙路街道新城大道1号",
    "phone": "0574-63900000",
    "hours": "周一至周五 8:30-17:00",
    "threshold": None,
}
ACCOUNT = {"id": "a-0001", "office": LABOUR, "roles": ["handler"], "active": True}
PAPER = {"kind": "no_longer", "paper": "信不再受〔2026〕1号", "office": BUREAU}
CLAIM = {"ordinal": 1, "type": "request", "branch": None}


def duty(kind: str, office: str, due_at: str, at: str) -> dict[str, str]:
    """What a duty event says beside the petition."""
    return {"duty": kind, "office": office, "due_at": due_at, "at": at}


def assigned(round_: int, *, final: bool) -> dict[str, Any]:
    """What an assignment says beside the petition."""
    return {
        "by": "person", "rule": None, "principle": None, "data_version": None, "method": "transfer", "from_office": BUREAU, "round": round_,
        "report_due": None, "final": final,
        "assisting": [{"office": TOWN, "due_on": "2026-04-01"}],
    }  # fmt: skip


def order(kind: str) -> dict[str, Any]:
    """What an event of an order says beside the petition."""
    return {"kind": kind, "round": 1, "issuer": BUREAU, "office": LABOUR}


REPORTED = {
    "office": BUREAU, "ordinal": 1, "to": ["government", "joint_meeting"], "method": "phone",
    "reported_at": "2026-03-02T01:55:00Z",
}  # fmt: skip
AFFAIR = f"{SITE}JY20260001"
FEEDBACK_DUE = "2026-09-03T16:00:00Z"


def proposal(**more: Any) -> dict[str, Any]:
    """What an event of a proposal says."""
    return {"affair": AFFAIR, **order("improve"), **more}


def _owed(at: str) -> dict[str, str]:
    return {"affair": AFFAIR, **duty("feedback", LABOUR, FEEDBACK_DUE, at)}


STORY = (
    Step("office.changed", "2026-01-05T01:00:00Z", data=OFFICE),
    Step("account.changed", "2026-01-05T01:30:00Z", data=ACCOUNT),
    Step(
        "petition.registered",
        "2026-03-02T01:15:00Z",
        data={
            "chosen_division": None,
            "barred": [],
            "about_office": None,
            "about_level": None,
            "urgent": True,
            "simple": False,
            "collective": False,
            "claims": [CLAIM],
        },
    ),
    Step("urgent.reported", "2026-03-02T02:00:00Z", data=REPORTED),
    Step(
        "duty.missed",
        "2026-03-17T16:00:20Z",
        {"forward_due": FORWARD_DUE},
        duty("forward", BUREAU, FORWARD_DUE, FORWARD_DUE),
    ),
    Step(
        "petition.located",
        "2026-03-18T00:40:00Z",
        {"placing": "located", "division": TOWN},
        {"by": "person", "rule": None, "confidence": None, "data_version": None},
    ),
    Step(
        "petition.assigned",
        "2026-03-18T00:40:02Z",
        {"placing": "assigned", "office": LABOUR},
        assigned(1, final=False),
    ),
    Step("petition.signed", "2026-03-18T02:05:00Z", {"placing": "signed"}),
    Step(
        "petition.objected",
        "2026-03-18T03:00:00Z",
        {"placing": "objected"},
        {"office": LABOUR, "cause": "outside_remit", "round": 1},
    ),
    Step("petition.upheld", "2026-03-18T06:00:00Z", {"placing": "signed"}, {"office": LABOUR}),
    Step(
        "petition.accepted",
        "2026-03-19T01:00:00Z",
        {"handling": "accepted", "answer_due": ANSWER_DUE, "accept_due": ACCEPT_DUE},
        {"procedure": "ordinary", "claims": [{"ordinal": 1, "branch": "31-6"}]},
    ),
    Step("assist.answered", "2026-03-30T01:00:00Z", data={"office": TOWN}),
    Step(
        "petition.mediated",
        "2026-04-02T01:00:00Z",
        data={"kind": "mediation", "held_on": "2026-04-01", "agreed": False, "claims": []},
    ),
    Step(
        "order.issued",
        "2026-04-07T01:00:00Z",
        data=order("supervise") | {"cause": "stalling", "due_on": "2026-04-22"},
    ),
    Step("order.answered", "2026-04-20T01:00:00Z", data=order("supervise")),
    Step(
        "order.returned",
        "2026-04-21T01:00:00Z",
        data=order("supervise") | {"due_on": "2026-04-28"},
    ),
    Step("order.confirmed", "2026-04-27T01:00:00Z", data=order("supervise")),
    Step("order.lifted", "2026-04-28T01:00:00Z", data=order("remind") | {"round": 2}),
    Step(
        "duty.approaching",
        "2026-05-08T16:00:20Z",
        data=duty("answer", LABOUR, ANSWER_DUE, "2026-05-08T16:00:00Z"),
    ),
    Step("extension.refused", "2026-05-09T01:00:00Z", data={"days": 30}),
    Step("extension.requested", "2026-05-10T01:00:00Z", data={"days": 30}),
    Step(
        "petition.extended",
        "2026-05-11T01:00:00Z",
        {"answer_due": EXTENDED_DUE},
        {"days": 30},
    ),
    Step(
        "petition.answered",
        "2026-05-12T03:00:00Z",
        {"handling": "answered"},
        {"outcome": "explained", "claims": [{"ordinal": 1, "outcome": "explained"}]},
    ),
    Step(
        "service.returned",
        "2026-05-12T06:30:00Z",
        data={"stage": "handle", "method": "post"},
    ),
    Step(
        "petition.served",
        "2026-05-13T06:30:00Z",
        {"handling": "served"},
        {
            "stage": "handle",
            "method": "in_person",
            "receipt": "signed",
            "served_on": "2026-05-13",
        },
    ),
    Step("petition.closed", "2026-05-13T07:00:00Z", {"handling": "closed"}, {"on_time": True}),
    Step(
        "petition.rated",
        "2026-05-15T04:20:00Z",
        data={"petition_office": "basic", "responsible_office": "unsatisfied"},
    ),
    Step(
        "petition.followed",
        "2026-05-19T01:00:00Z",
        data={
            "round": 1,
            "method": "phone",
            "result": "not_executed",
            "followed_on": "2026-05-19",
        },
    ),
    Step(
        "petition.reopened",
        "2026-05-20T01:00:00Z",
        {"handling": "accepted"},
        {"cause": "not_executed", "follow_up": 1},
    ),
    Step(
        "review.requested",
        "2026-06-06T01:00:00Z",
        {"handling": "review_sought", "review_due": REVIEW_DUE},
        {"stage": "review", "office": BUREAU, "requested_on": "2026-06-06"},
    ),
    Step(
        "petition.rescheduled",
        "2026-06-10T01:00:00Z",
        data={"duties": [{"duty": "review", "was": "2026-07-05T16:00:00Z", "due_at": REVIEW_DUE}]},
    ),
    Step("hearing.opened", "2026-06-15T01:00:00Z", data={"stage": "review"}),
    Step("hearing.closed", "2026-06-16T01:00:00Z", data={"stage": "review"}),
    Step(
        "review.decided",
        "2026-07-01T01:00:00Z",
        {"handling": "review_decided"},
        {"stage": "review", "outcome": "upheld"},
    ),
    Step(
        "duty.lapsed",
        "2026-08-02T16:00:10Z",
        data=duty("seek_rereview", BUREAU, "2026-08-02T16:00:00Z", "2026-08-02T16:00:00Z"),
    ),
    Step(
        "petition.final",
        "2026-08-02T16:00:10Z",
        {"handling": "final"},
        {"cause": "rereview_not_sought"},
    ),
    Step(
        "petition.returned",
        "2026-08-03T01:00:00Z",
        data={"office": LABOUR, "to_office": BUREAU, "bounces": 2, "lifted": "superior"},
    ),
    Step(
        "petition.declined",
        "2026-08-03T02:00:00Z",
        data={"by_office": BUREAU, "cause": "final_already", "article": "第三十六条"},
    ),
    Step("document.issued", "2026-08-03T02:00:10Z", data=PAPER),
    Step("document.voided", "2026-08-03T02:00:20Z", data={**PAPER, "cause": "wrong_content"}),
    Step(
        "petition.consulted",
        "2026-08-03T02:01:00Z",
        data={"offices": [LABOUR, TOWN], "agreed": False, "held_on": "2026-08-02", "lead": None},
    ),
    Step(
        "petition.referred",
        "2026-08-03T02:01:01Z",
        data={"to_office": BUREAU, "lifted": "superior", "cause": "disagreed"},
    ),
    Step(
        "petition.designated",
        "2026-08-03T02:02:00Z",
        data={"by_office": BUREAU, "lifted": "superior", "offices": [], "held_on": None},
    ),
    Step(
        "petition.succeeded",
        "2026-08-03T02:03:00Z",
        data={"from_office": LABOUR, "to_office": TOWN},
    ),
    Step(
        "petition.recused",
        "2026-08-03T02:04:00Z",
        data={
            "account": "a-0001",
            "by_office": LABOUR,
            "by": "self",
            "cause": "interest",
            "to_office": None,
        },
    ),
    Step("petition.supplemented", "2026-08-03T02:05:00Z"),
    Step("attachment.added", "2026-08-03T02:06:00Z", data={"count": 1}),
    Step(
        "reception.changed",
        "2026-08-03T02:06:10Z",
        data={
            "id": RECEPTION,
            "kind": "leader_day",
            "day": "2026-03-02",
            "host": BUREAU,
            "offices": [BUREAU, TOWN],
            "published": True,
            "cancelled": False,
        },
    ),
    Step(
        "reception.recorded",
        "2026-08-03T02:06:20Z",
        data={
            "reception": RECEPTION,
            "host": BUREAU,
            "kind": "leader_day",
            "held_on": "2026-03-02",
            "promised_on": "2026-08-20",
        },
    ),
    Step(
        "reception.followed",
        "2026-08-03T02:06:30Z",
        data={"reception": RECEPTION, "host": BUREAU, "kept": True},
    ),
    Step("petition.linked", "2026-08-03T02:10:00Z", data={"repeat_of": EARLIER}),
    Step("petition.contested", "2026-08-03T02:20:00Z", data={"repeat_of": EARLIER}),
    Step("petition.unlinked", "2026-08-03T02:30:00Z", data={"repeat_of": EARLIER}),
    Step("urgent.marked", "2026-08-03T02:50:00Z", data={"office": BUREAU}),
    Step("petition.withdrawn", "2026-08-03T03:00:00Z"),
    Step("affair.issued", "2026-08-04T01:00:00Z", data=proposal(due_on="2026-09-03")),
    Step("affair.approaching", "2026-08-29T16:00:00Z", data=_owed("2026-08-29T16:00:00Z")),
    Step(
        "affair.rescheduled",
        "2026-08-30T01:00:00Z",
        data={
            "affair": AFFAIR,
            "duties": [{"duty": "feedback", "was": "2026-09-02T16:00:00Z", "due_at": FEEDBACK_DUE}],
        },
    ),
    Step("affair.missed", "2026-09-03T16:00:00Z", data=_owed(FEEDBACK_DUE)),
    Step("affair.answered", "2026-09-04T01:00:00Z", data=proposal(adopted=True)),
    Step("affair.returned", "2026-09-05T01:00:00Z", data=proposal(due_on="2026-09-12")),
    Step("affair.confirmed", "2026-09-10T01:00:00Z", data=proposal()),
    Step("affair.lifted", "2026-09-11T01:00:00Z", data=proposal()),
    Step(
        "report.published",
        "2026-10-08T01:00:00Z",
        data={
            "id": f"{BUREAU}.2026-09",
            "kind": "monthly",
            "office": BUREAU,
            "since": "2026-09-01",
            "until": "2026-09-30",
            "lines": [{"item": "registered", "n": 51}, {"item": "visit_city", "n": None}],
        },
    ),
    Step(
        "report.voided",
        "2026-10-09T01:00:00Z",
        data={"id": f"{BUREAU}.bulletin-7", "kind": "bulletin", "office": BUREAU},
    ),
)
