"""Templates, filters and the headers that every page carries."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, datetime
from hashlib import sha256
from pathlib import Path
from typing import Any

from jinja2 import Environment, FileSystemLoader, StrictUndefined, pass_context
from jinja2.runtime import Context
from werkzeug.wrappers import Response

from console import telling, words
from kit import clock

HERE = Path(__file__).parent
STATIC_TYPES = {".css": "text/css; charset=utf-8", ".js": "text/javascript; charset=utf-8"}
STATIC = {path.name: path.read_bytes() for path in (HERE / "static").iterdir()}
VERSION = sha256(b"".join(STATIC[name] for name in sorted(STATIC))).hexdigest()[:12]

HEADERS = {
    "Content-Security-Policy": (
        "default-src 'none'; style-src 'self'; script-src 'self'; connect-src 'self'; img-src 'self' data:;"
        " form-action 'self'; base-uri 'none'; frame-ancestors 'none'"
    ),
    "X-Frame-Options": "DENY",
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "no-referrer",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Permissions-Policy": "camera=(), microphone=(), geolocation=()",
    "Cache-Control": "no-store",
}


@pass_context
def _day(context: Context, text: str | None) -> str:
    """An instant's day at the office: 2026-03-02."""
    return str(clock.local_date(words.instant(text), context["tz"])) if text else ""


@pass_context
def _moment(context: Context, text: str | None) -> str:
    """An instant to the minute, in the office's time."""
    if not text:
        return ""
    return clock.local_minute(words.instant(text), context["tz"])


@pass_context
def _last_day(context: Context, text: str | None) -> str:
    """The last day of a limit."""
    return str(words.last_day(text, context["tz"])) if text else ""


@pass_context
def _left(context: Context, text: str | None) -> str:
    """How long until a limit is over."""
    return words.days_left(text, clock.now(), context["tz"]) if text else ""


def _spoken(day: date) -> str:
    """2026年3月2日 星期一."""
    return f"{day.year}年{day.month}月{day.day}日 星期{'一二三四五六日'[day.weekday()]}"


def _is_over(text: str | None) -> bool:
    """Whether a limit is over."""
    return bool(text) and datetime.fromisoformat(str(text)) <= clock.now()


def _sureness(confidence: float) -> str:
    """How sure a machine is, in a word (0.7 and more is let through without a person)."""
    return "高" if confidence >= 0.7 else "中" if confidence >= 0.4 else "低"


def _environment() -> Environment:
    environment = Environment(
        loader=FileSystemLoader(HERE / "templates"),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.filters |= {
        "day": _day, "moment": _moment, "last_day": _last_day, "left": _left, "spoken": _spoken,
        "is_over": _is_over, "sureness": _sureness, "word": lambda code, table: words.word(table, code),
    }  # fmt: skip
    environment.globals |= {"words": words, "telling": telling, "version": VERSION}
    return environment


ENVIRONMENT = _environment()


def render(template: str, context: Mapping[str, Any], status: int = 200) -> Response:
    """A page with its headers."""
    html = ENVIRONMENT.get_template(template).render(context)
    return Response(html, status, HEADERS, content_type="text/html; charset=utf-8")
