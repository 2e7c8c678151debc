"""The steps of an assessment: each one transaction, and every word that people write sealed."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta
from decimal import Decimal
from typing import Any

from contracts.public import path
from kit import clock
from kit.identity import Actor, Directory
from kit.unit import Unit
from kit.vault import Vault
from stats.assessments.round import Round, published
from stats.assessments.rows import Score
from stats.domain import assessment as rules
from stats.domain import periods, scoring
from stats.domain.assessment import APPEALS, CANCELLED, CLOSED, PEER, RANKING, SELF

_NOT_YOURS = ("此步由其他单位办理。", "This step is another office's.")
_DUE = {SELF: "self_due", PEER: "peer_due", APPEALS: "appeal_due"}
"""A stage → the column that holds its last day."""


# -- the offices' steps ----------------------------------------------------------------------------


@dataclass(frozen=True)
class Hand:
    """Who writes on which sheet, and with what it is sealed."""

    unit: Unit
    id: str
    office: str
    actor: Actor
    vault: Vault

    def check_own(self, wanted: str | None) -> None:
        """Raises Refused 403 for another office; the command line acts for any."""
        if self.actor.kind != "tool":
            rules.check_own(self.actor.office, wanted, *_NOT_YOURS)

    def say(self, criterion: str, step: str, points: Decimal | None, text: str) -> None:
        """What is said now replaces what was said in the same step before."""
        sealed = self.vault.seal(text, context(self.id, self.office, criterion, step))
        exact = None if points is None else scoring.told(scoring.rounded(points))
        row = self.unit.get(Score, self.id, self.office, criterion, step)
        if row is None:
            now, by = self.unit.now, self.actor.id
            self.unit.add(Score(self.id, self.office, criterion, step, exact, sealed, by, now))
        else:
            row.points, row.text, row.by, row.at = exact, sealed, self.actor.id, self.unit.now


def context(id: str, office: str, criterion: str, step: str) -> str:
    """Where a sealed text belongs."""
    return f"score:{id}:{office}:{criterion}:{step}"


def assess(hand: Hand, body: Mapping[str, Any]) -> dict[str, Any]:
    """自评: points with evidence for every judged criterion, and which figures are wrong."""
    round_ = _at(hand, SELF)
    hand.check_own(hand.office)
    disputed = [each["criterion"] for each in body["disputes"]]
    rules.check_marks(round_.scheme, _marks(body), disputed)
    sheet = round_.sheet(hand.office)
    sheet.self_at, sheet.disputed = hand.unit.now, disputed
    for mark in body["marks"]:
        hand.say(mark["criterion"], SELF, mark["points"], mark["text"])
    for each in body["disputes"]:
        hand.say(each["criterion"], SELF, None, each["text"])
    return {"number": hand.id}


def check(hand: Hand, body: Mapping[str, Any]) -> dict[str, Any]:
    """互查: points and a remark for every judged criterion of another office."""
    round_ = _at(hand, PEER)
    sheet = round_.sheet(hand.office)
    hand.check_own(sheet.checker)
    rules.check_marks(round_.scheme, _marks(body))
    for mark in body["marks"]:
        hand.say(mark["criterion"], PEER, mark["points"], mark["text"])
    sheet.peer_at = hand.unit.now
    return {"number": hand.id}


def appeal(hand: Hand, body: Mapping[str, Any]) -> dict[str, Any]:
    """申诉 against the points of one criterion."""
    round_ = _at(hand, APPEALS)
    hand.check_own(hand.office)
    criterion = round_.scheme.criterion(body["criterion"])
    rules.check_appeal(round_.given(hand.office, criterion.id))
    hand.say(criterion.id, "appeal", None, body["text"])
    return {"number": hand.id}


def _marks(body: Mapping[str, Any]) -> list[tuple[str, Decimal]]:
    return [(mark["criterion"], mark["points"]) for mark in body["marks"]]


def _at(hand: Hand, wanted: str) -> Round:
    """The assessment, in the stage that this step belongs to, and an office that had something to assess."""
    round_ = Round.opened(hand.unit, hand.id)
    row, sheet = round_.row, round_.sheet(hand.office)
    due = getattr(row, _DUE[wanted]) if wanted in _DUE else None
    rules.check_step(row.state, wanted, clock.local_date(hand.unit.now), due)
    rules.check_assessed(sheet.band)
    return round_


# -- the petition office's steps -------------------------------------------------------------------


def decide(hand: Hand, body: Mapping[str, Any]) -> dict[str, Any]:
    """定分 where self and peer differ too much, nobody checked, or a figure is disputed; without points: it holds."""
    round_ = _at(hand, RANKING)
    hand.check_own(round_.row.organiser)
    criterion = round_.scheme.criterion(body["criterion"])
    given = round_.given(hand.office, criterion.id)
    rules.check_final(criterion, body["points"], given, round_.scheme.tolerance)
    hand.say(criterion.id, "final", body["points"], body["text"])
    return {"number": hand.id}


def answer(hand: Hand, body: Mapping[str, Any]) -> dict[str, Any]:
    """处理申诉: upheld with new points, or rejected; either way with the reason. It may come after the last day
    of appeal."""
    round_ = Round.opened(hand.unit, hand.id)
    hand.check_own(round_.row.organiser)
    rules.check_step(round_.row.state, APPEALS, clock.local_date(hand.unit.now), None)
    round_.sheet(hand.office)
    criterion, points = round_.scheme.criterion(body["criterion"]), body["points"]
    given = round_.given(hand.office, criterion.id)
    rules.check_verdict(criterion, given, body["upheld"], points)
    hand.say(criterion.id, "verdict", points, body["text"])
    return {"number": hand.id}


def advance(
    unit: Unit, id: str, body: Mapping[str, Any], actor: Actor, directory: Directory, vault: Vault
) -> dict[str, Any]:
    """The next stage: 互查, 定分, 排序, 公布; or 作废. Publishing emits report.published."""
    round_ = Round.opened(unit, id)
    row, today, to = round_.row, clock.local_date(unit.now), body["state"]
    if actor.kind != "tool":
        rules.check_own(actor.office, row.organiser, *_NOT_YOURS)
    due = getattr(row, _DUE[row.state]) if row.state in _DUE else None
    rules.check_advance(row.state, to, round_.progress, due, today, directory.named)
    if to == APPEALS:
        row.appeal_due = today + timedelta(days=round_.scheme.appeal_days)
    if to == CLOSED:
        _publish(unit, round_, directory)
        row.conclusion = vault.seal(body["text"], f"conclusion:{id}") if body["text"] else None
    row.state = to
    row.closed_at = unit.now if to in (CLOSED, CANCELLED) else None
    return {"number": id}


def _publish(unit: Unit, round_: Round, directory: Directory) -> None:
    """公布: every office's points, sum and rank are kept as they are. Emits report.published: ranks alone, no text."""
    row, period = round_.row, periods.read(round_.row.period)
    for office, standing in round_.standings.items():
        round_.sheets[office].result = published(standing)
    organiser = directory.get(row.organiser)
    data = {
        "id": row.id,
        "kind": "assessment",
        "office": row.organiser,
        "since": period.since.isoformat(),
        "until": period.until.isoformat(),
        "lines": [
            {"item": office, "n": standing.rank}
            for office, standing in sorted(round_.standings.items())
        ],
    }
    unit.emit(
        row.id, "report.published", data, path=path(organiser.division if organiser else None)
    )
