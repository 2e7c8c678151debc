"""The rules of the house hold, and each one fires on a text that breaks it (house.md 2-5, 8)."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from importlib import import_module
from typing import Any

import pytest
from marshmallow import Schema, fields

from contracts.flows import FLOWS, sources_of
from contracts.schemas import EVENTS
from kit.http import Ops, page, route
from kit.http.routes import Route
from kit.identity import Scope
from tests.unit.house import rules

SCOPELESS = {
    "intake/jobs.py _content": "what the scanner reads, shown to nobody",
    "supervision/jobs.py _open": "numbers of cases with an open deadline, shown to nobody",
    "intake/queries.py place_texts": "for routing's service token alone; sealed ones left out",
    "routing/locator.py _locating": "routing's own worker, on behalf of nobody",
    "supervision/queries.py _has_light": "a condition inside `cases`, which is scoped",
    "supervision/queries.py _report_is": "a condition inside `cases`, which is scoped",
    "stats/queries/sums.py totals": "sums over the whole site",
    "stats/queries/cases.py _came_again": "a condition inside `Behind`",
    "stats/queries/figures.py first_day": "a day, of no petition that could be told",
}
"""Functions that read a petition's table without the scope function, and why."""

NOT_PERSONAL = {
    "OfficeChanged name": "an office's",
    "OfficeChanged short_name": "an office's",
    "OfficeChanged address": "an office's: published (Art. 18)",
    "OfficeChanged phone": "an office's: published (Art. 18)",
    "PetitionRegistered barred": "office ids, in the sealed exchange alone (Art. 30)",
}
AFFAIRS = [event.type for event in EVENTS if event.type.startswith("affair.")]
IGNORED: dict[tuple[str, str], str] = {
    (consumer, type_): "about no petition: supervision's own list shows it"
    for consumer in ("intake", "routing", "stats")
    for type_ in AFFAIRS
} | {
    (consumer, "reception.changed"): "a session's plan is the register's and whoever subscribes"
    for consumer in ("routing", "supervision", "stats")
}
"""(consumer, event type) that a consumer hears and knowingly does nothing about, and why."""


Rule = Callable[[str, str], Iterator[str]]


def broken(rule: Rule) -> list[str]:
    return [offence for path, text in rules.sources() for offence in rule(path, text)]


def scoped(path: str, text: str) -> Iterator[str]:
    return rules.unscoped(path, text, SCOPELESS)


RULES: dict[str, Rule] = {
    "nothing but the relay publishes, and there is no RPC": rules.publishes,
    "nameko and eventlet stand in kit and service.py only": rules.shows_the_shell,
    "services share contracts and kit, nothing else": rules.reaches_next_door,
    "the domain has no clock and no I/O": rules.domain_reaches_out,
    "there is one clock": rules.tells_its_own_time,
    "every read of petitions goes through the scope function": scoped,
    "log lines have static names": rules.says_more_in_a_log,
    "log lines quote no error": rules.says_an_error_in_a_log,
}


@pytest.mark.parametrize("name", RULES)
def test_the_rule_holds(name: str) -> None:
    assert broken(RULES[name]) == []


BROKEN = [
    (rules.publishes, "intake/handlers.py", "channel.basic_publish(message)"),
    (rules.publishes, "stats/app.py", "from nameko.events import EventDispatcher"),
    (rules.publishes, "kit/consumer.py", "from nameko.messaging import Publisher as P"),
    (rules.publishes, "console/client/network.py", "from nameko.rpc import RpcProxy"),
    (rules.shows_the_shell, "intake/handlers.py", "import eventlet"),
    (rules.shows_the_shell, "routing/api.py", "def f():\n    from nameko.rpc import rpc"),
    (rules.shows_the_shell, "tool/generate.py", "import eventlet.green.socket"),
    (rules.reaches_next_door, "stats/store.py", "from intake.store import petition"),
    (rules.reaches_next_door, "kit/app.py", "import supervision.domain"),
    (rules.reaches_next_door, "kit/app.py", "from contracts.schemas import EVENTS"),
    (rules.reaches_next_door, "contracts/checks.py", "from kit import clock"),
    (rules.reaches_next_door, "intake/app.py", "from tool.demo import Site"),
    (rules.domain_reaches_out, "intake/domain/a.py", "from kit import clock"),
    (rules.domain_reaches_out, "intake/domain/a.py", "import requests"),
    (rules.domain_reaches_out, "intake/domain/a.py", "import random"),
    (rules.domain_reaches_out, "stats/domain/a.py", "day = date.today()"),
    (rules.domain_reaches_out, "stats/domain/a.py", "x = datetime.now(UTC)"),
    (rules.domain_reaches_out, "supervision/domain/a.py", "from supervision.store import Case"),
    (rules.tells_its_own_time, "intake/handlers.py", "at = datetime.now(UTC)"),
    (rules.tells_its_own_time, "kit/db.py", "day = date.today()"),
    (rules.tells_its_own_time, "kit/db.py", "x = time.time()"),
    (scoped, "intake/queries.py", "def f(c):\n    return c.execute(select(petition))"),
    (scoped, "intake/api.py", "def f(c):\n    c.execute(select(func.count()).select_from(person))"),
    (scoped, "stats/queries/a.py", "def f(c):\n    c.exec_driver_sql('SELECT n FROM stats.fact')"),
    (scoped, "stats/app.py", "def f(c):\n    c.execute(text('select 1 from duty d join case k'))"),
    (scoped, "supervision/queries.py", "def f(c):\n    w = VISIBLE\n    c.execute(select(case.c.x))"),
    (scoped, "intake/api.py", "def f(self):\n    return self.app.database.view(MODEL, number)"),
    (rules.says_more_in_a_log, "kit/db.py", "log.info(f'petition {number}')"),
    (rules.says_more_in_a_log, "kit/db.py", "log.info('petition %s', number)"),
    (rules.says_more_in_a_log, "kit/db.py", "log.warning('a ' + name)"),
    (rules.says_more_in_a_log, "kit/db.py", "logging.error(text)"),
    (rules.says_an_error_in_a_log, "kit/db.py", "log.info('x', extra={'e': str(error)[:9]})"),
]  # fmt: skip


@pytest.mark.parametrize(("rule", "path", "text"), BROKEN)
def test_the_rule_fires(rule: Rule, path: str, text: str) -> None:
    assert list(rule(path, text)) != []


KEPT = [
    (rules.publishes, "kit/relay.py", "channel.basic_publish(message)"),
    (rules.shows_the_shell, "intake/service.py", "import eventlet"),
    (rules.shows_the_shell, "kit/db.py", "import eventlet"),
    (rules.reaches_next_door, "intake/app.py", "from kit import clock\nfrom contracts import flows"),
    (rules.reaches_next_door, "tool/history.py", "import intake.handlers"),
    (rules.domain_reaches_out, "intake/domain/a.py", "from datetime import date"),
    (rules.domain_reaches_out, "intake/handlers.py", "from kit import clock"),
    (rules.tells_its_own_time, "kit/db.py", "x = time.monotonic(); y = clock.now()"),
    (scoped, "intake/queries.py", "def f(c):\n    c.execute(select(petition).where(VISIBLE.where(r)))"),
    (scoped, "intake/queries.py", "def f(c):\n    return c.execute(select(bus.cursor))"),
    (scoped, "intake/api.py", "def f(self):\n    return self.app.commands_on_petition.view(a, n)"),
    (scoped, "intake/handlers.py", "def f(petition):\n    return petition.number"),
    (rules.says_more_in_a_log, "kit/db.py", "log.info('relay.waits', extra={'n': 1})"),
    (rules.says_an_error_in_a_log, "kit/db.py", "log.info('x', extra={'e': type(error).__name__})"),
]  # fmt: skip


@pytest.mark.parametrize(("rule", "path", "text"), KEPT)
def test_the_rule_lets_pass_what_is_right(rule: Rule, path: str, text: str) -> None:
    assert list(rule(path, text)) == []


def test_every_rule_is_shown_to_fire() -> None:
    assert {rule for rule, _, _ in BROKEN} == set(RULES.values())


def test_no_excuse_outlives_its_function() -> None:
    """An allowance whose function is gone, or needs it no more, is taken off the list."""
    for entry in SCOPELESS:
        path = entry.split()[0]
        assert entry in rules.functions(path), entry
        text = (rules.ROOT / path).read_text("utf-8")
        others = {k: v for k, v in SCOPELESS.items() if k != entry}
        assert list(rules.unscoped(path, text, others)) != [], entry


# -- routes ----------------------------------------------------------------------------------------


def routes_of(service: str) -> list[Route]:
    cls = import_module(f"{service}.service").Web
    found = {
        entrypoint
        for name in dir(cls)
        for entrypoint in getattr(getattr(cls, name), "nameko_entrypoints", ())
    }
    return [entrypoint for entrypoint in found if isinstance(entrypoint, Route)]


@pytest.mark.parametrize("service", rules.SERVICES)
def test_every_route_declares_its_scope(service: str) -> None:
    routes = routes_of(service)
    assert len(routes) > 2
    for one in routes:
        assert isinstance(one.scope, Scope) and one.scope.kinds, f"{one.method} {one.url}"


@pytest.mark.parametrize("service", rules.SERVICES)
def test_every_route_that_changes_something_is_a_command(service: str) -> None:
    """What is posted and is no command is a question in a body, and stands here by name."""
    questions = {
        "/titles", "/petitioner-tokens", "/internal/place-texts", "/petitions/<number>/identity",
        "/search", "/categories/suggestions", "/places",
    }  # fmt: skip
    for one in routes_of(service):
        if one.method != "GET" and not one.page:
            assert one.command != (one.url in questions), f"{one.method} {one.url}"


@pytest.mark.parametrize("make", [route, page])
def test_a_route_without_a_scope_does_not_start(make: Any) -> None:
    with pytest.raises(TypeError, match="scope"):
        make("GET", "/everything")(lambda self, request: {})


def test_what_operators_ask_and_files_take_no_worker() -> None:
    direct = {one.url for service in rules.SERVICES for one in routes_of(service) if one.direct}
    assert direct == {"/live", "/ready", "/metrics", "/openapi.json", "/static/<version>/<name>"}
    assert {name for name in vars(Ops) if not name.startswith("_")} >= {"live", "ready"}


# -- events ----------------------------------------------------------------------------------------


@pytest.mark.parametrize("event", EVENTS)
def test_an_event_holds_nothing_of_a_person(event: type[Schema]) -> None:
    assert list(rules.personal_fields(event, NOT_PERSONAL)) == []


def test_a_personal_field_would_be_found() -> None:
    class Person(Schema):
        phone = fields.String()

    class Planted(Schema):
        title = fields.String()
        deep = fields.List(fields.Nested(Person))
        office = fields.String()

    assert list(rules.personal_fields(Planted, {})) == ["Planted title", "Planted deep.phone"]
    assert list(rules.personal_fields(Planted, {"Planted title": "x"})) == ["Planted deep.phone"]


def subscriptions(consumer: str) -> set[str]:
    return set(import_module(f"{consumer}.subscriptions").SUBSCRIPTIONS)


def unheard(consumer: str, heard: set[str], ignored: set[tuple[str, str]]) -> list[str]:
    """Event types of a consumer's sources that it neither handles nor knowingly ignores."""
    sources = sources_of(consumer)
    return [
        event.type
        for event in EVENTS
        if event.publisher in sources
        and event.type not in heard
        and (consumer, event.type) not in ignored
    ]


CONSUMERS = sorted({consumer for consumers in FLOWS.values() for consumer in consumers})


@pytest.mark.parametrize("consumer", CONSUMERS)
def test_every_event_is_handled_or_knowingly_ignored(consumer: str) -> None:
    assert unheard(consumer, subscriptions(consumer), set(IGNORED)) == []


@pytest.mark.parametrize("consumer", CONSUMERS)
def test_nobody_waits_for_an_event_that_never_comes(consumer: str) -> None:
    sent = {event.type for event in EVENTS if event.publisher in sources_of(consumer)}
    assert subscriptions(consumer) <= sent


def test_a_forgotten_event_would_be_found() -> None:
    heard = subscriptions("stats") - {"petition.closed"}
    assert unheard("stats", heard, set(IGNORED)) == ["petition.closed"]
    assert unheard("stats", heard, {*IGNORED, ("stats", "petition.closed")}) == []
