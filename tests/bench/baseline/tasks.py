"""The plain pipeline's steps behind the door, as Celery tasks."""

from __future__ import annotations

import os
from datetime import UTC, datetime
from typing import Any

from celery import Celery

from routing.domain.remit import responsible
from tests.bench.baseline import store

URL = os.environ["DATABASE_URL"]

celery = Celery("plain", broker=os.environ["AMQP_URL"])
celery.conf.update(
    task_ignore_result=True,
    task_acks_late=True,
    task_reject_on_worker_lost=True,
    task_default_queue="plain",
    worker_prefetch_multiplier=int(os.environ.get("PLAIN_PREFETCH", "32")),
    worker_send_task_events=False,
    worker_disable_rate_limits=True,
    worker_hijack_root_logger=False,
    broker_connection_retry_on_startup=True,
    broker_pool_limit=16,
    event_queue_exclusive=True,
)


@celery.task
def route(state: dict[str, Any], division: str) -> None:
    """Locates by the clerk's choice, assigns by rule, hands on."""
    bodies, parents = store.directory(URL)
    category = state["category"]
    above, step = [], category
    while step and (step := parents.get(step)):
        above.append(step)
    choice = responsible(bodies, division, category, above)
    at = datetime.now(UTC)
    state |= {"division": division, "office": choice.office, "status": "assigned"}
    state["placing"] = "assigned"
    store.put_matter(URL, state, choice.rule, at)
    open_case.delay(state, at.isoformat())
    follow.delay(state, choice.rule, at.isoformat())
    count.delay(state, at.isoformat())


@celery.task
def open_case(state: dict[str, Any], at: str) -> None:
    """Opens the case."""
    store.put_case(URL, state, datetime.fromisoformat(at))


@celery.task
def follow(state: dict[str, Any], rule: str, at: str) -> None:
    """Tells the register, for the petitioner's timeline."""
    store.follow(URL, state, rule, datetime.fromisoformat(at))


@celery.task
def count(state: dict[str, Any], at: str) -> None:
    """Counts it."""
    store.count(URL, state, datetime.fromisoformat(at))
