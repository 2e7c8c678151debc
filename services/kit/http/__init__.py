"""HTTP for all services: `route`, `page`, a server with limits, OpenAPI, health and metrics."""

from kit.http.answers import attachment
from kit.http.client import Client, Result
from kit.http.fields import Instant, Line, Text
from kit.http.limits import Admission, admission
from kit.http.openapi import spec_for
from kit.http.ops import Ops, OpsService, Readiness, readiness
from kit.http.request import Answer, Request
from kit.http.routes import LIMIT, Route, page, route
from kit.http.server import Server
from kit.http.wire import Headers

__all__ = [
    "LIMIT",
    "Admission",
    "Answer",
    "Client",
    "Headers",
    "Instant",
    "Line",
    "Ops",
    "OpsService",
    "Readiness",
    "Request",
    "Result",
    "Route",
    "Server",
    "Text",
    "admission",
    "attachment",
    "page",
    "readiness",
    "route",
    "spec_for",
]
