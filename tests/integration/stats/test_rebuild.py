"""Read models made anew out of the logs: the same as the live ones, while the site goes on."""

from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import contextmanager
from threading import Event
from typing import Any

import psycopg2.extensions
import pytest

from contracts.flows import FLOWS
from kit import clock, db
from kit.events import BEGINNING, POSITION
from kit.migrations import check, engine_for
from stats.rebuild.feed import PAGE, PATIENCE, Envelope
from stats.rebuild.rebuild import Busy, Rebuild, Report, Unsettled, _alone
from stats.rolling import KEEP, SETTLING, close, compact, floor_of, roll
from tests.county import LABOUR, County
from tests.integration.stats.test_figures import DAY, START, TODAY
from tests.waiting import settled
from tool.generate import generate

TABLES = {
    "fact": "SELECT * FROM stats.fact ORDER BY number",
    "transition": "SELECT * FROM stats.transition ORDER BY number, source, sequence",
    "by_day": "SELECT * FROM stats.by_day WHERE n <> 0 ORDER BY 1, 2, 3, 4, 5, 6, 7",
    "by_month": "SELECT * FROM stats.by_month WHERE n <> 0 ORDER BY 1, 2, 3, 4, 5, 6, 7",
    "tally": "SELECT day, recorded_on, measure, office, division, channel, type, category, turn, size, barred, sum(n)"
             " FROM stats.tally GROUP BY 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11 HAVING sum(n) <> 0"
             " ORDER BY 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11",
    "cursor": "SELECT subject, own, seen FROM stats.cursor WHERE seen <> '{}' OR own > 0 ORDER BY 1",
    "office": "SELECT * FROM stats.office ORDER BY id",
    "waiting": "SELECT subject, source, sequence FROM stats.waiting ORDER BY 1, 2, 3",
}  # fmt: skip


class Log:
    """A feed that asks the county's routes, without sockets; `until` ends it early."""

    def __init__(self, county: County, source: str) -> None:
        self.county, self.source, self.position = county, source, BEGINNING
        self.before: list[Any] = []
        self.over = Event()

    def pages(self) -> Iterator[list[Envelope]]:
        while events := self.page():
            yield events

    def page(self, patience: float = PATIENCE) -> list[Envelope]:
        answer = self.county.get(
            self.source, f"/internal/events?after={self.position}&limit={PAGE}"
        )
        assert answer.status == 200
        self.position = answer.headers[POSITION]
        events = answer.body.splitlines()
        if not events and self.before:
            self.before.pop()()  # something happens between two looks at the log
        return events


@pytest.fixture(scope="module")
def lived(county: County) -> County:
    """A past of 150 petitions, copied in and rolled up, and a sealed one of today."""
    until = clock.midnight(TODAY)
    try:
        generate(county.url, county.state / "keys", 150, 12, START, until, "330282")
    finally:
        psycopg2.extensions.set_wait_callback(db._wait)
    county.register(type="accusation", accused=[LABOUR])
    county.deliver()
    rolled(county)
    return county


def rolled(county: County) -> None:
    with engine_for(county.url).begin() as connection:
        close(connection, TODAY - KEEP)
        compact(connection, SETTLING)
        roll(connection, floor_of(connection))


def rebuild(county: County, logs: list[Log] | None = None, **options: Any) -> Report:
    psycopg2.extensions.set_wait_callback(None)  # a process of its own has blocking connections
    settled(engine_for(county.url))
    logs = logs or [Log(county, source) for source in ("intake", "routing", "supervision")]
    try:
        options = {"say": lambda line: None} | options
        return Rebuild(county.url, logs, "330282", **options).run()  # type: ignore[arg-type]
    finally:
        psycopg2.extensions.set_wait_callback(db._wait)


def tables(county: County) -> dict[str, list[Any]]:
    return {name: [tuple(row) for row in county.sql(sql)] for name, sql in TABLES.items()}


@pytest.mark.filterwarnings("ignore:Did not recognize type")
def test_the_new_ones_are_the_live_ones(lived: County) -> None:
    before = tables(lived)
    assert before["fact"] and before["by_month"] and before["tally"]
    report = rebuild(lived)
    assert report.switched and report.comparison.equal and not report.failed
    assert report.petitions == len(before["fact"]) and report.caught_up == 0
    after = tables(lived)
    for name, rows in before.items():
        assert after[name] == rows, name
    assert [line for line in check(lived.url) if "stats" in line] == []


def test_a_site_goes_on_while_it_is_rebuilt(lived: County, monkeypatch: pytest.MonkeyPatch) -> None:
    """What happens meanwhile is in the new ones, and what came by the queues twice counts once."""
    logs = [Log(lived, source) for source in ("intake", "routing", "supervision")]
    told: list[str] = []
    flows = {source: set(consumers) for source, consumers in FLOWS.items()}

    def meanwhile() -> None:
        told.append(lived.register(text="路灯不亮。"))
        lived.deliver()
        lived.go(told[-1], "locate", "assign", "sign", "accept")

    def unheard() -> None:
        """Still on its way to the live ones, as is how the first one went on."""
        with monkeypatch.context() as patched:
            patched.setattr("tests.county.FLOWS", {s: c - {"stats"} for s, c in flows.items()})
            lived.go(told[0], "answer", "serve")
        told.append(lived.register(text="水管漏水。"))

    logs[0].before = [unheard, meanwhile]
    report = rebuild(lived, logs)
    assert report.switched and report.caught_up >= 6
    assert report.comparison.ahead == told and report.comparison.equal
    lived.deliver()
    rolled(lived)
    after = tables(lived)
    assert {told[0], told[1]} <= {row[0] for row in after["fact"]}
    assert rebuild(lived).switched and tables(lived) == after
    lived.go(told[1], "locate", "assign", "sign", "accept", "answer", "serve", "close")
    assert (
        lived.sql("SELECT handling FROM stats.fact WHERE number = :n", n=told[1])[0][0] == "closed"
    )


def test_returns_and_what_stats_told_itself_stay(lived: County) -> None:
    month = (TODAY.replace(day=1) - DAY).replace(day=1)
    office = lived.sql("SELECT id FROM stats.office ORDER BY id LIMIT 1")[0][0]
    drawn = lived.post("stats", f"/returns/{office}/drawing", {"month": str(month)})
    assert drawn.status == 200, drawn.body
    signed = lived.post(
        "stats",
        f"/returns/{office}/signature",
        {"month": str(month), "confirmed": True, "version": 1},
    )
    assert signed.status == 200, signed.body
    log = lived.sql("SELECT event_id, sequence FROM stats.event_log")
    assert rebuild(lived).switched
    assert lived.sql("SELECT event_id, sequence FROM stats.event_log") == log
    assert lived.get("stats", f"/returns/{office}?month={month}").json["state"] == "signed"
    assert lived.sql("SELECT max(own) FROM stats.cursor")[0][0] == 1


def one_row(table: str, which: str) -> str:
    """One row of a roll-up that is one too high."""
    rows = f"SELECT ctid FROM stats.{table} WHERE measure = 'registered' AND {which}"
    return f"UPDATE stats.{table} SET n = n + 1 WHERE ctid = ({rows} LIMIT 1)"


@pytest.mark.parametrize(
    ("damage", "said"),
    [
        ("UPDATE stats.fact SET channel = 'call' WHERE number = (SELECT min(number) FROM stats.fact)", "another case"),
        ("DELETE FROM stats.transition WHERE measure = 'assigned'", "another step"),
        ("UPDATE stats.by_month SET n = n + 1 WHERE measure = 'registered' AND axis = 'division' AND place = ''"
         " AND dim = ''", "by the live sums"),
        (one_row("by_day", "axis = 'division' AND length(place) = 9 AND dim = ''"), "by_day: registered by division: "),
        (one_row("by_day", "axis = 'division' AND place = '' AND dim = 'channel'"),
         "by_day: registered by division and channel: "),
        (one_row("by_month", "axis = 'office' AND dim = 'category'"), "by_month: registered by office and category: "),
        ("UPDATE stats.by_month SET place = '330282199' WHERE axis = 'division' AND measure = 'closed' AND dim = 'size'"
         " AND place = (SELECT max(place) FROM stats.by_month WHERE length(place) = 9)", "by the new ones, but elsewhere"),
        ("UPDATE stats.tally SET n = n + 1 WHERE id = (SELECT min(id) FROM stats.tally)", "by the live sums"),
        ("UPDATE stats.cursor SET seen = jsonb_set(seen, '{intake,2}', '\"00\"') WHERE seen ? 'intake'",
         "in another order"),
    ],
)  # fmt: skip
def test_what_differs_is_told_and_nothing_is_changed(lived: County, damage: str, said: str) -> None:
    whole = tables(lived)
    with engine_for(lived.url).begin() as connection:
        assert connection.exec_driver_sql(damage.replace("%", "%%")).rowcount
    damaged = tables(lived)
    report = rebuild(lived)
    told = list(report.comparison.lines())
    assert not report.switched and any(said in line for line in told), told
    assert len(told) == 1 or not damage.startswith("UPDATE stats.by_"), told
    assert tables(lived) == damaged
    assert not lived.sql("SELECT 1 FROM pg_namespace WHERE nspname = 'stats_next'")
    assert rebuild(lived, accept=True).switched
    assert tables(lived) == whole


def test_two_rebuilds_do_not_run_at_once(lived: County) -> None:
    with _alone(engine_for(lived.url)), pytest.raises(Busy):
        rebuild(lived)
    assert rebuild(lived).switched


def test_a_log_that_lacks_what_was_heard_is_no_source(
    lived: County, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("stats.rebuild.rebuild.TRIES", 1)
    before = tables(lived)
    with engine_for(lived.url).begin() as connection:
        connection.exec_driver_sql(
            "CREATE TABLE public.gone AS SELECT * FROM routing.event_log WHERE type = 'petition.signed'"
        )
        connection.exec_driver_sql("DELETE FROM routing.event_log WHERE type = 'petition.signed'")
    with pytest.raises(Unsettled):
        rebuild(lived, accept=True)
    with engine_for(lived.url).begin() as connection:
        connection.exec_driver_sql("INSERT INTO routing.event_log SELECT * FROM public.gone")
        connection.exec_driver_sql("DROP TABLE public.gone")
    assert tables(lived) == before


def test_an_event_that_waits_and_the_logs_hide_is_not_lost(
    lived: County, monkeypatch: pytest.MonkeyPatch
) -> None:
    """No queue would bring it again: it was acknowledged when it was set aside."""
    monkeypatch.setattr("stats.rebuild.rebuild.TRIES", 1)
    waits = "INSERT INTO stats.waiting (subject, source, sequence, envelope) VALUES (%s, 'routing', 99, '')"
    number = lived.sql("SELECT min(number) FROM stats.fact")[0][0]
    with engine_for(lived.url).begin() as connection:
        connection.exec_driver_sql(waits, (number,))
    with pytest.raises(Unsettled, match=number):
        rebuild(lived, accept=True)
    assert lived.sql("SELECT subject FROM stats.waiting") == [(number,)]
    with engine_for(lived.url).begin() as connection:
        connection.exec_driver_sql("DELETE FROM stats.waiting")


def test_somebody_who_reads_for_long_delays_the_switch(lived: County) -> None:
    """Nobody else waits for him meanwhile, and what was made is kept."""
    said: list[str] = []
    with engine_for(lived.url).connect() as reader:

        def told(line: str) -> None:
            said.append(line)
            if line.startswith("not yet"):
                reader.rollback()

        reader.exec_driver_sql("SET application_name = 'a copy'; SELECT count(*) FROM stats.by_day")
        assert rebuild(lived, say=told).switched
    waited = [line for line in said if line.startswith("not yet: a copy ")]
    assert len(waited) == 1 and "is at work on the live figures" in waited[0], said


def test_columns_in_another_order_make_no_difference(lived: County) -> None:
    """A column that a migration added stands last in the live table."""
    with engine_for(lived.url).begin() as connection:
        for statement in (
            "ADD anew text",
            "DROP channel",
            "RENAME anew TO channel",
            "ALTER channel SET NOT NULL",
        ):
            if statement.startswith("DROP"):
                connection.exec_driver_sql("UPDATE stats.fact SET anew = channel")
            connection.exec_driver_sql(f"ALTER TABLE stats.fact {statement}")
    assert rebuild(lived).switched


def test_where_the_live_ones_lack_too_much_they_are_not_compared(
    lived: County, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("stats.rebuild.comparison.MOST", 20)
    whole = tables(lived)
    with engine_for(lived.url).begin() as connection:
        for name in TABLES:
            which = " WHERE own = 0" if name == "cursor" else ""
            connection.exec_driver_sql(f"DELETE FROM stats.{name}{which}")
    report = rebuild(lived)
    assert not report.switched
    assert [line for line in report.comparison.lines() if "lack events of more than 20" in line]
    assert rebuild(lived, accept=True).switched and tables(lived) == whole


def test_a_parked_event_keeps_its_petition_waiting(lived: County) -> None:
    """The live ones stopped before it; so do the new ones."""
    number = lived.register(text="噪声扰民。")
    with engine_for(lived.url).begin() as connection:
        connection.exec_driver_sql(
            "UPDATE intake.event_log SET envelope = convert_to(replace(convert_from(envelope, 'UTF8'),"
            " '\"channel\":\"visit\"', '\"channel\":7'), 'UTF8') WHERE subject = %s",
            (number,),
        )
    lived.deliver()
    assert lived.sql("SELECT sequence FROM stats.parked WHERE subject = :n", n=number) == [(1,)]
    report = rebuild(lived)
    assert report.failed == [(number, "intake", 1)]
    assert report.switched and not lived.sql("SELECT 1 FROM stats.fact WHERE number = :n", n=number)


def test_an_event_that_had_waited_and_cannot_be_applied_holds_nothing_up(lived: County) -> None:
    """It failed behind one that was read later, and is on no page any more."""
    number = lived.register(text="下水道堵塞。")
    lived.deliver()
    lived.go(number, "locate", "assign")
    logs = {source: lived.sql(f"SELECT convert_from(envelope, 'UTF8') FROM {source}.event_log WHERE subject = :n"
                              " ORDER BY sequence", n=number) for source in ("intake", "routing")}  # fmt: skip
    first, after = [[row[0].encode() for row in log] for log in logs.values()]
    bad = [re.sub(rb'"office":"[^"]*"', b'"office":7', body) for body in after]
    with rebuilding(lived) as work:
        work._apply(bad)
        work._apply(first)
    assert [place[:2] for place in work.report.failed] == [(number, "routing")]
    lived.deliver()


@contextmanager
def rebuilding(county: County, *logs: Log, **options: Any) -> Iterator[Rebuild]:
    """A rebuild of which the new tables stand, and are empty."""
    psycopg2.extensions.set_wait_callback(None)  # a process of its own has blocking connections
    work = Rebuild(county.url, list(logs), "330282", say=lambda line: None, **options)  # type: ignore[arg-type]
    work.generation.begin(TODAY - KEEP)
    work.generation.index()
    try:
        yield work
    finally:
        work.role.dispose()
        work.generation.drop()
        psycopg2.extensions.set_wait_callback(db._wait)
