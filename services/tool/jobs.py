"""`petition run-jobs`, the plain process beside the services, and `petition verify-audit`."""

from __future__ import annotations

import signal
import threading
import time
from collections.abc import Iterator
from datetime import timedelta
from functools import partial
from importlib import import_module
from importlib.util import find_spec
from socketserver import ThreadingMixIn
from typing import TYPE_CHECKING, Any
from wsgiref.simple_server import WSGIRequestHandler, WSGIServer, make_server

import click

if TYPE_CHECKING:
    from kit.config import Settings
    from kit.jobs import Job, Queue, Runner

AUDIT_HOUR = timedelta(hours=2, minutes=30)
YEAR_END_HOUR = timedelta()
"""When the night's verification of the audit chains begins."""
STEP = 0.2


@click.command("run-jobs")
def run_jobs() -> None:
    """Run the jobs of all services, until SIGTERM; the job in hand is finished first."""
    from kit import log
    from kit.jobs import VERIFY_AUDIT, YEAR_END, Runner

    settings = _settings()
    log.configure("jobs")
    stop = threading.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: stop.set())
    daily = {VERIFY_AUDIT: AUDIT_HOUR, YEAR_END: YEAR_END_HOUR}
    runner = Runner([_queue(one) for one in settings], daily=daily)
    if settings[0].ops_port is not None:
        serve_ops(settings[0].address, settings[0].ops_port, runner)
    runner.run(stop)


@click.command("verify-audit")
@click.option("--wait", default=600.0, show_default=True, help="seconds to wait for all of them")
def verify_audit(wait: float) -> None:
    """Verify every service's audit chain and signed heads; status 1 where one does not hold."""
    from kit.jobs import VERIFY_AUDIT, Queue, Runner, enqueue

    queues = [_queue(one) for one in _settings()]
    asked: dict[str, int] = {}
    for queue in queues:
        with queue.engine.begin() as connection:
            asked[queue.service] = enqueue(connection, VERIFY_AUDIT)
    # this process lends a hand, so that the command also works where no `run-jobs` runs
    only = [Queue(q.service, q.engine, {VERIFY_AUDIT: q.registry[VERIFY_AUDIT]}) for q in queues]
    runner, deadline = Runner(only), time.monotonic() + wait
    while (open_ := _unfinished(queues, asked)) and time.monotonic() < deadline:
        if not runner.turn():
            time.sleep(STEP)
    for queue in queues:
        click.echo(_line(queue, asked[queue.service]))
    whole = all((_job(q, asked[q.service]).result or {}).get("whole") for q in queues)
    raise SystemExit(0 if whole and not open_ else 1)


COMMANDS: tuple[click.Command, ...] = (run_jobs, verify_audit)


# -- queues ----------------------------------------------------------------------------------------


def _settings() -> list[Settings]:
    """The settings of every service. Raises ClickException, one line, where one is wrong."""
    from kit.config import ConfigError, Settings
    from kit.keys import SERVICES

    try:
        return [Settings.from_env(service) for service in SERVICES]
    except ConfigError as error:
        raise click.ClickException(str(error)) from error


def _queue(settings: Settings) -> Queue:
    from kit.jobs import Queue, plain_engine

    engine = plain_engine(settings.database_url, settings.service)
    return Queue(settings.service, engine, registry(settings))


def registry(settings: Settings) -> dict[str, Job]:
    """What a service's jobs are: those that every service has, and JOBS of its `jobs.py` if any."""
    from kit import jobs

    found: dict[str, Job] = {jobs.VERIFY_AUDIT: partial(jobs.verify_audit, settings.keys)}
    if find_spec(f"{settings.service}.jobs") is not None:
        found |= import_module(f"{settings.service}.jobs").JOBS
    return found


def _job(queue: Queue, job: int) -> Any:
    with queue.engine.connect() as connection:
        return connection.exec_driver_sql(
            f'SELECT state, result, error FROM "{queue.service}".job WHERE id = %s', (job,)
        ).one()


def _unfinished(queues: list[Queue], asked: dict[str, int]) -> list[str]:
    return [q.service for q in queues if _job(q, asked[q.service]).state not in ("done", "failed")]


def _line(queue: Queue, job: int) -> str:
    row = _job(queue, job)
    if row.state != "done":
        return f"{queue.service:<12} {row.state}: {row.error or 'no runner has taken it'}"
    found = row.result
    if found["whole"]:
        return f"{queue.service:<12} whole, {found['rows']} rows"
    where = [f"position {found['position']}"] if found["position"] else []
    where += [f"head of {found['head']}"] if found["head"] else []
    return f"{queue.service:<12} BROKEN at {' and '.join(where)}, {found['rows']} rows"


# -- operators' questions --------------------------------------------------------------------------


class _Server(ThreadingMixIn, WSGIServer):
    daemon_threads = True


class _Quiet(WSGIRequestHandler):
    def log_message(self, format: str, *args: Any) -> None:
        """Operators' questions are not logged."""


def serve_ops(address: str, port: int, runner: Runner) -> WSGIServer:
    """/live, /ready and /metrics from a thread of this process. Raises OSError: the port is taken."""
    from prometheus_client import make_wsgi_app

    metrics = make_wsgi_app()

    def answer(environ: dict[str, Any], start: Any) -> Iterator[bytes] | list[bytes]:
        path = environ.get("PATH_INFO")
        if path == "/metrics":
            found: list[bytes] = metrics(environ, start)
            return found
        good = path == "/live" or (path == "/ready" and runner.answers)
        status = "200 OK" if good else "503 Service Unavailable"
        if path not in ("/live", "/ready"):
            status = "404 Not Found"
        start(status, [("Content-Type", "application/json")])
        return [b'{"status": "%s"}' % (b"ok" if good else b"not ready")]

    server = make_server(address, port, answer, _Server, _Quiet)  # type: ignore[arg-type]
    threading.Thread(target=server.serve_forever, name="ops", daemon=True).start()
    return server
