"""Several bodies, abolished bodies, officers who step aside: Art. 24 and 28, on rows in memory."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta
from typing import Any

import pytest

import routing.handlers
from intake.store import TimelineEntry
from kit.identity import Actor, Directory, Office, aside, reach
from kit.unit import Unit
from routing.store import VISIBLE as MATTERS
from routing.store import Deliberation, Matter
from supervision.store import Proceeding
from tests.people import NUMBER
from tests.unit.procedure.site import BRANCH, LABOUR, OFFICES, ROOT, START, TOWN, Site, officer
from tests.unit.procedure.test_procedure import OPINION, assigned, refused, served

OUTSIDE, NEW, OTHER = "330282-swj", "330282-new", "330282-other"
MET: dict[str, Any] = {"offices": [TOWN, BRANCH], "held_on": date(2026, 3, 2), "text": "协商情况。"}
MEETING = MET | {"offices": [TOWN, OUTSIDE], "minutes": "纪要。"}


def made(id_: str, parent: str | None, kind: str = "department") -> Office:
    return Office(id_, id_, id_, parent, "330282000000", "county", kind)


def site_of(*more: Office, ended: dict[str, tuple[str, ...]] | None = None, **fields: Any) -> Site:
    """A registered petition in a county with some more offices."""
    site = Site()
    know(site, *more, ended=ended)
    site.register(**fields)
    return site


def know(site: Site, *more: Office, ended: dict[str, tuple[str, ...]] | None = None) -> None:
    """The directory, with those that were abolished and who succeeds them."""
    gone = ended or {}
    offices = [
        replace(office, valid_to=START, successors=gone[office.id]) if office.id in gone else office
        for office in (*OFFICES, *more)
    ]
    site.directory = Directory(offices)
    site.means = replace(site.means, directory=site.directory)


def passes_on(site: Site, was: str) -> None:
    """The clock of routing looks at one petition."""

    def work(unit: Unit) -> None:
        unit.open([NUMBER])
        matter = unit.get(Matter, NUMBER)
        assert matter is not None
        routing.handlers.pass_on(unit, matter, was, site.directory)

    site._do("routing", site.at, work)
    site._settle()


def met(site: Site) -> list[Deliberation]:
    return list(site.stores["routing"].rows[Deliberation].values())


# -- several bodies --------------------------------------------------------------------------------


def test_bodies_that_agree_send_it_to_the_one_that_answers() -> None:
    site = site_of()
    helpers = [{"office": BRANCH, "due_on": site.today + timedelta(days=20)}]
    met_ = MET | {"agreed": True, "office": TOWN, "assisting": helpers}
    assert site.do("consult", ROOT, **met_) == {"lifted": None}
    assert site.owed() == {"accept": TOWN, "object": TOWN, "assist": BRANCH}
    assert site.matter.assisting == [BRANCH] and site.case.sender == ROOT
    (record,) = met(site)
    assert (record.level, record.agreed, record.office) == ("consultation", True, TOWN)
    assert "协商情况" not in repr(record), "what was said is sealed"
    told = [e.event for e in site.stores["routing"].log if e.event.type == "petition.consulted"]
    assert [e.data["lead"] for e in told] == [TOWN]


def test_bodies_that_do_not_agree_go_to_their_common_superior_who_owes_the_decision() -> None:
    site = site_of()
    assert site.do("consult", ROOT, **MET | {"agreed": False}) == {"lifted": "superior"}
    assert site.owed() == {"designate": ROOT}, "to refer it is to have forwarded it (Art. 22)"
    assert [
        s["name"] for s in site.offered() if s["name"] in ("assign", "designate", "consult")
    ] == ["designate"]
    assert refused(site, "consult", ROOT, **MET | {"agreed": False}) == "designation-needed"
    helpers = [{"office": BRANCH, "due_on": site.today + timedelta(days=9)}]
    site.do("designate", ROOT, office=TOWN, text="职责所在。", assisting=helpers)
    assert site.owed() == {"accept": TOWN, "assist": BRANCH}, "whoever was named does not object"
    assert [record.level for record in met(site)] == ["consultation", "superior"]


def test_a_department_designates_among_its_own() -> None:
    """The nearest common superior, not the top."""
    site = site_of(made(NEW, LABOUR))
    site.do("consult", ROOT, **MET | {"offices": [BRANCH, NEW], "agreed": False})
    assert site.owed() == {"designate": LABOUR}
    assert refused(site, "designate", ROOT, office=NEW, text="x") == "not-the-designator"
    site.do("designate", LABOUR, office=NEW, text="x")
    assert site.case.office == NEW and site.case.sender == LABOUR


def test_without_a_common_superior_the_joint_meeting_decides() -> None:
    site = site_of(made(OUTSIDE, "33-swj"))
    offices = [TOWN, OUTSIDE]
    answer = site.do("consult", ROOT, **MET | {"offices": offices, "agreed": False})
    assert answer == {"lifted": "joint_meeting"} and site.owed() == {"designate": ROOT}
    assert refused(site, "designate", ROOT, office=TOWN, text="x") == "nothing-to-designate"
    late = MEETING | {"held_on": site.today + timedelta(days=1), "office": TOWN}
    assert refused(site, "convene", ROOT, **late) == "held-in-future"
    site.do("convene", ROOT, **MEETING | {"office": OUTSIDE})
    assert site.owed() == {"accept": OUTSIDE} and site.matter.final
    record = met(site)[-1]
    assert (record.level, record.offices) == ("joint_meeting", offices) and record.minutes
    (told,) = [e.event for e in site.stores["routing"].log if e.event.type == "petition.designated"]
    assert told.data["held_on"] == "2026-03-02" and told.data["offices"] == offices


@pytest.mark.parametrize(
    ("changes", "rule"),
    [
        ({"offices": [TOWN], "agreed": False}, "consult-several"),
        ({"offices": [TOWN, TOWN], "agreed": False}, "consult-several"),
        ({"agreed": True}, "lead-missing"),
        ({"agreed": False, "office": TOWN}, "lead-without-agreement"),
        ({"agreed": True, "office": LABOUR}, "lead-not-consulted"),
        ({"agreed": False, "held_on": date(2026, 3, 3)}, "held-in-future"),
        ({"agreed": False, "offices": [TOWN, "nowhere"]}, "office-unknown"),
        ({"agreed": True, "office": TOWN, "method": "assign"}, "report-due-missing"),
    ],
)
def test_what_is_no_consultation(changes: dict[str, Any], rule: str) -> None:
    assert refused(site_of(), "consult", ROOT, **MET | changes) == rule


def test_no_accused_body_is_consulted_or_sits_in_the_meeting() -> None:
    """Art. 30: nor anyone under it."""
    site = site_of(made(OUTSIDE, None), type="accusation", accused=[LABOUR])
    assert refused(site, "consult", ROOT, **MET | {"agreed": False}) == "office-barred"
    site.do("consult", ROOT, **MET | {"offices": [TOWN, OUTSIDE], "agreed": False})
    bad = MEETING | {"offices": [TOWN, BRANCH], "office": TOWN}
    assert refused(site, "convene", ROOT, **bad) == "office-barred"
    site.do("convene", ROOT, **MEETING | {"office": TOWN})
    assert all(e.event.sealed for s in site.stores.values() for e in s.log)


# -- abolished bodies ------------------------------------------------------------------------------


def test_what_a_body_had_goes_to_its_one_successor_with_its_limits() -> None:
    site = assigned()
    site.do("sign", TOWN)
    site.do("accept", TOWN)
    due = site.due("answer")
    know(site, made(NEW, ROOT), ended={TOWN: (NEW,)})
    passes_on(site, TOWN)
    assert site.owed() == {"answer": NEW} and site.due("answer") == due
    for row in (site.case, site.matter, site.petition, site.fact):
        assert row.office == NEW and NEW in row.offices
    passes_on(site, TOWN)
    assert site.events("petition.succeeded") == ["petition.succeeded"], "once"
    site.do("answer", NEW, **OPINION)
    site.do("serve", NEW, **served(site))
    assert site.case.status == "served"


def test_an_abolished_registrar_sender_and_reviewer_is_succeeded_too() -> None:
    site = assigned()
    for step in ("sign", "accept"):
        site.do(step, TOWN)
    site.do("answer", TOWN, **OPINION)
    site.do("serve", TOWN, **served(site))
    site.do("seek_review", None, grounds="x", requested_on=None, office=LABOUR)
    assert site.owed() == {"review": LABOUR} and site.matter.reviewer == LABOUR
    know(site, made(NEW, ROOT), ended={LABOUR: (NEW,), ROOT: (NEW,)})
    passes_on(site, LABOUR)
    passes_on(site, ROOT)
    assert site.owed() == {"review": NEW}
    assert site.matter.sender == site.case.sender == NEW
    assert {site.case.registered_by, site.petition.registered_by, site.fact.registered_by} == {NEW}
    rows = site.stores["supervision"].rows[Proceeding].values()
    assert {p.stage: p.office for p in rows} == {"handle": TOWN, "review": NEW}, "history stays"
    site.do("decide_review", NEW, outcome="upheld", opinion="x")


def test_of_several_successors_the_office_above_them_names_one() -> None:
    site = assigned()
    know(site, made(NEW, ROOT), made(OTHER, ROOT), ended={TOWN: (NEW, OTHER)})
    passes_on(site, TOWN)
    assert site.owed() == {"accept": TOWN, "object": TOWN, "succession": ROOT}
    assert site.matter.orphan == TOWN
    passes_on(site, TOWN)
    assert site.events("petition.referred") == ["petition.referred"], "once"
    assert refused(site, "name_successor", NEW, office=NEW, text="x") == "petition-unknown"
    assert refused(site, "name_successor", ROOT, office=TOWN, text="x") == "office-abolished"
    site.do("name_successor", ROOT, office=OTHER, text="职责在此。")
    assert site.owed() == {"accept": OTHER, "object": OTHER} and site.matter.orphan is None
    assert refused(site, "name_successor", ROOT, office=NEW, text="x") == "nothing-to-succeed"
    site.do("sign", OTHER)


def test_nothing_is_sent_to_an_abolished_body() -> None:
    site = site_of(made(NEW, ROOT), ended={TOWN: (NEW,)})
    assert refused(site, "assign", ROOT, office=TOWN) == "office-abolished"
    helper = [{"office": TOWN, "due_on": site.today + timedelta(days=9)}]
    assert refused(site, "assign", ROOT, office=LABOUR, assisting=helper) == "office-abolished"
    site.do("assign", ROOT, office=NEW)


def test_the_successor_of_an_accused_body_stays_out() -> None:
    """Art. 30: whoever is barred is barred under a new name."""
    site = site_of(made(NEW, ROOT), made(OTHER, NEW), ended={LABOUR: (NEW,)},
                   type="accusation", accused=[LABOUR])  # fmt: skip
    for office in (NEW, OTHER, BRANCH):
        assert refused(site, "assign", ROOT, office=office) == "office-barred"
        assert not MATTERS.admits(reach(officer(office), site.directory), site.matter)
    site.do("assign", ROOT, office=TOWN)
    know(site, made(NEW, ROOT), ended={LABOUR: (NEW,), TOWN: (NEW,)})
    passes_on(site, TOWN)
    assert site.matter.office == TOWN and site.matter.chooser == ROOT, "not to the accused"
    assert NEW not in site.matter.offices


# -- officers who step aside -----------------------------------------------------------------------


def test_whoever_stepped_aside_has_no_part_in_it_and_the_colleague_goes_on() -> None:
    site = assigned()
    site.do("recuse", TOWN, cause="interest", account=None, office=None, head=False)
    me, colleague = officer(TOWN), Actor("officer", "o-2", TOWN, frozenset({"clerk"}))
    for name, row in (("matter", site.matter), ("case", site.case), ("petition", site.petition),
                      ("fact", site.fact)):  # fmt: skip
        assert row.barred == [aside(me.id)], name
        assert not MATTERS.admits(reach(me, site.directory), row)
        assert MATTERS.admits(reach(colleague, site.directory), row)
    assert refused(site, "sign", TOWN) == "petition-unknown"
    details = [entry.detail for entry in site.stores["intake"].appended[TimelineEntry]]
    assert details and not any("account" in d for d in details), "not even the account is shown"


def test_a_head_orders_it_and_where_the_head_steps_aside_the_superior_decides() -> None:
    site = assigned()
    site.do("sign", TOWN)
    site.do("accept", TOWN)
    order = {"cause": "kinship", "account": "o-clerk", "office": TOWN, "head": False}
    assert refused(site, "recuse", LABOUR, **order) == "petition-unknown"
    site.do("recuse", TOWN, **order)
    assert refused(site, "recuse", TOWN, **order) == "recused-already"
    assert refused(site, "recuse", TOWN, **order | {"account": "o-9", "office": ROOT}) == (
        "recusal-own-office"
    )
    site.do("ask_extension", TOWN, days=10, reason="x")
    head = {"cause": "interest", "account": f"o-{TOWN}", "office": TOWN, "head": True}
    site.do("recuse", ROOT, **head)
    assert ("decide_extension", ROOT) in [(s["name"], s["office"]) for s in site.offered()]
    site.do("decide_extension", ROOT, approved=True)
    assert site.events("petition.extended")
