"""Prometheus metrics of a process, each made once however often a module asks for it.

Labels never hold what a client sends: routes are templates, services and reasons are ours.
"""

from collections.abc import Sequence
from functools import cache

from prometheus_client import REGISTRY, Counter, Gauge, Histogram, generate_latest

CONTENT_TYPE = "text/plain; version=0.0.4; charset=utf-8"
SECONDS = (0.002, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0)


@cache
def counter(name: str, text: str, labels: tuple[str, ...] = ()) -> Counter:
    """The counter `name`; a second call with the same arguments gives the same one."""
    return Counter(name, text, labels)


@cache
def gauge(name: str, text: str, labels: tuple[str, ...] = ()) -> Gauge:
    """The gauge `name`; a second call with the same arguments gives the same one."""
    return Gauge(name, text, labels)


@cache
def histogram(
    name: str, text: str, labels: tuple[str, ...] = (), buckets: Sequence[float] = SECONDS
) -> Histogram:
    """The histogram `name` (`buckets` a tuple, in the unit of the name)."""
    return Histogram(name, text, labels, buckets=buckets)


def exposition() -> bytes:
    """All metrics of this process in Prometheus' text format."""
    return generate_latest(REGISTRY)


def http_requests() -> Counter:
    """Requests answered, by service, route template and status."""
    text = "HTTP requests answered"
    return counter("petition_http_requests_total", text, ("service", "route", "status"))


def http_seconds() -> Histogram:
    """Seconds from the complete head of a request to its answer."""
    text = "Seconds from a request's head to its answer"
    return histogram("petition_http_request_seconds", text, ("service", "route"))


def http_in_flight() -> Gauge:
    """Requests admitted and not yet answered."""
    return gauge("petition_http_in_flight", "HTTP requests being worked on or waiting")


def http_connections() -> Gauge:
    """Open client connections."""
    return gauge("petition_http_connections", "Open HTTP connections", ("service",))


def http_rejected() -> Counter:
    """Requests refused before any work was done, by reason."""
    text = "HTTP requests refused before any work was done"
    return counter("petition_http_rejected_total", text, ("service", "reason"))
