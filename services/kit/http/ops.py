"""What operators ask of every process: /live, /ready, /metrics, /openapi.json."""

import logging
from collections.abc import Callable
from typing import Any

import eventlet
import orjson
from werkzeug.wrappers import Response

from kit import metrics
from kit.http.openapi import spec_for
from kit.http.request import Request
from kit.http.routes import route
from kit.identity import PUBLIC
from kit.problems import FieldError, Problem

log = logging.getLogger("kit.http")
CHECK_TIME = 2.0
"""Seconds that one check may take."""


class Readiness:
    """What must be there before this process should get work; one for the whole process."""

    def __init__(self) -> None:
        self._checks: dict[str, Callable[[], Any]] = {}

    def register(self, name: str, check: Callable[[], Any]) -> None:
        """Have `check` asked: it raises, or returns False, as long as `name` is missing."""
        self._checks[name] = check

    def forget(self, name: str) -> None:
        """Ask after `name` no more."""
        self._checks.pop(name, None)

    def missing(self) -> list[str]:
        """The names of what is not there."""
        return [name for name, check in list(self._checks.items()) if not _holds(name, check)]


readiness = Readiness()


def _holds(name: str, check: Callable[[], Any]) -> bool:
    try:
        with eventlet.Timeout(CHECK_TIME, TimeoutError()):
            return check() is not False
    except Exception as error:
        log.warning("ready.missing", exc_info=error, extra={"what": name})
        return False


class Ops:
    """Mixin of a service class: its routes for operators. They take no worker and no admission."""

    @route("GET", "/live", scope=PUBLIC, tags=("ops",), direct=True)
    def live(self, request: Request) -> dict[str, Any]:
        """The process runs."""
        return {"status": "live"}

    @route("GET", "/ready", scope=PUBLIC, tags=("ops",), direct=True)
    def ready(self, request: Request) -> dict[str, Any]:
        """The process has what it needs; 503 names what is missing."""
        missing = readiness.missing()
        if not missing:
            return {"status": "ready"}
        names = "、".join(missing)
        raise Problem(
            503,
            "not-ready",
            f"尚未就绪：{names}。",
            f"Not ready: {', '.join(missing)}.",
            errors=[FieldError(name, "missing", "未就绪。", "Not there.") for name in missing],
            headers={"Retry-After": "1"},
        )

    @route("GET", "/metrics", scope=PUBLIC, tags=("ops",), direct=True)
    def metrics(self, request: Request) -> Response:
        """Prometheus' text format."""
        return Response(metrics.exposition(), content_type=metrics.CONTENT_TYPE)

    @route("GET", "/openapi.json", scope=PUBLIC, tags=("ops",), direct=True)
    def openapi(self, request: Request) -> Response:
        """This description."""
        return Response(_described(type(self)), content_type="application/json")


class OpsService(Ops):
    """The service of a process without web: health and metrics alone, on OPS_ADDRESS."""

    name = "ops"
    address_key = "OPS_ADDRESS"


_descriptions: dict[type, bytes] = {}


def _described(service_class: type) -> bytes:
    if service_class not in _descriptions:
        _descriptions[service_class] = orjson.dumps(spec_for(service_class))
    return _descriptions[service_class]
