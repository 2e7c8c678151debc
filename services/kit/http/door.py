"""The way of a request through the house: match, read, admit, authenticate, check, work, answer.

All of it but the work happens in the connection's greenthread: a refused request takes no worker.
"""

import logging
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from functools import cache, partial
from time import perf_counter
from typing import TYPE_CHECKING, Any

from eventlet.event import Event
from nameko.exceptions import ContainerBeingKilled
from werkzeug.http import parse_cookie

from kit import metrics
from kit.http.answers import problem_reply, to_reply
from kit.http.connection import Gone
from kit.http.limits import admission
from kit.http.paths import Paths
from kit.http.request import Request, hash_of, key_of, remote_of, seen_of, trace_of
from kit.http.wire import Head, Reply
from kit.log import bind
from kit.problems import Problem, forbidden, from_error, unauthenticated, unavailable

if TYPE_CHECKING:
    from kit.http.routes import Route

log = logging.getLogger("kit.http")
Reader = Callable[[Head, int], bytes]


@dataclass(slots=True)
class Visit:
    """What is known of a request so far."""

    head: Head
    trace: str
    route: "Route | None" = None
    request: Request | None = None
    read: bool = False

    @property
    def label(self) -> str:
        return self.route.url if self.route else "unmatched"


class Door:
    """Answers the requests to one container."""

    def __init__(self, container: Any, routes: Iterable["Route"]) -> None:
        self._container = container
        # a container is named service.role
        self._service, _, self._role = container.service_name.partition(".")
        self._paths = Paths(routes)
        self._authenticator = container.config.get("AUTHENTICATOR")
        self._page_authenticator = container.config.get("PAGE_AUTHENTICATOR")
        self._on_problem = getattr(container.service_cls, "on_problem", None)

    def answer(self, head: Head, read_body: Reader) -> Reply:
        """The reply to the request `head`, whose body `read_body(head, limit)` reads.

        Raises Gone when the client has left; nothing else.
        """
        started = perf_counter()
        visit = Visit(head, trace_of(head.headers))
        bind(visit.trace, self._role)
        try:
            reply = self._serve(visit, read_body)
        except Gone:
            raise
        except Exception as error:
            reply = self._refuse(visit, error)
        reply.close = not visit.read and head.length != 0
        self._record(visit, reply.status, perf_counter() - started)
        return reply

    def refusal(self, problem: Problem) -> Reply:
        """The reply to what was no request at all."""
        _count(self._service, "malformed", problem.status).inc()
        return problem_reply(problem)

    def _serve(self, visit: Visit, read_body: Reader) -> Reply:
        head = visit.head
        visit.route, values = self._paths.match(head.method, head.path)
        route = visit.route
        if route.large:  # whoever sends much is known before it is received
            self._visitor(visit, route)
        raw = read_body(head, route.limit) if head.length != 0 else b""
        visit.read = True
        if route.direct:
            service = self._container.service_cls()
            request = Request(headers=head.headers, route=route.url, trace=visit.trace)
            return to_reply(getattr(service, route.method_name)(request, **values), route.status)
        # After the body, not before: a client that sends slowly must not hold a place.
        admission.enter(self._service, route.command)
        try:
            request = visit.request or self._visitor(visit, route)
            if route.command:
                request.body_hash = hash_of(head, raw)
            arguments = route.arguments(request, head, raw, values)
            del raw  # a large body is not held beside what was made of it
            return route.reply(self._work(route, request, arguments))
        finally:
            admission.leave()

    def _visitor(self, visit: Visit, route: "Route") -> Request:
        """The request, with who sends it; raises Problem where they may not."""
        head, headers = visit.head, visit.head.headers
        request = Request(
            headers=headers,
            route=route.url,
            trace=visit.trace,
            remote=remote_of(head),
            method=head.method,
            path=head.path,
        )
        visit.request = request
        if route.page:
            request.cookies = parse_cookie(headers.get("cookie"))
        if route.page and self._page_authenticator is not None:
            request.actor = self._page_authenticator.actor(request)
        elif self._authenticator is not None:
            request.actor = self._authenticator.actor(headers.get("authorization"))
        if not route.scope.allows(request.actor):
            raise unauthenticated() if request.actor.kind == "public" else forbidden()
        if route.command:
            request.idempotency_key = key_of(headers)
        request.seen = seen_of(headers)
        return request

    def _work(self, route: "Route", request: Request, arguments: dict[str, Any]) -> Any:
        """Run the route's method in a nameko worker and wait for what it returns or raises."""
        done = Event()
        try:
            self._container.spawn_worker(
                route,
                (request,),
                arguments,
                context_data={"traceparent": request.trace},
                handle_result=partial(_deliver, done),
            )
        except ContainerBeingKilled:
            raise unavailable() from None
        return done.wait()

    def _refuse(self, visit: Visit, error: Exception) -> Reply:
        problem = from_error(error)
        if problem.status >= 500 and problem is not error:
            log.error("http.failed", exc_info=error, extra={"route": visit.label})
        if self._on_problem is not None and _wants_page(visit):
            try:
                page = self._on_problem(problem, visit.request)
                if page is not None:
                    return to_reply(page, problem.status)
            except Exception as error:
                log.error("http.problem_page_failed", exc_info=error)
        return problem_reply(problem, visit.trace)

    def _record(self, visit: Visit, status: int, seconds: float) -> None:
        label = visit.label
        _count(self._service, label, status).inc()
        _timing(self._service, label).observe(seconds)
        if visit.route is None or not visit.route.direct:  # probes would drown the rest
            access(visit.head.method, label, status, seconds)


def access(method: str, route: str, status: int, seconds: float) -> None:
    """One line for a request; the route's template, nothing that the client chose."""
    fields = {
        "method": method if method in _METHODS else "OTHER",
        "route": route,
        "status": status,
        "ms": round(seconds * 1000, 1),
    }
    log.info("http.request", extra=fields)


_METHODS = frozenset({"GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"})


def _deliver(done: Event, _context: Any, result: Any, exc_info: Any) -> tuple[Any, Any]:
    done.send(result, exc_info)
    return result, exc_info


def _wants_page(visit: Visit) -> bool:
    if visit.route is not None:
        return visit.route.page
    return "text/html" in visit.head.headers.get("accept", "")


@cache  # routes and statuses are few
def _count(service: str, route: str, status: int) -> Any:
    return metrics.http_requests().labels(service, route, str(status))


@cache
def _timing(service: str, route: str) -> Any:
    return metrics.http_seconds().labels(service, route)
