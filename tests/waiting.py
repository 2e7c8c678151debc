"""Waiting in tests: for something to become true, and for whoever else is at work in the cluster."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import eventlet
from sqlalchemy import Engine, func, select


def until(holds: Callable[[], Any], seconds: float = 20) -> None:
    """Waits for something to become true."""
    with eventlet.Timeout(seconds, AssertionError(f"not within {seconds} s")):
        while not holds():
            eventlet.sleep(0.03)


def settled(engine: Engine) -> None:
    """Waits until every transaction of the cluster that is at work now is over, those of the tests abreast, too: until
    then a feed and an audit chain leave alone what was written last."""
    now = _bound(engine, "xmax")
    until(lambda: _bound(engine, "xmin") >= now, seconds=60)


def _bound(engine: Engine, which: str) -> int:
    bound = getattr(func, f"pg_snapshot_{which}")(func.pg_current_snapshot())
    with engine.connect() as connection:
        return int(connection.execute(select(bound)).scalar_one())
