"""COPY equals life: what `tool.generate` writes is what the same lives leave, lived on a real database."""

import kit.patched  # isort: skip  # noqa: F401 - first: eventlet

from collections import Counter
from collections.abc import Iterator
from datetime import UTC, date, datetime, time, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import orjson
import psycopg2.extensions
import pytest
from sqlalchemy import text

from intake.domain.registration import number as petition_number
from kit import clock, db, keys
from kit.migrations import engine_for
from kit.scanner import scan
from kit.vault import Vault
from stats import rolling
from supervision.duties import fire
from tests.county import County
from tests.servers import fresh_database
from tool.audit import audit, lines
from tool.demo import Site, detours, generate_lives
from tool.demo.rhythm import Weighted
from tool.generate import generate, offices
from tool.history import History, Vaults
from tool.local.servers import Servers

PETITIONS, SEED, START = 40, 29, date(2026, 1, 5)
SHANGHAI = ZoneInfo("Asia/Shanghai")
UNTIL = datetime.combine(START + timedelta(days=120), time(), SHANGHAI).astimezone(UTC)
SITE = "330282"
KINDS = {detours.STRAIGHT: 2} | dict.fromkeys(detours.SHARES, 1)
"""Most of so few lives take a detour, so that there is one of every kind that leaves rows of its own."""
BEGUN = sum(
    life.registered_at <= UNTIL
    for life in generate_lives(PETITIONS, SEED, START, clock.local_date(UNTIL), Site.load())
)
"""Those registered on the last day, after UNTIL, have not begun."""
FEW = {
    "supervision.proceeding", "routing.objection", "supervision.extension",
    "supervision.contribution", "supervision.mediation",
}  # fmt: skip
"""Tables of which not every life has a row."""


class Lived(History):
    """The same lives, but every unit is a transaction, every event goes through an inbox on
    PostgreSQL, and the clock is the scanner."""

    def __init__(self, county: County, monkeypatch: pytest.MonkeyPatch) -> None:
        key = keys.load_vault(county.state / "keys")
        vaults = Vaults.of(key)
        super().__init__(vaults, offices(Site.load()), UNTIL, SITE)
        self.county, self.monkeypatch = county, monkeypatch

    def _at(self, at: datetime) -> None:
        self.monkeypatch.setattr(clock, "now", lambda: at)

    def _do(self, service: str, at: datetime, work: Any) -> None:
        app = self.county.apps[service]
        self._at(at)
        with app.database.unit(app.model) as unit:
            work(unit)
        self.county.deliver()

    def _due(self, number: str, until: datetime) -> None:
        app = self.county.apps["supervision"]
        while True:
            ((at,),) = self.county.sql(
                "SELECT min(due_at) FROM supervision.due"
                " WHERE subject = :n AND fired_at IS NULL AND due_at <= :u", n=number, u=until,
            )  # fmt: skip
            if at is None:
                return
            self._at(at)
            assert scan(app.database, app.model, fire) > 0
            self.county.deliver()

    def _settle(self) -> None:
        self.county.deliver()


@pytest.fixture(scope="module")
def both(servers: Servers, template_database: str, county: County) -> Iterator[tuple[str, str]]:
    """URLs of two databases: lives copied, lives lived."""
    with pytest.MonkeyPatch.context() as monkeypatch:
        monkeypatch.setattr(detours, "_KINDS", Weighted(tuple(KINDS), tuple(KINDS.values())))
        yield from _both(servers, template_database, county)


def _both(servers: Servers, template: str, county: County) -> Iterator[tuple[str, str]]:
    with pytest.MonkeyPatch.context() as monkeypatch:
        lived, numbers = Lived(county, monkeypatch), Counter[date]()
        last, given = clock.local_date(UNTIL), list[str]()
        for life in generate_lives(PETITIONS, SEED, START, last, Site.load()):
            if life.registered_at > UNTIL:
                continue
            day = clock.local_date(life.registered_at)
            numbers[day] += 1
            given.append(petition_number(SITE, day, numbers[day]))
            first = None if life.repeat_of is None else given[life.repeat_of]
            lived.live(life, given[-1], first)
    with fresh_database(servers, template) as copied:
        try:
            done = generate(copied, county.state / "keys", PETITIONS, SEED, START, UNTIL, SITE)
        finally:  # COPY blocks; the rest of the tests does not
            psycopg2.extensions.set_wait_callback(db._wait)
        assert done == BEGUN
        yield copied, county.url


# Per table: what is compared. Left out is what chance or the moment of writing gives: ids of events
# and what is folded from them, nonces, positions.
TABLES: dict[str, str] = {
    "intake.petition": "number, status, channel, type, category, head_count, household_count, received_on,"
    " registered_at, registered_by, division, office, forward_due, answer_due, chosen_division,"
    " sealed, anonymous, title, text, sealed_text, complained_about, source_ref, offices, barred,"
    " rated_at, rating, rating_comment, repeat_of, postmarked_on, barcode, urgent, confidential",
    "intake.person": "number, ordinal, role, name_index, id_index, phone_index,"
    " length(name), length(id_number), length(phone), length(address)",
    "intake.timeline": "number, source, sequence, type, at, detail",
    "routing.matter": 'number, status, "placing", handling, channel, type, category, head_count, household_count,'
    " received_on, registered_at, registered_by, division, office, forward_due, accept_due,"
    " answer_due, review_due, sealed, offices, barred, locating, triage, located_rule,"
    " assigned_rule, method, assigned_at, signed_at, round, sender, final, objection_closed,"
    " returned_by, designator, lifted, decline, length(elsewhere), assisting, report_due, reviewer,"
    " orphan, chooser",
    "intake.claim": "*",
    "supervision.case": "*",
    "supervision.claim": "*",
    "supervision.extension": "number, round, handling, days, length(reason), asked_at, approved,"
    " decided_at",
    "supervision.contribution": "number, round, office, length(text), at",
    "supervision.mediation": "number, round, handling, kind, office, held_on, length(parties), agreed,"
    " claims, length(text), at",
    "routing.objection": "number, round, office, reason, length(text), at, agreed,"
    " length(answer), decided_at",
    "supervision.proceeding": "number, stage, round, office, requested_on, outside,"
    " length(grounds), decided_at, outcome, length(opinion), served_on, service_method, receipt",
    "supervision.duty": "*",
    "supervision.due": "subject, item, kind, due_at, fired_at",
    "stats.fact": "*",
    "stats.transition": "*",
}
SERVICES = ("intake", "routing", "supervision", "stats")


def rows(url: str, sql: str) -> list[Any]:
    with engine_for(url).connect() as connection:
        found = [tuple(row) for row in connection.execute(text(sql))]
    return sorted(found, key=repr)


def _bytes(row: tuple[Any, ...]) -> tuple[Any, ...]:
    return tuple(bytes(v) if isinstance(v, memoryview) else v for v in row)


@pytest.mark.parametrize("table", TABLES)
def test_a_table_holds_the_same(both: tuple[str, str], table: str) -> None:
    copied, lived = (
        sorted(map(_bytes, rows(url, f"SELECT {TABLES[table]} FROM {table}")), key=repr)
        for url in both
    )
    assert len(lived) >= (1 if table in FEW else BEGUN)
    assert copied == lived


def test_every_table_is_looked_at(county: County) -> None:
    """A new table of a service is compared, or knowingly left out here."""
    left_out = {
        "outbox", "waiting", "parked", "command_key", "office", "job", "audit_log", "audit_head",
        "alembic_version", "division", "category",  # the road's own, and the directory's
        "cursor", "event_log", "tally", "by_day", "by_month", "compacted", "counter",  # compared below
        "deliberation", "supplement", "attachment", "content", "piece", "reception",
        "reception_entry", "known_code", "category_word", "rulebook", "alias", "monthly_return", "correction", "report", "series", "bulletin", "printed", "category_name",
        "assessment", "score_sheet", "score", "scheme", "calendar_day", "order", "reply", "follow_up", "affair", "rule", "urgent_mark", "urgent_report",
        "document", "document_file", "template",  # no life of the demonstration has them yet
    }  # fmt: skip
    for service in SERVICES:
        found = county.sql(
            "SELECT table_name FROM information_schema.tables WHERE table_schema = :s", s=service
        )
        names = {row[0] for row in found if row[0] != "due" or service == "supervision"}
        compared = {name.split(".")[1] for name in TABLES if name.startswith(f"{service}.")}
        assert names - left_out == compared


@pytest.mark.parametrize("service", SERVICES)
def test_the_log_holds_the_same_events(both: tuple[str, str], service: str) -> None:
    def told(url: str) -> list[Any]:
        sql = (
            "SELECT subject, sequence, type, routing_key, cc, sealed, envelope"
            f" FROM {service}.event_log WHERE type NOT LIKE 'office.%'"
        )
        found = []
        for *columns, envelope in rows(url, sql):
            body = orjson.loads(bytes(envelope))
            assert body.pop("id") and body.pop("traceparent", None) is None
            found.append((*columns, body))
        return sorted(found, key=lambda row: (row[0], row[1]))

    copied, lived = (told(url) for url in both)
    assert copied == lived
    assert bool(lived) == (service != "stats")


@pytest.mark.parametrize("service", SERVICES)
def test_the_cursors_stand_alike(both: tuple[str, str], service: str) -> None:
    def stands(url: str) -> list[Any]:
        found = rows(
            url, f"SELECT subject, own, seen FROM {service}.cursor WHERE subject LIKE '33028220%'"
        )
        return [(s, own, {k: v[:2] for k, v in seen.items()}) for s, own, seen in found]

    copied, lived = (stands(url) for url in both)
    assert copied == lived and len(lived) == BEGUN


@pytest.mark.parametrize("table", ["by_day", "by_month", "tally"])
def test_the_figures_add_up_alike(both: tuple[str, str], table: str) -> None:
    with engine_for(both[1]).begin() as connection:
        rolling.settle(connection, clock.local_date(UNTIL) - rolling.KEEP)
    copied, lived = (rows(url, f"SELECT * FROM stats.{table}") for url in both)
    assert copied == lived
    assert bool(lived) == (table != "tally"), "everything is rolled up"


def test_numbers_go_on_where_the_copied_register_ends(both: tuple[str, str]) -> None:
    stored = dict(rows(both[0], "SELECT series, last FROM intake.counter"))
    counted = Counter(row[0] for row in rows(
        both[0],
        "SELECT 'petition:' || (registered_at AT TIME ZONE 'Asia/Shanghai')::date FROM intake.petition",
    ))  # fmt: skip
    assert stored == counted


def test_sealed_fields_open_alike(both: tuple[str, str], county: County) -> None:
    vault = Vault(keys.load_vault(county.state / "keys"), "intake")

    def opened(url: str) -> list[Any]:
        found = rows(url, "SELECT number, ordinal, name, phone FROM intake.person")
        return sorted(
            (n, o, vault.open(name, f"person.name:{n}:{o}"), vault.open(phone, f"person.phone:{n}:{o}"))
            for n, o, name, phone in found
        )  # fmt: skip

    copied, lived = (opened(url) for url in both)
    assert copied == lived


@pytest.mark.parametrize("which", ["copied", "lived"])
def test_the_audit_is_clean(both: tuple[str, str], which: str) -> None:
    url = both[0] if which == "copied" else both[1]
    with engine_for(url).connect() as connection:
        report = audit(connection)
    assert report.clean, "\n".join(lines(report))
    assert report.petitions == BEGUN


def test_the_lives_reach_far_enough_to_prove_something(both: tuple[str, str]) -> None:
    kinds = Counter(
        type_ for service in SERVICES for (type_,) in rows(both[1], f"SELECT type FROM {service}.event_log")
    )  # fmt: skip
    for type_ in (
        "petition.closed", "petition.rated", "duty.approaching", "duty.missed", "petition.linked",
        "petition.objected", "petition.declined", "petition.withdrawn", "petition.extended",
        "review.decided", "assist.answered", "petition.mediated",
    ):  # fmt: skip
        assert kinds[type_] > 0, type_
