"""Assessments as they are shown: the list, the table by group, one office's sheet, and the table as a file."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date
from typing import Any

from sqlalchemy import Connection, select

from contracts.public import stamp
from kit import sheet
from kit.identity import Actor, Directory
from kit.problems import not_found
from kit.vault import Vault
from stats.assessments.opening import WORK
from stats.assessments.round import Round
from stats.assessments.rows import assessment
from stats.assessments.steps import context
from stats.domain import assessment as rules
from stats.domain import conclusions, periods, schemes, scoring
from stats.domain.assessment import APPEALS, NEXT, PEER, RANKING, SELF, SHOWN, Sight
from stats.domain.change import plain
from stats.domain.indicators import INDICATORS
from stats.domain.refusal import Refused
from stats.domain.schemes import Criterion
from stats.domain.scoring import told
from stats.domain.windows import Windows
from stats.queries.figures import Asked, links
from stats.queries.question import Question


@dataclass(frozen=True)
class Reader:
    """Who reads an assessment, and when."""

    round: Round
    actor: Actor
    today: date
    windows: Windows

    @property
    def office(self) -> str | None:
        """Theirs; the command line reads as whoever holds the assessment."""
        return self.round.row.organiser if self.actor.kind == "tool" else self.actor.office

    @property
    def holds(self) -> bool:
        return bool(self.office == self.round.row.organiser)

    def sight(self, office: str) -> Sight | None:
        """What they see of an office's sheet."""
        row, its = self.round.row, self.round.sheets[office]
        part = self.office in self.round.sheets
        return rules.sight(row.state, self.office, row.organiser, office, its.checker, part)


# -- the list --------------------------------------------------------------------------------------


def every(connection: Connection) -> list[dict[str, Any]]:
    """All assessments, the newest first."""
    rows = connection.execute(select(assessment).order_by(assessment.c.opened_at.desc()))
    return [_head(row) for row in rows]


def _head(row: Any) -> dict[str, Any]:
    period = periods.read(row.period)
    return {
        "id": row.id,
        "organiser": row.organiser,
        "scheme": row.scheme["name"],
        "period": {"text": row.period, "since": str(period.since), "until": str(period.until)},
        "state": row.state,
        "self_due": str(row.self_due),
        "peer_due": str(row.peer_due),
        "appeal_due": str(row.appeal_due) if row.appeal_due else None,
        "opened_at": stamp(row.opened_at),
        "closed_at": stamp(row.closed_at) if row.closed_at else None,
    }


# -- the table -------------------------------------------------------------------------------------


def table(reader: Reader, directory: Directory, vault: Vault) -> dict[str, Any]:
    """An assessment as a table, as far as the reader sees it; with the summary once they see all of it."""
    round_ = reader.round
    row, scheme = round_.row, round_.scheme
    seen = {office: sight for office in round_.sheets if (sight := reader.sight(office))}
    everything = bool(seen) and all(sight.points for sight in seen.values()) and len(seen) == len(round_.sheets)  # fmt: skip
    return _head(row) | {
        "criteria": [_criterion(criterion, reader.windows) for criterion in scheme.criteria],
        "full": told(scheme.full),
        "bands": [scoring.band_name(scheme, band) for band in range(len(scheme.bands) + 1)],
        "rows": [_row(round_, office, sight) for office, sight in seen.items()],
        "summary": _summary(round_, directory) if everything and row.state in SHOWN else None,
        "conclusion": vault.open(row.conclusion, f"conclusion:{row.id}") if row.conclusion else None,
        "waiting": _waiting(round_) if reader.holds else None,
        "undecided": _undecided(round_) if reader.holds else None,
        "next": list(NEXT[row.state]) if reader.holds else [],
    }  # fmt: skip


def _row(round_: Round, office: str, sight: Sight) -> dict[str, Any]:
    its, standing = round_.sheets[office], round_.standings[office]
    seen = sight.points
    return {
        "office": office,
        "band": its.band,
        "registered": its.registered,
        "assigned": its.assigned,
        "checker": its.checker,
        "assessed": its.self_at is not None,
        "checked": its.peer_at is not None,
        "points": {id: told(points) for id, points in standing.points.items()} if seen else None,
        "total": told(standing.total) if seen else None,
        "rank": standing.rank if seen else None,
    }


def _waiting(round_: Round) -> dict[str, list[str]]:
    """Whom each stage waits for."""
    progress = round_.progress
    return {
        SELF: list(progress.unassessed), PEER: list(progress.unchecked), RANKING: list(progress.contested),
        APPEALS: list(progress.appeals),
    }  # fmt: skip


def _undecided(round_: Round) -> dict[str, list[str]]:
    """What waits for 定分: criteria by office."""
    if round_.row.state != RANKING:
        return {}
    return {office: [c.name for c in its] for office, its in round_.contested.items()}


def _summary(round_: Round, directory: Directory) -> dict[str, Any]:
    scheme, standings = round_.scheme, round_.standings
    appeals = [said for said in round_.said.values() if "appeal" in said]
    upheld = [said for said in appeals if "verdict" in said and said["verdict"].points is not None]
    names = {office: directory.named(office) for office in standings}
    means = conclusions.by_criterion(scheme, standings)
    return {
        "averages": {id: told(mean) for id, mean in means.items()},
        "total": told(scoring.average(standing.total for standing in standings.values())),
        "paragraphs": list(
            conclusions.paragraphs(scheme, standings, len(appeals), len(upheld), names)
        ),
    }


# -- one office's sheet ----------------------------------------------------------------------------


def one(reader: Reader, office: str, vault: Vault) -> dict[str, Any]:
    """An office's sheet: the evidence with its definitions and cases, what was said, and what the reader may do now.

    Raises Problem 404 for one that is not the reader's to see.
    """
    round_ = reader.round
    its = round_.sheet(office)
    sight = reader.sight(office)
    if sight is None:
        raise not_found("此单位的考核表", "score sheet of this office")
    scheme = round_.scheme
    return _head(round_.row) | {
        "office": office,
        "band": None if its.band is None else scoring.band_name(scheme, its.band),
        "checker": its.checker,
        "tolerance": told(scheme.tolerance),
        "assessed": its.self_at is not None,
        "checked": its.peer_at is not None,
        "total": told(round_.standings[office].total) if sight.points else None,
        "rank": round_.standings[office].rank if sight.points else None,
        "work": [_work(round_, office, what) for what in WORK],
        "criteria": [_scored(reader, office, each, sight, vault) for each in scheme.criteria],
        "steps": _steps(reader, its),
    }


def _work(round_: Round, office: str, what: str) -> dict[str, Any]:
    indicator = INDICATORS[what]
    found = _links(round_, office, what)
    n = getattr(round_.sheets[office], what)
    return {"name": WORK[what], "unit": indicator.unit, "n": n, "cases": found["cases"]}


def _links(round_: Round, office: str, what: str) -> dict[str, str | None]:
    """Where the cases behind a figure are listed, as they stand now."""
    indicator, period = INDICATORS[what], periods.read(round_.row.period)
    where = {"office": office}
    question = Question(indicator.numerator, period.since, period.until, where=where)
    return links(Asked(indicator, period, question), period, {})


def _criterion(criterion: Criterion, windows: Windows) -> dict[str, Any]:
    indicator = INDICATORS[criterion.indicator] if criterion.indicator else None
    return {
        "id": criterion.id,
        "name": criterion.name,
        "weight": told(criterion.weight),
        "source": criterion.source,
        "indicator": indicator.record(windows) if indicator else None,
        "scale": [[told(at), told(points)] for at, points in criterion.scale],
        "steps": criterion.steps,
        "least": criterion.least,
    }


def _scored(reader: Reader, office: str, criterion: Criterion, sight: Sight, vault: Vault) -> dict[str, Any]:  # fmt: skip
    round_ = reader.round
    said = round_.said.get((office, criterion.id), {})
    gone = ("self",) if round_.is_undisputed(office, criterion.id) else ()
    points = round_.standings[office].points.get(criterion.id)
    return _criterion(criterion, reader.windows) | _figure(round_, office, criterion) | {
        "points": told(points) if sight.points else None,
        "said": {
            step: {
                "points": row.points,
                "text": vault.open(row.text, context(row.id, office, criterion.id, step)),
                "at": stamp(row.at),
            }
            for step, row in said.items() if step in sight.steps and step not in gone
        },
        "may": _may(reader, office, criterion),
    }  # fmt: skip


def _figure(round_: Round, office: str, criterion: Criterion) -> dict[str, Any]:
    """A figure as it stood at the opening, what it gives, and the cases behind it."""
    if criterion.indicator is None:
        return {"numerator": None, "denominator": None, "value": None, "reckoned": None,
                "cases": None, "denominator_cases": None}  # fmt: skip
    numerator, denominator = round_.sheets[office].evidence[criterion.id]
    value = round_.figure(office, criterion)
    return {
        "numerator": numerator,
        "denominator": denominator,
        "value": None if value is None else plain(value),
        "reckoned": told(scoring.reckoned(criterion, value)),
        **_links(round_, office, criterion.indicator),
    }


# -- what a reader may do --------------------------------------------------------------------------


def _steps(reader: Reader, its: Any) -> list[str]:
    """The forms of a whole sheet that are theirs now."""
    row, found = reader.round.row, []
    if its.band is None:
        return []
    if reader.office == its.office and _allowed(
        lambda: rules.check_step(row.state, SELF, reader.today, row.self_due)
    ):
        found.append(SELF)
    if reader.office == its.checker and _allowed(
        lambda: rules.check_step(row.state, PEER, reader.today, row.peer_due)
    ):
        found.append(PEER)
    return found


def _may(reader: Reader, office: str, criterion: Criterion) -> str | None:
    """What they may do about one criterion now: `final`, `appeal` or `verdict`."""
    round_ = reader.round
    row, its = round_.row, round_.sheets[office]
    given = round_.given(office, criterion.id)
    if its.band is None:
        return None
    if reader.holds and row.state == RANKING:
        return "final" if rules.is_open(criterion, given, round_.scheme.tolerance) else None
    if reader.holds and row.state == APPEALS:
        return "verdict" if "appeal" in given and "verdict" not in given else None
    if reader.office == office and "appeal" not in given:
        in_time = _allowed(
            lambda: rules.check_step(row.state, APPEALS, reader.today, row.appeal_due)
        )
        return "appeal" if in_time else None
    return None


def _allowed(check: Callable[[], None]) -> bool:
    try:
        check()
    except Refused:
        return False
    return True


# -- files -----------------------------------------------------------------------------------------


def file(reader: Reader, directory: Directory) -> bytes:
    """The table as a workbook, its numbers as numbers; what is 不评 is blank."""
    round_ = reader.round
    scheme = round_.scheme
    titles = {c.id: f"{c.name}({told(c.weight)}分)" for c in scheme.criteria}
    columns = ("组别", "名次", "单位", "登记", "承办", *titles.values(), "总分")
    rows = []
    for band, standings in conclusions.by_band(round_.standings).items():
        for office, standing in standings.items():
            if not ((sight := reader.sight(office)) and sight.points):
                continue
            its = round_.sheets[office]
            points: dict[str, Any] = {titles[id]: each for id, each in standing.points.items()}
            rows.append(
                points | {
                    "组别": scoring.band_name(scheme, band), "单位": directory.named(office),
                    "名次": standing.rank, "登记": its.registered,
                    "承办": its.assigned, "总分": standing.total,
                }
            )  # fmt: skip
    return sheet.write(columns, rows, "xlsx")


def scheme(made: schemes.Scheme, windows: Windows) -> dict[str, Any]:
    """A scheme with its criteria."""
    return {
        "id": made.id,
        "name": made.name,
        "valid_from": str(made.valid_from),
        "bands": [scoring.band_name(made, band) for band in range(len(made.bands) + 1)],
        "tolerance": told(made.tolerance),
        "appeal_days": made.appeal_days,
        "full": told(made.full),
        "criteria": [_criterion(criterion, windows) for criterion in made.criteria],
    }
