"""Stats' routes, by what they are about."""

from __future__ import annotations

from stats.api.assessments import AssessmentsApi
from stats.api.bulletins import BulletinsApi
from stats.api.figures import FiguresApi
from stats.api.reports import ReportsApi
from stats.api.returns import ReturnsApi


class Api(FiguresApi, ReturnsApi, ReportsApi, BulletinsApi, AssessmentsApi):
    """Stats over HTTP."""
