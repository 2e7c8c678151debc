"""Figures over a lived year: roll-ups agree with the cases, every figure with its list, an earlier day with what
was known then."""

from __future__ import annotations

import csv
import io
from collections import Counter
from datetime import date, timedelta
from itertools import combinations
from threading import Semaphore
from typing import Any
from urllib.parse import parse_qs

import psycopg2.extensions
import pytest
from openpyxl import load_workbook

from kit import clock, db, keys, sheet, xlsx
from kit.identity import SITE_WIDE, Directory
from kit.migrations import engine_for
from stats import rolling
from stats.app import FILES
from stats.domain.indicators import INDICATORS
from stats.domain.measures import (
    CASE_DIMENSIONS,
    CASE_MEASURES,
    STEP_DIMENSIONS,
    STEP_MEASURES,
    marks,
)
from stats.domain.windows import RATING, REPEAT, Windows, window, with_site
from stats.queries import cases, sums
from stats.queries.question import Question
from stats.store import Fact
from tests.county import BUREAU, DIVISION, LABOUR, TOWN, VILLAGE, County, assert_problem
from tests.many import MANY, OLD, add_cases
from tool.demo import Site, generate_lives
from tool.generate import generate, offices
from tool.history import History, Vaults

PETITIONS, SEED, DAYS = 150, 11, 200
DAY = timedelta(days=1)
TODAY = clock.local_date(clock.now())
START = TODAY - DAYS * DAY
ALL = f"free:{START}..{TODAY}"


@pytest.fixture(scope="module", autouse=True)
def _lived(county: County) -> None:
    """A past, copied in and rolled up."""
    try:
        generate(
            county.url,
            county.state / "keys",
            PETITIONS,
            SEED,
            START,
            clock.midnight(TODAY),
            "330282",
        )
    finally:
        psycopg2.extensions.set_wait_callback(db._wait)


def directory(county: County) -> Directory:
    return county.apps["stats"].directory.get()


def by_sums(county: County, question: Question) -> Counter[Any] | None:
    plan = sums.plan(question, directory(county))
    if plan is None:
        return None
    with county.apps["stats"].database.reading() as connection:
        found = sums.counted(
            connection, SITE_WIDE, question.ripened(TODAY), plan, directory(county)
        )
    return Counter({key: n for key, n in found.items() if n})


def by_cases(county: County, question: Question) -> Counter[Any]:
    with county.apps["stats"].database.reading() as connection:
        behind = cases.Behind(question.ripened(TODAY), directory(county), clock.now())
        found = cases.counted(connection, SITE_WIDE, behind)
    return Counter({key: n for key, n in found.items() if n})


PLACES: list[dict[str, str]] = [
    {}, {"division": "330282"}, {"division": "3302"}, {"division": DIVISION}, {"division": VILLAGE},
    {"office": BUREAU}, {"office": TOWN}, {"office": LABOUR},
]  # fmt: skip


def questions(measure: str) -> list[Question]:
    """Every place × up to two dimensions, over months, parts of months, and by day."""
    known = CASE_DIMENSIONS if measure in CASE_MEASURES else STEP_DIMENSIONS
    case = CASE_MEASURES.get(measure)
    names = [d for d in known if d != "level" or (case and case.receiver)]
    groups: list[tuple[str, ...]] = [(), *((d,) for d in names), *combinations(names, 2)]
    since, until = START + 7 * DAY, TODAY - 20 * DAY
    months = sums.month_after(since), until.replace(day=1) - DAY
    found = [
        Question(measure, *span, by=by, **p)
        for span in (months, (since, until)) for p in PLACES for by in groups
    ]  # fmt: skip
    if not (case and case.stock):
        found += [Question(measure, since, until, by=(time,)) for time in ("day", "month")]
        found.append(Question(measure, since, until, by=("month", "channel")))
    return found


@pytest.mark.parametrize(
    "measure", ["registered", "heads", "household", "open", "answer_in_time", "days_to_answer", "rate_due", "assigned", "missed"]
)  # fmt: skip
def test_the_sums_are_what_the_cases_say(county: County, measure: str) -> None:
    served = 0
    for question in questions(measure):
        if (found := by_sums(county, question)) is not None:
            assert found == by_cases(county, question), question
            served += 1
    assert served > 90
    assert by_sums(county, Question(measure, START, TODAY))


APART = [measure.id for measure in CASE_MEASURES.values() if measure.apart]
"""Those that no roll-up holds."""


@pytest.mark.parametrize("measure", [*CASE_MEASURES, *STEP_MEASURES])
def test_every_measure_is_what_its_cases_say(county: County, measure: str) -> None:
    question = Question(measure, START, TODAY, by=("channel",))
    found = by_sums(county, question)
    assert found == by_cases(county, question) or (found is None and measure in APART)


def test_the_day_of_closing_tells_how_long_nothing_may_come_again(county: County) -> None:
    """The list's condition in SQL, against the rule read in Python over every case."""
    rows = county.sql("SELECT number, turn, closed_at, repeat_of, registered_at FROM stats.fact")
    closed = {number: at for number, turn, at, *_ in rows if at and turn == "first"}
    again = [(first, at) for *_, first, at in rows if first in closed and at >= closed[first]]
    assert again, "something has come again"
    middle = sorted(clock.local_date(closed[first]) for first, _ in again)[len(again) // 2]
    found, now = [], clock.now()
    soonest = min((at - closed[first]).days for first, at in again) + 1
    own = ([(START, 1), (middle, 180)], [(START, soonest)])
    for repeat in (REPEAT, *(with_site(REPEAT, windows) for windows in own)):
        over = {n: at + window(clock.local_date(at), repeat) for n, at in closed.items()}
        due = {number for number, until in over.items() if until <= now}
        gone = {first for first, at in again if at < over[first]}
        told = []
        for measure in ("repeat_due", "unrepeated"):
            question = Question(measure, START, TODAY)
            with county.apps["stats"].database.reading() as connection:
                behind = cases.Behind(question, directory(county), now, Windows(repeat=repeat))
                told.append(cases.counted(connection, SITE_WIDE, behind)[()])
        assert told == [len(due), len(due - gone)]
        found.append(told)
    assert found[0] != found[1] and found[2][0] > found[2][1] > 0, "waited for, and come again"


def test_an_answer_prints_the_sites_windows(
    county: County, monkeypatch: pytest.MonkeyPatch
) -> None:
    own = Windows(with_site(RATING, [(TODAY, 60)]))
    monkeypatch.setattr(county.apps["stats"], "windows", own)
    formula = f"送达满30日({TODAY}起60日)"
    assert formula in figures(county, f"what=participation&period={ALL}")["indicator"]["formula"]
    listed = county.get("stats", f"/figures/cases?what=participation&period={ALL}").json
    known = {one["id"]: one for one in county.get("stats", "/indicators").json["indicators"]}
    for told in (listed["indicator"], known["participation"]):
        assert formula in told["formula"]


def test_what_is_chosen_is_what_is_asked_for(county: County) -> None:
    for by, where in (("type", {"channel": "web"}), ("channel", {"topic": "c05"}),
                      ("type", {"level": "county"}), ("channel", {"town": DIVISION})):  # fmt: skip
        question = Question("registered", START, TODAY, by=(by,), where=where)
        grouped = by_cases(county, Question("registered", START, TODAY, by=(by, *where)))
        (wanted,) = where.values()
        expected = Counter({(key[0],): n for key, n in grouped.items() if key[1] == wanted})
        assert by_cases(county, question) == expected
        assert by_sums(county, question) in (None, expected)


def test_an_earlier_day_is_told_as_it_was_known_then(county: County) -> None:
    """Against the same lives lived up to that day and no further."""
    for back in (1, 30, 80):
        as_of = TODAY - back * DAY
        known = known_by(county, as_of)
        for measure in ("registered", "open", "answer_due", "case_closed", "satisfied_body"):
            asked = Question(measure, START, TODAY + 90 * DAY, by=("office",), as_of=as_of)
            assert by_sums(county, asked) == known[measure], (measure, as_of)


def known_by(county: County, day: date) -> dict[str, Counter[Any]]:
    until = clock.midnight(day + DAY)
    vaults = Vaults.of(keys.load_vault(county.state / "keys"))
    history = History(vaults, offices(Site.load()), until, "330282")
    given: list[str] = []
    for life in generate_lives(PETITIONS, SEED, START, TODAY, Site.load()):
        given.append(f"3302822026{life.index:08}")
        if life.registered_at <= until:
            first = None if life.repeat_of is None else given[life.repeat_of]
            history.live(life, given[-1], first)
    found: dict[str, Counter[Any]] = {m: Counter() for m in CASE_MEASURES}
    for fact in history.stores["stats"].rows[Fact].values():
        for on, measure, office, n in marks(fact, clock.local_date):
            if on < day or not CASE_MEASURES[measure].ripens:
                found[measure][(office,)] += n
    return {m: Counter({key: n for key, n in c.items() if n}) for m, c in found.items()}


def test_what_was_compacted_is_not_told_apart_any_more(county: County) -> None:
    floor = TODAY - rolling.KEEP
    asked = f"/figures?what=registered&period=year:{TODAY.year}"
    assert county.get("stats", f"{asked}&as_of={floor}").status == 200
    problem = county.get("stats", f"{asked}&as_of={floor - DAY}")
    assert_problem(problem, 422, "invalid", "as_of")
    assert str(floor) in problem.json["detail"]


# -- over HTTP -------------------------------------------------------------------------------------


def figures(county: County, query: str) -> dict[str, Any]:
    result = county.get("stats", f"/figures?{query}")
    assert result.status == 200, result.body
    return dict(result.json)


@pytest.mark.parametrize("what", INDICATORS)
def test_every_figure_has_the_list_of_its_cases(county: County, what: str) -> None:
    found = figures(county, f"what={what}&period={ALL}&by=channel,type")
    assert found["indicator"] == INDICATORS[what].record() and found["path"] == "cases"
    amounts = CASE_MEASURES.get(INDICATORS[what].numerator)
    for row in [*found["rows"][:6], found["total"]]:
        for link, n in (("cases", "numerator"), ("denominator_cases", "denominator")):
            if row[link] is None:
                assert n == "denominator" and INDICATORS[what].denominator is None
                continue
            listed = county.get("stats", f"/figures/cases?{row[link]}&limit=200").json
            assert listed["counted"] == row[n], (row, link)
            assert listed["total"] == len(listed["cases"])
            assert sum(case["n"] for case in listed["cases"]) == row[n]
            if not (amounts and amounts.amount):
                assert listed["total"] == row[n]


def test_a_row_of_a_day_lists_that_day(county: County) -> None:
    found = figures(county, f"what=registered&period={ALL}&by=day")
    assert found["path"] == "rollup"
    for row in found["rows"][:5]:
        listed = county.get("stats", f"/figures/cases?{row['cases']}").json
        assert listed["total"] == row["numerator"]
        assert {case["day"] for case in listed["cases"]} == {row["values"]["day"]}


def test_an_answer_compares_with_the_year_before_and_the_period_before(county: County) -> None:
    month = (TODAY.replace(day=1) - 40 * DAY).isoformat()[:7]
    found = figures(county, f"what=registered&period=month:{month}")
    before = found["compared_with"]
    earlier = figures(county, f"what=registered&period={before['on_previous']['text']}")["total"]
    now, base = found["total"]["numerator"], earlier["numerator"]
    from stats.domain.change import change

    assert found["total"]["on_previous"] == change(now, base) != "—"
    told = found["total"]["bases"]
    listed = county.get("stats", f"/figures/cases?{told['on_previous']['cases']}").json
    assert listed["counted"] == told["on_previous"]["numerator"] == base
    assert told["year_on_year"]["cases"] is None, "no figure, no list"
    assert found["total"]["year_on_year"] == "—", (
        "a year ago there was no site: no figure, not nought"
    )
    assert (
        figures(county, f"what=registered&period={before['year_on_year']['text']}")["total"][
            "value"
        ]
        == "—"
    )


def test_a_period_that_is_not_over_says_so(county: County) -> None:
    """By its last day, today or that of which it is asked."""
    tomorrow, ago = TODAY + DAY, TODAY - 3 * DAY
    for period, over in ((ALL, True), (f"free:{START}..{tomorrow}", False)):
        assert figures(county, f"what=registered&period={period}")["unfinished"] is not over
    for until, over in ((ago, True), (ago + DAY, False)):
        told = figures(county, f"what=registered&period=free:{START}..{until}&as_of={ago}")
        assert told["unfinished"] is not over


def test_nothing_is_late_before_its_day_is_over(county: County) -> None:
    """Limits still to come are no failures of a period that is not over, and it is compared with as many days."""
    since, until = TODAY - 20 * DAY, TODAY + 20 * DAY
    told = figures(county, f"what=answered_on_time&period=free:{since}..{until}")
    over = figures(county, f"what=answered_on_time&period=free:{since}..{TODAY - DAY}")
    assert told["unfinished"] and told["total"]["denominator"] > 0
    for side in ("numerator", "denominator"):
        assert told["total"][side] == over["total"][side]
    base = {
        name: date.fromisoformat(told["compared_with"]["on_previous"][name])
        for name in ("since", "until")
    }
    assert base["until"] - base["since"] == TODAY - DAY - since, "as many days"
    owed = f"free:{TODAY}..{TODAY + 90 * DAY}"
    assert figures(county, f"what=answered_on_time&period={owed}")["total"]["denominator"] == 0
    listed = county.get("stats", f"/figures/cases?{told['total']['denominator_cases']}").json
    assert listed["total"] == told["total"]["denominator"]


def test_published_figures_hide_small_cells(county: County) -> None:
    query = f"what=registered&period={ALL}&by=channel,type"
    told = {str(row["values"]): row["numerator"] for row in figures(county, query)["rows"]}
    answer = figures(county, f"{query}&published=true")
    hidden = [row for row in answer["rows"] if row["hidden"]]
    assert {name for name, n in told.items() if 0 < n < 5} <= {str(row["values"]) for row in hidden}
    left = sum(told[str(row["values"])] for row in hidden)
    assert answer["total"]["hidden"] or left >= 5
    assert all(row["cases"] is None for row in answer["rows"])
    assert all(row["numerator"] is None and row["value"] == "—" for row in hidden)
    assert all(r["numerator"] == told[str(r["values"])] for r in answer["rows"] if not r["hidden"])


@pytest.mark.parametrize(
    ("query", "field"),
    [
        (f"period={ALL}", "what"), (f"what=registered&period={ALL}&by=day,month", "by"),
        ("what=registered", "period"), ("what=registered&period=month:2026-13", "period"),
        (f"what=karma&period={ALL}", "what"), (f"what=registered&period={ALL}&by=person", "by"),
        (f"what=registered&period={ALL}&by=type,channel,size", "by"),
        (f"what=registered&period={ALL}&where=person:x", "where"),
        (f"what=registered&period={ALL}&where=type:a,type:b", "where"),
        (f"what=missed&period={ALL}&by=category", "by"), (f"what=missed&period={ALL}&by=level", "by"),
        (f"what=open&period={ALL}&by=day", "by"), (f"what=registered&period={ALL}&division=x", "division"),
        (f"what=registered&period={ALL}&by=type,channel&as_of={TODAY}", "as_of"),
        (f"what=registered&period={ALL}&as_of=soon", "as_of"), (f"what=registered&period={ALL}&as_of={TODAY + DAY}", "as_of"),
        (f"what=registered&period={ALL}&office=no-such", "office"), (f"what=registered&period={ALL}&division=330", "division"),
        (f"what=registered&period={ALL}&where=channel:fax", "where"), (f"what=registered&period={ALL}&where=size:big", "where"),
        (f"what=registered&period={ALL}&where=town:330282100200", "where"),
        (f"what=registered&period={ALL}&where=division:330282", "where"),
    ],
)  # fmt: skip
def test_a_bad_question_names_its_field(county: County, query: str, field: str) -> None:
    assert_problem(county.get("stats", f"/figures?{query}"), 422, "invalid", field)


def test_a_bad_place_in_a_list_is_refused(county: County) -> None:
    ask = f"/figures/cases?what=registered&period={ALL}"
    for after in ("x", "2026-01-01~1", "2026-01-01T00:00:00Z", "2026-01-01T00:00:00Z~1~2~3~4"):
        assert_problem(county.get("stats", f"{ask}&after={after}"), 422, "invalid", "after")
    assert_problem(county.get("stats", f"{ask}&part=denominator"), 422, "invalid", "part")


def test_a_clerk_counts_everything_and_lists_what_is_the_offices(county: County) -> None:
    ((office, _),) = county.sql(
        "SELECT office, count(*) FROM stats.fact WHERE office <> :b GROUP BY 1 ORDER BY 2 DESC LIMIT 1",
        b=BUREAU,
    )
    clerk = county.officer(office, "clerk")
    ask = f"what=registered&period={ALL}"
    listed = county.get("stats", f"/figures/cases?{ask}", clerk).json
    everything = county.get("stats", f"/figures?{ask}").json["total"]["numerator"]
    assert listed["counted"] == everything > listed["total"] > 0


# -- 25,000 rows -----------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def many(county: County) -> None:
    """25,000 cases of one month long ago, and their marks."""
    names = "day, recorded_on, measure, office, division, channel, type, category, turn, size, apart, n, barred"
    add_cases(county.url)
    with engine_for(county.url).begin() as connection:
        connection.exec_driver_sql(
            f"INSERT INTO stats.tally ({names}) SELECT timezone('Asia/Shanghai', registered_at)::date,"
            " '2019-06-01', 'registered', registered_by, coalesce(division, ''), channel, type,"
            " coalesce(category, ''), turn, size, false, count(*), '{}' FROM stats.fact"
            " WHERE registered_at < '2019-06-01' GROUP BY 1, 4, 5, 6, 7, 8, 9, 10"
        )


def test_counted_is_listed_is_exported(county: County, many: None) -> None:
    ask = f"what=registered&period={OLD}"
    figure = figures(county, ask)
    assert figure["total"]["numerator"] == MANY and figure["path"] == "rollup"
    numbers: list[str] = []
    after = ""
    while after is not None:
        page = county.get(
            "stats", f"/figures/cases?{ask}&limit=200{after and f'&after={after}'}"
        ).json
        assert page["total"] == page["counted"] == MANY
        numbers += [case["number"] for case in page["cases"]]
        after = page["next"] and page["next"].replace("+", "%2B")
    assert len(numbers) == len(set(numbers)) == MANY
    link = parse_qs(figure["total"]["cases"])
    assert link == {"what": ["registered"], "part": ["numerator"], "period": [OLD]}
    file = county.get("stats", f"/figures/cases/file?{ask}")
    lines = list(csv.reader(io.StringIO(file.body.decode("utf-8-sig"))))
    assert [line[0] for line in lines[1:]] == numbers and lines[0] == list(cases.COLUMNS.values())
    said = dict(zip(*lines[:2], strict=True))
    assert (said["信访目的"], said["初次重复"], said["登记时间"][:8]) == (
        "申诉求决",
        "初次",
        "2019-05-",
    )
    assert said["单位"] == county.apps["stats"].directory.get().named(page["cases"][0]["office"])
    book = county.get("stats", f"/figures/cases/file?{ask}&format=xlsx").body
    rows = sheet.lines(book, ["编号"])
    assert [cells["编号"] for _, cells in rows] == numbers
    (first,) = load_workbook(io.BytesIO(book), read_only=True).worksheets[0].iter_rows(2, 2)
    kinds = dict(zip(cases.COLUMNS, (cell.data_type for cell in first), strict=True))
    assert (kinds["number"], kinds["n"], kinds["category"]) == ("s", "n", "s")


def test_what_is_too_long_for_a_workbook_is_refused_before_it_begins(
    county: County, many: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    ask = f"/figures/cases/file?what=registered&period={OLD}&format="
    monkeypatch.setattr(xlsx, "LINES", MANY + 1)
    assert county.get("stats", f"{ask}xlsx").status == 200, "a header, and every case"
    monkeypatch.setattr(xlsx, "LINES", MANY)
    assert_problem(county.get("stats", f"{ask}xlsx"), 422, "invalid", "format")
    assert county.get("stats", f"{ask}csv").status == 200


def test_files_that_are_being_written_are_few(
    county: County, many: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Each keeps a connection until whoever asked has all of it."""
    app, ask = county.apps["stats"], f"/figures/cases/file?what=registered&period={OLD}"
    for _ in range(FILES + 1):  # one after the other
        assert county.get("stats", ask).status == 200
    monkeypatch.setattr(app, "files", Semaphore(0))
    refused = county.get("stats", ask)
    assert refused.status == 429 and refused.headers["Retry-After"]


def test_an_export_is_audited(county: County, many: None) -> None:
    before = county.sql("SELECT count(*) FROM stats.audit_log WHERE action = 'figures.exported'")
    county.get("stats", f"/figures/cases/file?what=registered&period={OLD}&where=channel:web")
    after = county.sql("SELECT count(*) FROM stats.audit_log WHERE action = 'figures.exported'")
    assert after[0][0] == before[0][0] + 1


def test_rolling_on_changes_no_figure(county: County, many: None) -> None:
    before = figures(county, f"what=registered&period={OLD}&by=channel")
    (waiting,) = county.sql("SELECT count(*) FROM stats.tally WHERE NOT apart")
    assert waiting[0] > 0
    with county.apps["stats"].database.connection() as connection:
        assert rolling.roll(connection, rolling.floor_of(connection)) == waiting[0]
    assert figures(county, f"what=registered&period={OLD}&by=channel") == before
    assert county.sql("SELECT count(*) FROM stats.tally WHERE NOT apart") == [(0,)]


def test_compacting_by_and_by_changes_no_figure(county: County) -> None:
    """Nor what can be asked as of a day, however much of it is done."""
    yesterday = TODAY - DAY
    ask = f"what=registered&period={ALL}&by=channel"
    told = [figures(county, ask), figures(county, f"{ask}&as_of={yesterday}")]
    database, slices = county.apps["stats"].database, []
    with database.connection() as connection:
        rolling.close(connection, yesterday)
    while not slices or slices[-1]:
        with database.connection() as connection:
            slices.append(rolling.compact(connection, 1000))
        assert [figures(county, ask), figures(county, f"{ask}&as_of={yesterday}")] == told
        before = county.get("stats", f"/figures?{ask}&as_of={yesterday - DAY}")
        assert_problem(before, 422, "invalid", "as_of")
    assert len(slices) > 3 and max(slices) <= 2 * 1000, "of each roll-up"
    for table in ("by_day", "by_month"):
        days = county.sql(f"SELECT max(recorded_on) FROM stats.{table} WHERE recorded_on < :d", d=yesterday)  # fmt: skip
        assert days == [(rolling.FOLDED_ON,)]
