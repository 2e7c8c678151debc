"""Every clock of the table in docs/procedure.md, once each: it opens, warns, is told when its time is over, and
ends by the step that ends it."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta

import pytest

from contracts.public import stamp
from supervision.domain import clocks
from supervision.store import Duty
from tests.unit.procedure.site import BRANCH, LABOUR, ROOT, TOWN, Site
from tests.unit.procedure.test_procedure import (
    ITEM,
    OPINION,
    ORDER,
    accepted,
    answered,
    asked,
    assigned,
    closed_,
    mediated,
    reviewed,
    said,
    served,
)

ELSEWHERE = {
    "triage": "tests/unit/supervision: facts that clash",
    "feedback": "tests/integration/supervision/test_orders_http.py",
    "annual": "tests/integration/supervision/test_orders_http.py",
    "assess": "tests/integration/supervision/test_orders_http.py",
    "promise": "tests/unit/supervision/test_supervision_handlers.py",
    "succession": "tests/unit/procedure/test_bodies.py",
}
"""Clocks of no one petition, or of no one step, and where they are tested."""
Life = tuple[Callable[[], Site], Callable[[Site], object]]


def registered(**changes: object) -> Site:
    site = Site()
    site.register(**changes)
    return site


def own() -> Site:
    site = registered()
    site.do("assign", ROOT, office=ROOT, method="self")
    return site


def objected() -> Site:
    site = assigned()
    site.do("object", TOWN, **ITEM)
    return site


def agreed() -> Site:
    site = objected()
    site.do("arbitrate", ROOT, agreed=True, text="同意。")
    return site


def bounced() -> Site:
    site = agreed()
    site.do("assign", ROOT, office=BRANCH)
    site.do("object", BRANCH, **ITEM)
    site.do("arbitrate", ROOT, agreed=True, text="同意。")
    return site


def reported() -> Site:
    site = registered()
    last = site.today + timedelta(days=20)
    site.do("assign", ROOT, office=TOWN, method="assign", report_due=last)
    site.do("sign", TOWN)
    site.do("accept", TOWN)
    site.do("answer", TOWN, **OPINION)
    return site


def helped() -> Site:
    site = registered()
    helper = {"office": LABOUR, "due_on": site.today + timedelta(days=9)}
    site.do("assign", ROOT, office=TOWN, assisting=[helper])
    return site


def simple() -> Site:
    site = registered(simple=True)
    site.do("assign", ROOT, office=TOWN)
    site.do("sign", TOWN)
    return site


def was_served() -> Site:
    site = answered()
    site.do("serve", TOWN, **served(site))
    return site


def sought() -> Site:
    site = was_served()
    site.do("seek_review", None, grounds="x", requested_on=None)
    return site


def review_served() -> Site:
    site = reviewed()
    site.do("serve_review", ROOT, **served(site))
    return site


def rereview_sought() -> Site:
    site = review_served()
    site.do("seek_review", None, grounds="x", requested_on=None)
    return site


def declined() -> Site:
    site = registered()
    site.do("decline", ROOT, reason="litigation", elsewhere="某某法院")
    return site


def settled() -> Site:
    site = accepted()
    site.do("mediate", TOWN, **mediated(site))
    site.do("serve", TOWN, **served(site))
    return site


def ordered() -> Site:
    site = accepted()
    site.do("issue", ROOT, **ORDER)
    return site


def replied() -> Site:
    site = ordered()
    site.do("reply", TOWN, **REPLY)
    return site


def undone() -> Site:
    site = closed_()
    site.do("follow_up", ROOT, **asked(site, "not_executed"))
    return site


def suggestion() -> Site:
    site = assigned(type="suggestion")
    site.do("sign", TOWN)
    site.do("accept", TOWN)
    return site


REPLY = {"round": 1, "text": "已办理。", "adopted": None}
LED = [{"ordinal": 1, "branch": "31-1"}]
UPHELD = {"outcome": "upheld", "opinion": "x"}
LIVES: dict[str, Life] = {
    "forward": (registered, lambda s: s.do("assign", ROOT, office=TOWN)),
    "inform": (own, lambda s: (s.do("sign", ROOT), s.do("accept", ROOT))),
    "accept": (assigned, lambda s: (s.do("sign", TOWN), s.do("accept", TOWN))),
    "object": (assigned, lambda s: s.do("object", TOWN, **ITEM)),
    "arbitrate": (objected, lambda s: s.do("arbitrate", ROOT, agreed=False, text="x")),
    "report": (reported, lambda s: s.do("reply", TOWN, **REPLY)),
    "answer": (accepted, lambda s: s.do("answer", TOWN, **OPINION)),
    "seek_review": (was_served, lambda s: s.do("seek_review", None, grounds="x", requested_on=None)),
    "review": (sought, lambda s: s.do("decide_review", ROOT, **UPHELD)),
    "seek_rereview": (
        review_served, lambda s: s.do("seek_review", None, grounds="x", requested_on=None),
    ),
    "rereview": (rereview_sought, lambda s: s.do("decide_review", ROOT, **UPHELD)),
    "urgent": (lambda: registered(urgent=True), lambda s: s.do("report_urgent", ROOT, **said(s))),
    "simple_forward": (
        lambda: registered(simple=True), lambda s: s.do("assign", ROOT, office=TOWN),
    ),
    "simple_accept": (simple, lambda s: s.do("accept", TOWN, procedure="simple")),
    "simple_answer": (
        lambda: accepted(procedure="simple"), lambda s: s.do("answer", TOWN, **OPINION),
    ),
    "elsewhere": (lambda: accepted(claims=LED), lambda s: s.do("answer", TOWN, **OPINION)),
    "reply": (suggestion, lambda s: s.do("answer", TOWN, **OPINION)),
    "notify": (declined, lambda s: s.do("notify", ROOT, **served(s))),
    "reforward": (agreed, lambda s: s.do("assign", ROOT, office=LABOUR)),
    "designate": (bounced, lambda s: s.do("designate", ROOT, office=LABOUR, text="职责所在。")),
    "assist": (helped, lambda s: s.do("assist", LABOUR, text="x")),
    "serve": (answered, lambda s: s.do("serve", TOWN, **served(s))),
    "close": (settled, lambda s: s.do("close", TOWN)),
    "order": (ordered, lambda s: s.do("reply", TOWN, **REPLY)),
    "confirm": (replied, lambda s: s.do("judge", ROOT, round=1, accepted=True, text=None, due_on=None)),
    "follow_up": (closed_, lambda s: s.do("follow_up", ROOT, **asked(s))),
    "reopen": (undone, lambda s: s.do("reopen", TOWN, reason="not_executed")),
}  # fmt: skip


def newest(site: Site, kind: str) -> Duty:
    return max((d for d in site.duties if d.kind == kind), key=lambda d: d.round)


def test_no_clock_is_forgotten() -> None:
    assert {*LIVES, *ELSEWHERE} == {rule.kind for rule in clocks.RULES if rule.valid_to is None}


@pytest.mark.parametrize("kind", LIVES)
def test_it_ends_by_its_step_and_in_time_is_in_time(kind: str) -> None:
    begin, end = LIVES[kind]
    site = begin()
    duty = newest(site, kind)
    assert duty.state == "open" and duty.due_at and duty.due_at > site.at
    assert (duty.warn_at is None) == (not clocks.rule_of(duty.rule).warn)
    end(site)
    ended = next(d for d in site.duties if (d.kind, d.round) == (kind, duty.round))
    assert ended.state == "fulfilled" and ended.missed_at is None


@pytest.mark.parametrize("kind", LIVES)
def test_when_its_time_is_over_it_is_told_with_the_moment_it_happened(kind: str) -> None:
    begin, _ = LIVES[kind]
    site = begin()
    duty = newest(site, kind)
    rule, due, warn = clocks.rule_of(duty.rule), duty.due_at, duty.warn_at
    assert due is not None
    site.wait((due - site.at).total_seconds() / 86_400 - 0.01)
    told = {(t, at) for t, k, at in site.crossings() if k == kind}
    assert told == ({("duty.approaching", stamp(warn))} if warn else set()), "not before"
    site.wait(0.02)
    told = {(t, at) for t, k, at in site.crossings() if k == kind}
    assert ("duty.lapsed" if rule.lapses else "duty.missed", stamp(due)) in told
    state = next(d.state for d in site.duties if (d.kind, d.round) == (kind, duty.round))
    assert state == ("lapsed" if rule.lapses else "open"), "what is late is still owed"
