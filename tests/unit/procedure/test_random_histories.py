"""Random histories: whatever people do, and in whatever order, no petition is lost between two steps."""

from __future__ import annotations

from collections import Counter
from datetime import date, datetime, timedelta
from typing import Any

from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule

from contracts.codes import DECLINES, DOCUMENTS, FOLLOW_UP_RESULTS, OUTCOMES, REVIEW_OUTCOMES
from kit.envelope import Event
from routing.domain.dispute import DECLINES as DECLINED
from supervision.duties import AFTER, SETTLING, heard
from supervision.store import Proceeding
from tests.people import OPINION, REASONED
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
        "answer": OPINION | {"outcome": "explained", "claims": outcomes},
        "serve": {"method": "post", "served_on": site.today, "receipt": "signed"},
        "seek_review": {"grounds": "x", "requested_on": None},
        "decide_review": {"outcome": "upheld", "opinion": "x"},
        "object": {"reason": "outside_remit", "text": "x"},
        "arbitrate": {"agreed": True, "text": "x"},
        "ask_extension": {"days": 20, "reason": "x"},
        "decide_extension": {"approved": True},
    }
    return bodies.get(name.replace("serve_review", "serve"), {})


def _led(body: dict[str, Any]) -> dict[str, Any]:
    """A refusal with the body that it is led to, where the reason asks for one."""
    return body | {"elsewhere": "法院" if DECLINED[body["reason"]].elsewhere else None}


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
        self.site.register(
            type=kind, claims=[claim] * count, accused=accused, urgent=count == 3,
            simple=count == 2 and kind != "accusation",
            received_on=self.site.today - timedelta(days=count),
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
        self._do(name, office, self._body(name, data, offer.get("round")))

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

    def _met(self) -> dict[str, Any]:
        """Bodies that met today, none of them accused."""
        offices = [TOWN, ROOT if self.site.case.sealed else BRANCH]
        return {"offices": offices, "held_on": self.site.today, "text": "x", "minutes": "x"}

    def _body(self, name: str, data: st.DataObject, round_: int | None = None) -> dict[str, Any]:
        site = self.site
        claims = [c.ordinal for c in site.claims]
        day = site.today + timedelta(days=20)
        reported = {"method": st.just("assign"), "report_due": st.just(day)}
        bodies: dict[str, Any] = {
            "assign": st.fixed_dictionaries(
                {
                    "office": st.sampled_from((TOWN,) if site.case.sealed else (TOWN, LABOUR)),
                    **reported,
                    "assisting": st.just([])
                    | st.just([{"office": ROOT, "due_on": site.today + timedelta(days=20)}]),
                }
            ),
            "assist": st.just({"text": "x"}),
            "object": st.just({"reason": "outside_remit", "text": "x"}),
            "arbitrate": st.fixed_dictionaries({"agreed": st.booleans(), "text": st.just("x")}),
            "decline": st.fixed_dictionaries({"reason": st.sampled_from(DECLINES)}).map(_led),
            "consult": st.sampled_from(
                [
                    {"agreed": True, "office": TOWN},
                    {"agreed": False, "office": None},
                ]
            ).map(lambda outcome: self._met() | outcome),
            "designate": st.just({"office": TOWN, "text": "x"}),
            "convene": st.just(self._met() | {"office": TOWN}),
            "recuse": st.just({"cause": "other", "account": "o-2", "office": None, "head": True}),
            "name_successor": st.just({"office": TOWN, "text": "x"}),
            "accept": st.fixed_dictionaries(
                {"claims": st.just([]) | st.just([{"ordinal": 1, "branch": "31-1"}])}
            ),
            "ask_extension": st.fixed_dictionaries(
                {"days": st.integers(1, 30), "reason": st.just("x")}
            ),
            "decide_extension": st.fixed_dictionaries({"approved": st.booleans()}),
            "answer": st.fixed_dictionaries(
                {
                    "outcome": st.sampled_from([o for o in OUTCOMES if o != "settled"]),
                    "opinion": st.just("x"),
                    **{part: st.just(text) for part, text in REASONED.items()},
                    "claims": st.just(
                        [
                            {
                                "ordinal": n,
                                "outcome": "explained" if n in self._unsettled() else "settled",
                            }
                            for n in claims
                        ]
                    ),
                }
            ),
            "report_urgent": st.just(
                {"to": ["government"], "method": "phone", "reported_at": site.at, "text": "x"}
            ),
            "mark_urgent": st.just({"circumstances": "x"}),
            "reopen": st.fixed_dictionaries({"reason": st.just(self._ground())}),
            "mediate": st.fixed_dictionaries(
                {
                    "kind": st.just("mediation"),
                    "held_on": st.just(site.today),
                    "parties": st.just("x"),
                    "agreed": st.just(True),
                    "text": st.just("x"),
                    "claims": st.sampled_from([[], self._unsettled()[:1]]),
                }
            ),
            "follow_up": st.fixed_dictionaries(
                {
                    "method": st.just("phone"),
                    "followed_on": st.just(site.today),
                    "result": st.sampled_from(FOLLOW_UP_RESULTS),
                    "text": st.just("x"),
                }
            ),
            "issue": st.just(
                {
                    "office": self._addressee(),
                    "kind": "supervise",
                    "reason": "stalling",
                    "text": "x",
                    "due_on": None,
                }
            ),
            "reply": st.just({"text": "x", "adopted": None}),
            "judge": st.fixed_dictionaries(
                {"accepted": st.booleans(), "text": st.just("x"), "due_on": st.none()}
            ),
            "give_paper": st.fixed_dictionaries({"kind": st.sampled_from(DOCUMENTS)}),
            "void_paper": st.fixed_dictionaries(
                {"ordinal": st.integers(1, 3), "cause": st.just("replaced")}
            ),
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
        if name in ("reply", "judge", "lift"):
            drawn = drawn | {"round": round_ or data.draw(st.integers(1, 3))}
        return drawn

    def _unsettled(self) -> list[int]:
        rows = self.site.mediations
        agreed = {n for m in rows if m.handling == self.site.case.round for n in m.claims}
        return [c.ordinal for c in self.site.claims if c.ordinal not in agreed]

    def _addressee(self) -> str:
        """A body that may be ordered now, or one that may not."""
        busy = {o.office for o in self.site.orders if o.kind == "supervise" and not o.ended_at}
        free = [o for o in self.site.case.offices if o not in busy | {ROOT}]
        return free[0] if free else TOWN

    def _ground(self) -> str:
        """What gives reason to handle it anew."""
        unkept = [f for f in self.site.follow_ups if f.handling == self.site.case.round]
        return "not_executed" if any(f.result == "not_executed" for f in unkept) else "new_error"

    def _decided_on(self) -> date:
        """The day of the opinion that waits to be served: the earliest on which it may have been."""
        rows = self.site.stores["supervision"].rows[Proceeding].values()
        decided = [row.decided_at for row in rows if row.decided_at]
        return max(decided).astimezone(oracle.ZONE).date() if decided else self.site.today

    # -- what always holds -----------------------------------------------------------------------

    @invariant()
    def a_step_leads_on_or_it_has_ended(self) -> None:
        ended = self.site.case.status in ENDED or self.site.case.final_reason == "declined"
        leading = [step for step in self.site.offered() if step["name"] != "mark_urgent"]
        assert ended or leading, self.site.case.status

    @invariant()
    def somebody_owes_something_or_it_has_ended(self) -> None:
        ended = self.site.case.status in ENDED or self.site.case.final_reason == "declined"
        owed = set(self.site.owed())
        assert owed <= set(AFTER) if ended else owed, (self.site.case.status, owed)

    @invariant()
    def no_clock_runs_twice(self) -> None:
        kinds = [
            (d.kind, d.office if d.kind in ("assist", "order") else "")
            for d in self.site.duties
            if d.state == "open" and d.kind != "confirm"
        ]
        assert len(kinds) == len(set(kinds)), kinds

    @invariant()
    def a_demand_is_owed_by_one_of_the_two_until_it_ends(self) -> None:
        open_ = {f"{d.kind}:{d.round}": d.office for d in self.site.duties if d.state == "open"}
        for order in self.site.orders:
            turn = {"open": order.office, "answered": order.issuer}.get(order.state)
            assert open_.get(order.owed or "") == turn, order
            assert (order.ended_at is None) == (turn is not None)

    @invariant()
    def a_due_date_is_what_the_oracle_says(self) -> None:
        told, received_on = self._told(), self.site.petition.received_on
        reckoned = {*oracle.DAYS, *oracle.WORKING_DAYS, *oracle.HOURS}
        for duty in self.site.duties:
            if duty.state == "open" and duty.kind in reckoned:
                assert duty.due_at == oracle.due(duty, received_on, told), duty

    @invariant()
    def what_is_urgent_is_owed_until_it_is_reported(self) -> None:
        """Whatever becomes of the petition: withdrawn, declined, finished or handled anew (Art. 25)."""
        assert ("urgent" in self.site.owed()) == oracle.unreported(self._told())

    @invariant()
    def everybody_knows_what_is_urgent(self) -> None:
        urgent = oracle.known_urgent(self._told()) is not None
        assert self.site.case.urgent == self.site.petition.urgent == urgent

    def _told(self) -> list[Event]:
        """Everything that was told by anybody."""
        return [entry.event for store in self.site.stores.values() for entry in store.log]

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
        for (type_, kind, moment), times in Counter(self.site.crossings()).items():
            at = datetime.fromisoformat(moment)
            ran = [
                d
                for d in self.site.duties
                if d.kind == kind
                and d.zero <= at.astimezone(oracle.ZONE).date()
                and (d.ended_at is None or d.ended_at >= at)
            ]
            assert times <= len(ran), (type_, kind, moment)

    @invariant()
    def only_the_sixty_days_are_the_petitions_own(self) -> None:
        """Branches 31(1)-(5) never start the 60-day clock."""
        claims = {claim.branch for claim in self.site.claims}
        if "31-6" not in claims:
            assert not any(d.kind == "answer" and d.state == "open" for d in self.site.duties)

    @invariant()
    def papers_are_numbered_without_gaps_and_given_once(self) -> None:
        papers = self.site.papers
        for series in {(p.office, p.kind, p.year) for p in papers}:
            numbers = [p.serial for p in papers if (p.office, p.kind, p.year) == series]
            assert numbers == list(range(1, len(numbers) + 1))
        standing = [(p.kind, p.about) for p in papers if not p.void_at]
        assert len(standing) == len(set(standing))

    @invariant()
    def nobody_accused_sees_it(self) -> None:
        case = self.site.case
        bodies = [
            mark for mark in case.barred if not mark.startswith("@")
        ]  # who stepped aside is no body
        assert not {LABOUR, BRANCH} & set(case.offices) or not bodies
        if case.sealed:
            assert all(entry.event.sealed for s in self.site.stores.values() for entry in s.log)


Histories.TestCase.settings = settings(max_examples=60, stateful_step_count=40, deadline=None)
TestHistories = Histories.TestCase
