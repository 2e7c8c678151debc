"""Stats' routes, by what they are about."""

from __future__ import annotations

from stats.api.figures import FiguresApi
from stats.api.returns import ReturnsApi


class Api(FiguresApi, ReturnsApi):
    """Stats over HTTP."""
