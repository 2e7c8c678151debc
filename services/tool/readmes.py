"""The generated part of each service's README: events in and out, queues, routes."""

from __future__ import annotations

import kit.patched  # noqa: F401  isort: skip

import re
from importlib import import_module
from pathlib import Path

from contracts.flows import FLOWS, sources_of
from contracts.schemas import EVENTS, EventSchema
from kit.http.openapi import spec_for
from kit.topology import queue

BEGIN, END = "<!-- generated: python -m tool.readmes -->", "<!-- end of generated -->"
SERVICES = ("intake", "routing", "supervision", "stats", "console")
HERE = Path(__file__).resolve().parents[1]


def section(service: str) -> str:
    """The generated section of one service, in Markdown."""
    out = [e for e in EVENTS if e.publisher == service]
    lines = ["## Events out", ""]
    lines += [f"- `{e.type}` {_first_line(e)}" for e in out] or ["- none"]
    lines += ["", "## Events in", ""]
    lines += _events_in(service) or ["- none"]
    lines += ["", "## Queues", ""]
    lines += [f"- `{queue(service, s)}`" for s in sources_of(service)] or ["- none"]
    if consumers := FLOWS[service]:
        lines += ["", f"Its exchange `{service}.events` feeds {', '.join(consumers)}."]
    return "\n".join([*lines, "", "## Routes", "", *_routes(service)])


def _events_in(service: str) -> list[str]:
    if not sources_of(service):
        return []
    handled = import_module(f"{service}.subscriptions").SUBSCRIPTIONS
    heard = [e for e in EVENTS if e.publisher in sources_of(service)]
    return [f"- `{e.type}`{'' if e.type in handled else ' (moves the cursor only)'}" for e in heard]


def _routes(service: str) -> list[str]:
    spec = spec_for(import_module(f"{service}.service").ROLES["web"])
    rows = ["| method | path | what |", "|---|---|---|"]
    for path, methods in sorted(spec["paths"].items()):
        for method, operation in methods.items():
            rows.append(f"| {method.upper()} | `{path}` | {operation.get('summary', '')} |")
    return rows


def _first_line(event: type[EventSchema]) -> str:
    return (event.__doc__ or "").strip().splitlines()[0]


def _block(service: str) -> str:
    return f"{BEGIN}\n\n{section(service)}\n\n{END}"


def drift(write: bool) -> list[str]:
    """READMEs whose generated part is not up to date; with `write` they are brought up to date."""
    changed = []
    for service in SERVICES:
        path = HERE / service / "README.md"
        text = path.read_text("utf-8")
        pattern = re.compile(re.escape(BEGIN) + ".*" + re.escape(END), re.DOTALL)
        fresh = pattern.sub(_block(service).replace("\\", r"\\"), text)
        if fresh != text:
            changed.append(str(path.relative_to(HERE.parent)))
            if write:
                path.write_text(fresh, "utf-8")
    return changed


if __name__ == "__main__":
    print("\n".join(drift(write=True)))
