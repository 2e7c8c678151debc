"""A whole county in this process: four services on one database, their routes without sockets.

Events are carried by hand (`county.deliver()`): what one service has in its outbox goes through the
next one's real inbox, batch by batch. Much quicker than a running site, and just as real but for the
broker.
"""

import kit.patched  # isort: skip  # noqa: F401 - first: eventlet

import tempfile
import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from importlib import import_module
from pathlib import Path
from typing import Any

import pytest
from nameko.containers import ServiceContainer
from sqlalchemy import text

from contracts.flows import FLOWS
from kit import clock, keys, problems
from kit.app import App
from kit.config import Settings
from kit.consumer import Delivery, apply_batch
from kit.db import Unavailable
from kit.http import Client
from kit.http.client import Result
from kit.identity import Actor, Issuer
from kit.migrations import engine_for
from routing.locator import Locator
from tests.people import OPINION
from tests.servers import fresh_database
from tool.demo import Site
from tool.local.servers import Servers
from tool.parking import handlers
from tool.processes import configuration
from tool.site import load_codes, load_directory, load_names

SERVICES = ("intake", "routing", "supervision", "stats")
BATCH = 200


TOWN, DIVISION, VILLAGE = "330282104-xfb", "330282104000", "330282104201"
BUREAU, LABOUR = "330282-xfj", "330282-rsj"

_STEPS: dict[str, tuple[str, str, Any]] = {
    "locate": ("routing", "/petitions/{}/location", {"division": VILLAGE}),
    "assign": ("routing", "/petitions/{}/assignment", {"office": TOWN, "method": "transfer"}),
    "sign": ("routing", "/petitions/{}/signature", {}),
    "accept": ("supervision", "/cases/{}/acceptance", {}),
    "answer": (
        "supervision", "/cases/{}/answer", OPINION,
    ),
    "serve": (
        "supervision", "/cases/{}/service", lambda: {"method": "post", "served_on": today()},
    ),
    "close": ("supervision", "/cases/{}/closure", {}),
}  # fmt: skip
"""Step → service, url, body. A petition is assigned by hand, to the town of 掌起镇."""
WAY = tuple(_STEPS)


class County:
    """Four services, their clients, and the events between them."""

    def __init__(self, url: str, state: Path) -> None:
        self.url, self.state = url, state
        keys.ensure(state / "keys")
        env = {"DATABASE_URL": url, "AMQP_URL": "amqp://nowhere", "PETITION_STATE": str(state)}
        self.apps: dict[str, App] = {}
        self.containers: dict[str, ServiceContainer] = {}
        self.clients: dict[str, Client] = {}
        problems.teach(Unavailable, lambda error: problems.unavailable())
        for name in SERVICES:
            module = import_module(f"{name}.service")
            app = module.build(replace(Settings.from_env(name, env), port=0))
            config = configuration(app) | {"HTTP_ADDRESS": "", "CHECK_ANSWERS": True}
            self.apps[name] = app
            self.containers[name] = ServiceContainer(module.Web, config)
            self.containers[name].start()
            self.clients[name] = Client(self.containers[name])
        self._issuer = Issuer(keys.load_private(state / "keys", "tool"), "tool")

    def stop(self) -> None:
        for name in SERVICES:
            self.containers[name].stop()
            self.apps[name].database.engine.dispose()

    # -- who asks --------------------------------------------------------------------------------

    def token(self, actor: Actor | None = None) -> str:
        """A token for an actor; the command line's by default."""
        actor = actor or Actor("tool", "test")
        if actor.kind == "petitioner":
            issuer = self.apps["intake"].issuer
            return issuer.token(actor, 3600)
        return self._issuer.token(actor, 3600)

    def officer(self, office: str | None, *roles: str) -> Actor:
        return Actor("officer", f"o-{office}-{'-'.join(roles)}", office, frozenset(roles))

    # -- requests --------------------------------------------------------------------------------

    def request(
        self, method: str, service: str, url: str, actor: Actor | None = None, *,
        json: Any = None, body: bytes | None = None, key: str | None = None,
        seen: str | None = None, **headers: str,
    ) -> Result:  # fmt: skip
        """Any request, as the public where `actor` is the public one."""
        import orjson

        named = {"idempotency-key": key if key is not None else uuid.uuid4().hex}
        if key == "":
            named.pop("idempotency-key")
        if actor is None or actor.kind != "public":
            named["authorization"] = f"Bearer {self.token(actor)}"
        if seen:
            named["petition-seen"] = seen
        if json is not None:
            body, named["content-type"] = orjson.dumps(json), "application/json"
        named |= {name.replace("_", "-"): value for name, value in headers.items()}
        return self.clients[service].request(method, url, body=body or b"", headers=named)

    def get(self, service: str, url: str, actor: Actor | None = None) -> Result:
        return self.request("GET", service, url, actor)

    def post(self, service: str, url: str, json: Any, actor: Actor | None = None, **more: Any) -> Result:  # fmt: skip
        return self.request("POST", service, url, actor, json=json, **more)

    def register(self, actor: Actor | None = None, **changes: Any) -> str:
        """Registers a petition; gives its number."""
        result = self.post("intake", "/petitions", body(**changes), actor)
        assert result.status == 201, result.body
        return str(result.json["number"])

    def go(self, number: str, *steps: str, actor: Actor | None = None) -> None:
        """Takes a petition through steps in order, each delivered everywhere."""
        for step in steps:
            service, url, sent = _STEPS[step]
            sent = sent() if callable(sent) else sent
            result = self.post(service, url.format(number), sent, actor)
            assert result.status == 200, (step, result.body)
            self.deliver()

    # -- events ----------------------------------------------------------------------------------

    def deliver(self) -> None:
        """Carries events until all outboxes are empty."""
        while any(self._carry(source) for source in SERVICES):
            pass

    def _carry(self, source: str) -> bool:
        app = self.apps[source]
        with app.database.connection() as connection:
            rows = connection.exec_driver_sql(
                f"SELECT o.position, e.envelope FROM {source}.outbox o"
                f" JOIN {source}.event_log e USING (position) ORDER BY 1"
            ).all()
        bodies = [bytes(row.envelope) for row in rows]
        for start in range(0, len(bodies), BATCH):
            batch = [Delivery(n, b, source) for n, b in enumerate(bodies[start : start + BATCH], 1)]
            for consumer in FLOWS[source]:
                there = self.apps[consumer]
                apply_batch(there.database, there.model, handlers(there), batch)
        with app.database.connection() as connection:
            connection.exec_driver_sql(
                f"DELETE FROM {source}.outbox WHERE position = ANY(%s)",
                ([row.position for row in rows],),
            )
        for one in self.apps.values():
            one.directory.invalidate()
        return bool(rows)

    def locate(self) -> None:
        """Reads the places out of the texts, as routing's worker does."""
        import intake.queries
        from routing.locator import _locating

        app: Any = self.apps["routing"]
        numbers = _locating(app)
        with self.apps["intake"].database.connection() as connection:
            texts = intake.queries.place_texts(connection, list(numbers))
        Locator.decide(app, numbers, texts)
        self.deliver()

    # -- what stands in the tables ---------------------------------------------------------------

    def sql(self, statement: str, **parameters: Any) -> list[tuple[Any, ...]]:
        """What a query gives, asked as the database's owner."""
        with engine_for(self.url).connect() as connection:
            return [tuple(row) for row in connection.execute(text(statement), parameters)]

    def counts(self) -> dict[str, int]:
        """How many rows stand in every table of every service: nothing changed if all are equal."""
        tables = [t.fullname for app in self.apps.values() for t in _tables(app)]
        columns = ", ".join(f"(SELECT count(*) FROM {table})" for table in tables)
        return dict(zip(tables, self.sql(f"SELECT {columns}")[0], strict=True))


def _tables(app: App) -> list[Any]:
    metadata: Any = app.model.tables.cursor.metadata
    return list(metadata.sorted_tables)


@contextmanager
def fresh_county(servers: Servers, template_database: str) -> Iterator[County]:
    """The demonstration county: its directory, no petitions; gone after the block."""
    with fresh_database(servers, template_database) as url, tempfile.TemporaryDirectory() as state:
        county = County(url, Path(state))
        load_directory(county.apps["routing"], Site.load())
        load_codes(county.apps["intake"], Site.load())
        load_names(county.apps["stats"], Site.load())
        county.deliver()
        yield county
        county.stop()


@pytest.fixture(scope="module")
def county(servers: Servers, template_database: str) -> Iterator[County]:
    """The county of one module of tests."""
    with fresh_county(servers, template_database) as county:
        yield county


@pytest.fixture
def own_county(servers: Servers, template_database: str) -> Iterator[County]:
    """A county of one test alone."""
    with fresh_county(servers, template_database) as county:
        yield county


# -- bodies and answers ----------------------------------------------------------------------------

TEXT = "掌起镇长溪村某厂拖欠工资三个月,请求帮助。"
PERSON = {"name": "张三", "id_number": "11010519491231002X", "phone": "13800005678"}


def today() -> str:
    return clock.local_date(clock.now()).isoformat()


def body(**changes: Any) -> dict[str, Any]:
    """A good registration with some members changed (or, if `...`, left out)."""
    good = {
        "channel": "visit", "type": "request", "text": TEXT, "received_on": today(),
        "people": [PERSON],
    }  # fmt: skip
    return {name: value for name, value in (good | changes).items() if value is not ...}


def assert_problem(result: Result, status: int, code: str, field: str | None = None) -> None:
    """An answer as every error is given: status, kind, both languages, and the field."""
    assert result.status == status, result.body
    assert result.headers["content-type"] == "application/problem+json"
    problem = result.json
    assert problem["type"] == f"/problems/{code}" and problem["status"] == status
    for said in (problem, *problem.get("errors", ())):
        assert any("\u4e00" <= letter <= "\u9fff" for letter in said["detail"]), said
        assert said["detail_en"].isascii() or field is not None, said
        assert said["detail_en"].strip()
    if field is not None:
        assert field in [error["field"] for error in problem["errors"]], problem
    assert "Traceback" not in result.body.decode() and "psycopg2" not in result.body.decode()
