"""Random histories: whatever people do, and in whatever order, no petition is lost between two steps."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule

from contracts.codes import DECLINES, OUTCOMES, REVIEW_OUTCOMES
from supervision.duties import SETTLING, heard
from supervision.store import Proceeding
from tests.unit.procedure import oracle
from tests.unit.procedure.site import BRANCH, COMMANDS, LABOUR, ROOT, TOWN, Refusals, Site

OFFICES = (ROOT, TOWN, LABOUR, BRANCH)
ENDED = ("withdrawn", "final")


HANDLED = (("assign", ROOT), ("sign", TOWN), ("accept", TOWN), ("answer", TOWN), ("serve", TOWN))
REVIEWED = (("seek_review", TOWN), ("decide_review", ROOT), ("serve_review", ROOT))
WAYS = (
    (*HANDLED, ("close", TOWN), *REVIEWED, *REVIEWED),
    (HANDLED[0], ("object", TOWN), ("arbitrate", ROOT), *HANDLED),
    (*HANDLED[:3], ("ask_extension", TOWN), ("decide_extension", TOWN), *HANDLED[3:]),
)
"""The ways that a history goes for some steps before chance takes over."""


def straight(name: str, site: Site) -> dict[str, Any]:
    """The body of a step on one of the ways."""
    outcomes = [{"ordinal": c.ordinal, "outcome": "explained"} for c in site.claims]
    bodies: dict[str, dict[str, Any]] = {
        "assign": {"office": TOWN},
        "answer": {"outcome": "explained", "opinion": "x", "claims": outcomes},
        "serve": {"method": "post", "served_on": site.today, "receipt": "signed"},
        "seek_review": {"grounds": "x", "requested_on": None},
        "decide_review": {"outcome": "upheld", "opinion": "x"},
        "object": {"reason": "outside_remit", "text": "x"},
        "arbitrate": {"agreed": True, "text": "x"},
        "ask_extension": {"days": 20, "reason": "x"},
        "decide_extension": {"approved": True},
    }
    return bodies.get(name.replace("serve_review", "serve"), {})


class Histories(RuleBasedStateMachine):
    """Any command by anybody at any time: it is done, or refused without a trace."""

    site: Site

    @initialize(
        kind=st.sampled_from(["request", "request", "suggestion", "accusation"]),
        count=st.integers(1, 3),
        way=st.sampled_from(WAYS),
        depth=st.integers(0, max(map(len, WAYS))),
    )
    def comes_in(self, kind: str, count: int, way: tuple[tuple[str, str], ...], depth: int) -> None:
        """A petition that has gone one of the ways for some steps."""
        self.site = Site()
        claim = {"type": kind, "branch": None, "text": None}
        accused = [LABOUR] if kind == "accusation" else []
        received_on = self.site.today - timedelta(days=count)
        self.site.register(
            type=kind, claims=[claim] * count, accused=accused, urgent=count == 3,
            received_on=received_on,
        )  # fmt: skip
        for name, office in way[:depth]:
            if name in {step["name"] for step in self.site.offered()}:
                self.site.do(name, office, **straight(name, self.site))

    @rule(days=st.sampled_from([0.1, 1, 3, 8, 20, 45]))
    def time_passes(self, days: float) -> None:
        self.site.wait(days)

    @rule(data=st.data())
    def somebody_does_what_is_offered(self, data: st.DataObject) -> None:
        """What the services offer, they accept: an offer that is refused is a broken promise."""
        offers = self.site.offered()
        if data.draw(st.integers(0, 9)):  # what ends it early would hide what comes later
            offers = [o for o in offers if o["name"] != "decline"]
        if not offers:
            return
        offer = data.draw(st.sampled_from(offers))
        name = offer["name"]
        if name == "hear":
            open_ = any(map(heard, self.site.duties))
            name = "close_hearing" if open_ else "open_hearing"
        office = offer["office"] or data.draw(st.sampled_from(self.site.case.offices))
        if name == "assign":
            office = offer["office"] or ROOT
        self._do(name, office, self._body(name, data))

    @rule(name=st.sampled_from(COMMANDS), office=st.sampled_from(OFFICES), data=st.data())
    def somebody_does_anything(self, name: str, office: str, data: st.DataObject) -> None:
        if name in ("decline", "withdraw") and data.draw(st.integers(0, 9)):
            return
        body = self._body(name, data)
        before, status = self.site.snapshot(), self.site.case.status
        try:
            self._do(name, office, body)
        except Refusals:
            assert self.site.snapshot() == before, "a refused step leaves no trace"
            assert self.site.case.status == status

    def _do(self, name: str, office: str, body: dict[str, Any]) -> None:
        """A step; if it is not refused, it was in its turn."""
        status = self.site.case.status
        self.site.do(name, office, **body)
        assert status in oracle.ORDER.get(name, {status}), f"{name} out of order: {status}"

    def _body(self, name: str, data: st.DataObject) -> dict[str, Any]:
        site = self.site
        claims = [c.ordinal for c in site.claims]
        bodies: dict[str, Any] = {
            "assign": st.fixed_dictionaries(
                {
                    "office": st.sampled_from((TOWN,) if site.case.sealed else (TOWN, LABOUR)),
                    "assisting": st.just([])
                    | st.just([{"office": ROOT, "due_on": site.today + timedelta(days=20)}]),
                }
            ),
            "assist": st.just({"text": "x"}),
            "object": st.just({"reason": "outside_remit", "text": "x"}),
            "arbitrate": st.fixed_dictionaries({"agreed": st.booleans(), "text": st.just("x")}),
            "decline": st.fixed_dictionaries({"reason": st.sampled_from(DECLINES)}),
            "accept": st.fixed_dictionaries(
                {"claims": st.just([]) | st.just([{"ordinal": 1, "branch": "31-1"}])}
            ),
            "ask_extension": st.fixed_dictionaries(
                {"days": st.integers(1, 30), "reason": st.just("x")}
            ),
            "decide_extension": st.fixed_dictionaries({"approved": st.booleans()}),
            "answer": st.fixed_dictionaries(
                {
                    "outcome": st.sampled_from(OUTCOMES),
                    "opinion": st.just("x"),
                    "claims": st.just([{"ordinal": n, "outcome": "explained"} for n in claims]),
                }
            ),
            "reopen": st.just({"reason": "not_executed"}),
            "seek_review": st.fixed_dictionaries(
                {"grounds": st.just("x"), "requested_on": st.sampled_from([None, site.served_on])}
            ),
            "decide_review": st.fixed_dictionaries(
                {"outcome": st.sampled_from(REVIEW_OUTCOMES), "opinion": st.just("x")}
            ),
        }
        if name in ("serve", "serve_review", "notify"):
            receipt = data.draw(st.sampled_from(["signed", "refused", "returned"]))
            served_on = data.draw(st.sampled_from([site.today, self._decided_on()]))
            return {"method": "post", "served_on": served_on, "receipt": receipt}
        drawn: dict[str, Any] = data.draw(bodies[name]) if name in bodies else {}
        return drawn

    def _decided_on(self) -> date:
        """The day of the opinion that waits to be served: the earliest on which it may have been."""
        rows = self.site.stores["supervision"].rows[Proceeding].values()
        decided = [row.decided_at for row in rows if row.decided_at]
        return max(decided).astimezone(oracle.ZONE).date() if decided else self.site.today

    # -- what always holds -----------------------------------------------------------------------

    @invariant()
    def a_step_leads_on_or_it_has_ended(self) -> None:
        ended = self.site.case.status in ENDED or self.site.case.final_reason == "declined"
        assert ended or self.site.offered(), self.site.case.status

    @invariant()
    def somebody_owes_something_or_it_has_ended(self) -> None:
        ended = self.site.case.status in ENDED or self.site.case.final_reason == "declined"
        assert ended != bool(self.site.owed()), (self.site.case.status, self.site.owed())

    @invariant()
    def no_clock_runs_twice(self) -> None:
        kinds = [
            (d.kind, d.office if d.kind == "assist" else "")
            for d in self.site.duties
            if d.state == "open"
        ]
        assert len(kinds) == len(set(kinds)), kinds

    @invariant()
    def a_due_date_is_what_the_oracle_says(self) -> None:
        told = [entry.event for store in self.site.stores.values() for entry in store.log]
        received_on = self.site.petition.received_on
        for duty in self.site.duties:
            if duty.state == "open" and duty.kind in {*oracle.DAYS, *oracle.WORKING_DAYS}:
                assert duty.due_at == oracle.due(duty, received_on, told), duty

    @invariant()
    def everybody_agrees_on_where_it_stands(self) -> None:
        rows = (self.site.case, self.site.matter, self.site.petition, self.site.fact)
        assert len({row.status for row in rows}) == 1
        assert len({row.office for row in rows}) == 1
        assert len({row.answer_due for row in rows}) == 1

    @invariant()
    def whoever_owes_something_may_see_it(self) -> None:
        """A duty of an office that cannot open the case would never be done."""
        owing = {d.office for d in self.site.duties if d.state == "open"}
        for row in (self.site.case, self.site.petition, self.site.matter, self.site.fact):
            assert owing <= set(row.offices), (owing, row.offices)

    @invariant()
    def each_crossing_is_told_once(self) -> None:
        for duty in self.site.duties:
            if duty.state != "open" or not duty.due_at:
                continue
            # one that was over when it was opened (a service entered late) is given a moment
            if max(duty.due_at, duty.started_at + SETTLING) <= self.site.at:
                assert duty.missed_at == duty.due_at, "whatever is over has been told"
        told = self.site.crossings()
        assert len(told) == len(set(told)), told

    @invariant()
    def only_the_sixty_days_are_the_petitions_own(self) -> None:
        """Branches 31(1)-(5) never start the 60-day clock."""
        claims = {claim.branch for claim in self.site.claims}
        if "31-6" not in claims:
            assert not any(d.kind == "answer" and d.state == "open" for d in self.site.duties)

    @invariant()
    def nobody_accused_sees_it(self) -> None:
        case = self.site.case
        assert not {LABOUR, BRANCH} & set(case.offices) or not case.barred
        if case.sealed:
            assert all(entry.event.sealed for s in self.site.stores.values() for entry in s.log)


Histories.TestCase.settings = settings(max_examples=60, stateful_step_count=40, deadline=None)
TestHistories = Histories.TestCase
