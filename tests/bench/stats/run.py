"""`python -m tests.bench.stats.run`: how fast figures are, what an event costs, and how fast all is made anew.

--sizes A,B     numbers of petitions, each a database of its own (1000000,3000000,10000000, or BENCH_STATS)
--queries N     questions asked at each size (400)
--rebuild N     petitions of the site whose read models are made anew (the smallest size; 0: none)

Prints a table and writes `.run/bench-stats.json`. Growth is that from the first size to the last; a figure that was
not measured at 10 million says at which size it was. Ten million need 70 GB of disk.
"""

import kit.patched  # isort: skip  # noqa: F401 - first: eventlet

import argparse
import json
import os
import re
import tempfile
import time
from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from random import Random
from statistics import median
from typing import Any

import psycopg2.extensions
from sqlalchemy import Connection

from kit import clock, db, envelope, keys
from kit.app import App
from kit.config import Settings
from kit.envelope import Event
from kit.identity import SITE_WIDE
from kit.inbox import Inbox
from kit.migrations import engine_for, migrate
from stats.app import build
from stats.domain.indicators import INDICATORS
from stats.domain.measures import CASE_MEASURES
from stats.domain.periods import Period, covering
from stats.queries import cases, figures
from stats.queries.figures import Asked, Asker
from stats.queries.question import Question
from stats.queries.sums import Groups
from stats.rolling import BATCH, floor_of, roll
from stats.store import MODEL
from stats.subscriptions import SUBSCRIPTIONS
from tests.bench.stats.load import DAYS, Plan, directory, index, load, load_logs
from tests.bench.stats.patterns import SOURCES, patterns
from tests.people import EXTRA, state
from tests.servers import fresh_database
from tests.site import TEMPLATE, fresh_site
from tool.demo import Site
from tool.local.servers import Servers, shared
from tool.local.signals import end_in_order

RUN = Path(".run")
SIZES = os.environ.get("BENCH_STATS", "1000000,3000000,10000000")
START = date(2021, 1, 1)
PATTERNS = 6000
"""Lives that are repeated: enough to fill the cells of a county."""
NOW = datetime(2026, 1, 1, tzinfo=UTC)
"""Questions are asked on a day on which everybody has registered."""
PLAIN = 25
"""Questions that are put to the cases, too."""
LIVES, LIFE = 100, 9
"""Petitions whose events are applied and rolled up to see what an event costs, and the events of each."""


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawTextHelpFormatter
    )
    parser.add_argument("--sizes", default=SIZES)
    parser.add_argument("--queries", type=int, default=400)
    parser.add_argument("--rebuild", type=int)
    options = parser.parse_args()
    sizes = [int(size) for size in options.sizes.split(",")]
    end_in_order()
    psycopg2.extensions.set_wait_callback(None)  # loading takes its time
    lives = patterns(PATTERNS, START)
    measured: dict[int, dict[str, Any]] = {}
    with shared() as pair:
        for size in sizes:
            with fresh_database(pair) as url, tempfile.TemporaryDirectory() as folder:
                plan = Plan.made(lives, size, START)
                measured[size] = measure(url, Path(folder), plan, options.queries)
            print(f"{size:>11,} petitions", json.dumps(measured[size]), flush=True)
            written(summary(measured))
        rebuilt = min(sizes) if options.rebuild is None else options.rebuild
        if rebuilt:
            anew = rebuilding(pair, Plan.made(lives, rebuilt, START))
            print("rebuild", json.dumps(anew), flush=True)
            written(summary(measured) | anew)
    print((RUN / "bench-stats.json").read_text())


def written(report: dict[str, Any]) -> None:
    RUN.mkdir(exist_ok=True)
    (RUN / "bench-stats.json").write_text(json.dumps(report, indent=2) + "\n")


def summary(measured: dict[int, dict[str, Any]]) -> dict[str, Any]:
    """The figures under their names; growth from the smallest site to the largest."""
    small, large = min(measured), max(measured)
    first, last = measured[small], measured[large]
    return {
        "small": small,
        "large": large,
        "query_median_ms_10m": last["query_median_ms"],
        "query_p99_ms_10m": last["query_p99_ms"],
        "query_growth_1m_to_10m": round(last["query_median_ms"] / first["query_median_ms"], 3),
        "event_cost_growth": round(last["event_us"] / first["event_us"], 3),
        "list_first_page_ms": last["list_first_page_ms"],
        "plain_median_ms_10m": last["plain_median_ms"],
        "plain_same_median_ms_10m": last["plain_same_median_ms"],
        "by_size": {str(size): figures for size, figures in measured.items()},
    }


def measure(url: str, folder: Path, plan: Plan, queries: int) -> dict[str, Any]:
    """One size: load, ask, apply."""
    loaded = filled(url, plan)
    with engine_for(url).begin() as connection:
        directory(connection)
    with engine_for(url).connect() as connection:
        rows = connection.exec_driver_sql(
            "SELECT (SELECT count(*) FROM stats.by_day), (SELECT count(*) FROM stats.by_month),"
            " (SELECT count(*) FROM stats.transition)"
        ).one()
    psycopg2.extensions.set_wait_callback(db._wait)
    keys.ensure(folder / "keys")
    env = {"DATABASE_URL": url, "AMQP_URL": "amqp://nowhere", "PETITION_STATE": str(folder)}
    app = build(replace(Settings.from_env("stats", env), port=0))
    try:
        return {
            "load_s": loaded,
            "by_day_rows": rows[0],
            "by_month_rows": rows[1],
            "transitions": rows[2],
            **asking(app, queries),
            **by_cases(app),
            **listing(app),
            **plain(app),
            "event_us": events(app),
        }
    finally:
        app.database.engine.dispose()
        psycopg2.extensions.set_wait_callback(None)


def filled(url: str, plan: Plan) -> float:
    """Loads an empty database; gives the seconds it took."""
    began = time.perf_counter()
    migrate(url)
    with engine_for(url).begin() as connection:
        connection.exec_driver_sql("SET synchronous_commit = off")
        load(connection, plan)
    with engine_for(url).begin() as connection:
        index(connection)
    with engine_for(url).connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
        connection.exec_driver_sql(
            "VACUUM ANALYZE stats.fact, stats.transition, stats.by_day, stats.by_month"
        )
    return round(time.perf_counter() - began, 1)


# -- making anew -----------------------------------------------------------------------------------


def rebuilding(pair: Servers, plan: Plan) -> dict[str, Any]:
    """`petition stats rebuild` over the services' HTTP: it has to find the loaded site equal, and switches."""
    if TEMPLATE not in pair.cluster.databases():
        migrate(pair.cluster.create_database(TEMPLATE))
    with fresh_site(pair, TEMPLATE) as site:
        filled(site.database_url, plan)
        with engine_for(site.database_url).begin() as connection:
            load_logs(connection, plan)
        for name in SOURCES:
            site.start(f"{name}/web")
        done = site.petition("stats", "rebuild")
    print(done.stdout, done.stderr, flush=True)
    found = re.search(r"([0-9,]+) events read.*?([0-9,]+) events a second", done.stdout, re.DOTALL)
    assert done.returncode == 0 and found, "the rebuild did not switch"
    events, speed = (int(text.replace(",", "")) for text in found.groups())
    return {"rebuild_events": events, "rebuild_events_per_s": speed}


# -- reading ---------------------------------------------------------------------------------------


def asking(app: App, queries: int) -> dict[str, float]:
    """Questions that the roll-ups answer, compared with two periods before."""
    random = Random(7)
    times = []
    for asked in questions(random, queries):
        with app.database.reading() as connection:
            asker = Asker(connection, SITE_WIDE, app.directory.get(), NOW)
            began = time.perf_counter()
            answer = figures.figures(asker, asked)
            times.append(1000 * (time.perf_counter() - began))
            assert answer["path"] == "rollup", asked
    times = sorted(times[20:])
    return {
        "query_median_ms": round(median(times), 2),
        "query_p99_ms": round(times[len(times) * 99 // 100], 2),
    }


def questions(random: Random, count: int) -> Iterator[Asked]:
    site = Site.load()
    towns = [d.code for d in site.divisions if d.code[9:] == "000" and d.code[6:9] != "000"]
    offices = [office.id for office in site.offices]
    known = [
        i for i in INDICATORS.values() if i.numerator in CASE_MEASURES and i.id != "settled_at_once"
    ]
    while count:
        kind = random.choice(("day", "week", "month", "quarter", "half", "year"))
        day = START + timedelta(days=random.randrange(800, DAYS - 40))
        by = random.choice(((), ("channel",), ("type",), ("category",), ("turn",), ("month",)))
        place = random.choice(
            ({}, {"division": random.choice(towns)}, {"office": random.choice(offices)})
        )
        if not place and random.random() < 0.3:
            by = ("office",)
        indicator = random.choice(known)
        if indicator.id == "open" and by == ("month",):
            continue
        if place and by and by != ("month",) and kind in ("day", "week"):
            continue  # served by the cases, see `plan`
        count -= 1
        period: Period = covering(kind, day)
        question = Question(indicator.numerator, period.since, period.until, by=by, **place)
        yield Asked(indicator, period, question, compare=True)


def by_cases(app: App) -> dict[str, Any]:
    """Questions that no roll-up answers: their time, and how PostgreSQL goes about them."""
    office = next(o.id for o in Site.load().offices if o.kind == "town")
    found: dict[str, Any] = {}
    for name, what, by, place in (
        ("month_by_2", "registered", ("channel", "type"), {}),
        ("week_of_office_by_topic", "case_closed", ("topic",), {"office": office}),
        ("month_settled_at_once", "settled_at_once", (), {}),
    ):
        period = covering("week" if "week" in name else "month", START + timedelta(days=900))
        question = Question(INDICATORS[what].numerator, period.since, period.until, by=by, **place)
        with app.database.reading() as connection:
            asker = Asker(connection, SITE_WIDE, app.directory.get(), clock.now())
            asked = Asked(INDICATORS[what], period, question)
            figures.figures(asker, asked)
            found[f"cases_{name}_ms"] = round(
                timed(lambda a=asker, b=asked: figures.figures(a, b)), 1
            )  # type: ignore[misc]
            found[f"cases_{name}_plan"] = _plan(
                connection, figures.behind(asker, asked, "numerator")
            )
    return found


def _plan(connection: Connection, behind: cases.Behind) -> list[str]:
    """The nodes of the plan."""
    said = behind.select(cases.fact.c.number).compile(
        connection.engine, compile_kwargs={"literal_binds": True}
    )
    rows = connection.exec_driver_sql(f"EXPLAIN {said}".replace("%", "%%"))
    return [line.strip(" ->").partition("  (")[0] for (line,) in rows if "cost=" in line]


def listing(app: App) -> dict[str, float]:
    """The first page of the cases behind a figure, several kinds."""
    times = []
    for what, month in (("registered", 30), ("case_closed", 40), ("answer_due", 20), ("open", 50)):
        period = covering("month", START + timedelta(days=30 * month))
        question = Question(INDICATORS[what].numerator, period.since, period.until)
        asked = Asked(INDICATORS[what], period, question)
        with app.database.reading() as connection:
            asker = Asker(connection, SITE_WIDE, app.directory.get(), clock.now())
            for _ in range(3):
                behind = figures.behind(asker, asked, "numerator")
                began = time.perf_counter()
                figures.cases.page(connection, SITE_WIDE, behind, None, 50)
                times.append(1000 * (time.perf_counter() - began))
    return {"list_first_page_ms": round(max(times), 2)}


def plain(app: App) -> dict[str, float]:
    """A plain aggregation over the cases themselves: of a year by channel, and of some of the questions above, each
    of which has to come to what the roll-ups said."""
    sql = (
        "SELECT channel, count(*) FROM stats.fact WHERE registered_at >= %s AND registered_at < %s"
        " GROUP BY channel"
    )
    years = []
    for year in (2022, 2023, 2024):
        span = (datetime(year, 1, 1, tzinfo=UTC), datetime(year + 1, 1, 1, tzinfo=UTC))
        years.append(timed(lambda span=span: ask(app, sql, span)))  # type: ignore[misc]
    same = [_plainly(app, asked) for asked in questions(Random(7), PLAIN)]
    return {
        "plain_median_ms": round(median(years), 1),
        "plain_same_median_ms": round(median(same), 1),
        "plain_same_max_ms": round(max(same), 1),
    }


def _plainly(app: App, asked: Asked) -> float:
    """Milliseconds of one question put to the cases, its period and the two that it is compared with."""
    periods = (asked.period, asked.period.year_before, asked.period.previous)
    measures = (asked.indicator.numerator, asked.indicator.denominator)
    with app.database.reading() as connection:
        asker = Asker(connection, SITE_WIDE, app.directory.get(), NOW)
        put = [
            replace(asked.question, measure=measure, since=period.since, until=period.until)
            for period in periods if period
            for measure in measures if measure
        ]  # fmt: skip
        told: list[Groups] = []

        def ask_cases() -> None:
            for question in put:
                behind = cases.Behind(question.ripened(asker.today), asker.directory, asker.now)
                told.append(cases.counted(connection, SITE_WIDE, behind))

        took = timed(ask_cases)
        for question, found in zip(put, told, strict=True):
            path, rolled = figures.count(asker, question)
            assert path == "rollup" and +rolled == +found, (question, rolled, found)
    return took


def ask(app: App, sql: str, values: Any) -> None:
    with app.database.reading() as connection:
        connection.exec_driver_sql(sql, values).all()


def timed(work: Callable[[], Any]) -> float:
    began = time.perf_counter()
    work()
    return 1000 * (time.perf_counter() - began)


# -- writing ---------------------------------------------------------------------------------------

STEPS = (
    ("intake", "petition.registered", "registered"), ("routing", "petition.located", "located"),
    ("routing", "petition.assigned", "assigned"), ("routing", "petition.signed", "signed"),
    ("supervision", "petition.accepted", "accepted"), ("supervision", "petition.answered", "answered"),
    ("supervision", "petition.served", "served"), ("supervision", "petition.closed", "closed"),
    ("intake", "petition.rated", "closed"),
)  # fmt: skip


def events(app: App) -> float:
    """Microseconds an event, until it is rolled up: the median of some rounds."""
    site = Site.load()
    village = next(d.code for d in site.divisions if d.code[9:] != "000")
    office = next(o.id for o in site.offices if o.kind == "town")
    return round(median(_round(app, n, village, office) for n in range(7)), 1)


def _round(app: App, round_: int, village: str, office: str) -> float:
    batches = [
        [_event(f"999{round_:03}{n:06}", i, village, office) for n in range(LIVES)]
        for i in range(LIFE)
    ]
    began = time.perf_counter()
    for batch in batches:
        with app.database.unit(MODEL) as unit:
            Inbox(unit, SUBSCRIPTIONS).apply([(event, envelope.encode(event)) for event in batch])
    moved = BATCH
    while moved == BATCH:
        with app.database.connection() as connection:
            moved = roll(connection, floor_of(connection))
    return 1e6 * (time.perf_counter() - began) / (LIVES * LIFE)


def _event(number: str, i: int, village: str, office: str) -> Event:
    source, type_, status = STEPS[i]
    at = datetime(2025, 6, 1, 1, tzinfo=UTC) + timedelta(days=i)
    told = state(
        number=number, status=status, registered_at="2025-06-01T01:00:00Z", division=village if i else None,
        office=office if i > 1 else None, answer_due="2025-08-01T16:00:00Z" if i > 3 else None,
    )  # fmt: skip
    sequence = sum(step[0] == source for step in STEPS[: i + 1])
    data = EXTRA.get(type_, {}) | {"petition": told}
    return Event(envelope.new_id(), type_, source, "330282", number, at, sequence, data)


if __name__ == "__main__":
    main()
