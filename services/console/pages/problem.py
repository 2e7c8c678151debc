"""Pages that say why there is no page."""

from __future__ import annotations

from urllib.parse import urlencode

from werkzeug.wrappers import Response

from console.gate import LogInFirst, LookUpFirst
from console.lists import Lists
from console.render import HEADERS, render
from kit import clock
from kit.http import Request
from kit.problems import Problem


def on_problem(problem: Problem, request: Request | None) -> Response:
    """The page for a problem; whoever has to log in or look up first is led there."""
    if isinstance(problem, LogInFirst) and problem.next:
        return _lead("/login", next=problem.next)
    if isinstance(problem, LookUpFirst):
        return _lead("/lookup", expired="1")
    lost_form = isinstance(problem, LogInFirst)
    context = {
        "problem": problem,
        "lost_form": lost_form,
        "visit": None,
        "officer": None,
        "lists": Lists(),
        "notices": [],
        "today": clock.local_date(clock.now()),
        "tz": "Asia/Shanghai",
    }
    response = render("error.html", context, problem.status)
    for name, value in problem.headers.items():
        if name != "WWW-Authenticate":
            response.headers[name] = value
    return response


def _lead(path: str, **query: str) -> Response:
    response = Response("", 303, HEADERS | {"Location": f"{path}?{urlencode(query)}"})
    response.autocorrect_location_header = False
    return response
