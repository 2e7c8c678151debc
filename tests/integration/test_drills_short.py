"""The shortened set of drills for `make test`; `make drills` holds them all (tests/drills)."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.drills.drills import DRILLS
from tests.drills.run import run
from tool.local.servers import Servers, temporary

SHORT = ("kill-whole", "broker-killed", "hostile")


@pytest.fixture(scope="module")
def own_servers() -> Iterator[Servers]:
    """Servers that a drill may kill."""
    with temporary() as servers:
        yield servers


@pytest.mark.timeout(240)
@pytest.mark.parametrize("name", SHORT)
def test_drill(own_servers: Servers, name: str) -> None:
    """No accepted petition lost, none doubled, audit clean, HTTP answering throughout."""
    drill = next(d for d in DRILLS if d.name == name)
    result = run(own_servers, drill, 1, rate=40.0)
    assert not result.error, result.error
    assert result.audit == "clean"
