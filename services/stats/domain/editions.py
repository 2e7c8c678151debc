"""Two editions of what is frozen: one for the office itself, one for everybody else (ADR 0013)."""

from __future__ import annotations

OWN, OPEN = "own", "open"
EDITIONS = (OWN, OPEN)
"""`own` for the office itself; `open` leaves out what some office must not know of (Art. 30, 46(5))."""


def edition_for(own: bool) -> str:
    """The office itself reads all of it, everybody else what no office must not know of."""
    return OWN if own else OPEN
