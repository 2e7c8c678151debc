"""A private broker and database for tests: one pair a session, a fresh corner of it per test.

`make test` starts the pair once and shares it between several pytest runs; pytest on its own
starts one for itself. Load this as a plugin: `pytest_plugins = ["tests.servers"]`.
"""

import fcntl
import os
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from uuid import uuid4

import pytest

from tool.local import ports
from tool.local.servers import Servers, shared

if run := os.environ.get("TESTS_RUN"):  # which of two abreast (tests/abreast.py)
    # A port is looked for some time before it is bound: each run looks among ports of its own.
    ports.RANGE = ports.RANGE[int(run) :: 2]


@pytest.fixture(scope="session")
def servers() -> Iterator[Servers]:
    """The pair. Never stop or kill it: others use it too (a drill has `temporary()`)."""
    with shared() as pair:
        yield pair


@contextmanager
def fresh_database(servers: Servers, template: str | None = None) -> Iterator[str]:
    """A new database, dropped after the block.

    Args:
        servers: where to make it.
        template: the database to copy, which nobody may be connected to.

    Yields:
        Its URL, as administrator.
    """
    name = f"test_{uuid4().hex}"
    url = servers.cluster.create_database(name, template)
    try:
        yield url
    finally:
        servers.cluster.drop_database(name)


def template_of(servers: Servers, name: str, fill: Callable[[str], None]) -> str:
    """A database to copy, made by whichever run asks for it first.

    Args:
        servers: where to make it.
        name: its name.
        fill: makes what is in it, given its URL.

    Returns:
        Its name.
    """
    with (servers.state / "templates.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)  # one lock for all: roles are the whole cluster's
        if name not in servers.cluster.databases():
            fill(servers.cluster.create_database(name))
    return name


@contextmanager
def fresh_vhost(servers: Servers) -> Iterator[str]:
    """A new virtual host, deleted after the block.

    Args:
        servers: where to make it.

    Yields:
        Its AMQP URL, as administrator.
    """
    name = f"test-{uuid4().hex}"
    url = servers.broker.add_vhost(name)
    try:
        yield url
    finally:
        servers.broker.delete_vhost(name)


@pytest.fixture
def database_url(servers: Servers) -> Iterator[str]:
    """An empty database for this test alone."""
    with fresh_database(servers) as url:
        yield url


@pytest.fixture
def amqp_url(servers: Servers) -> Iterator[str]:
    """An empty virtual host for this test alone."""
    with fresh_vhost(servers) as url:
        yield url
