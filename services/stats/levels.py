"""接待机关层级: offices of the site itself, and those of higher levels that its directory knows for what they registered."""

from __future__ import annotations

from contracts.codes import BODY_LEVELS
from kit.identity import Directory, Office

HERE = "here"
"""Beside the levels themselves: every office of the site, whatever its level."""


def higher(directory: Directory) -> list[Office]:
    """上级机关: offices above the site's own level that are not under its petition office."""
    root = directory.root()
    if root is None:
        return []
    above = BODY_LEVELS[BODY_LEVELS.index(root.level) + 1 :] if root.level in BODY_LEVELS else ()
    return [o for o in directory if o.level in above and root.id not in directory.ancestors(o.id)]


def offices_at(level: str, directory: Directory) -> list[str]:
    """The offices of a level, or of the site."""
    if level == HERE:
        above = higher(directory)
        return [office.id for office in directory if office not in above]
    return [office.id for office in directory if office.level == level]
