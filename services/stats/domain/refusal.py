"""How a rule of statistics says no."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(eq=False)  # not frozen: Python sets an exception's traceback
class Refused(Exception):
    """A rule that says no."""

    rule: str
    zh: str
    en: str
    field: str | None = None
    article: str | None = None
    status: int = 409
