"""Which office must answer: the department whose remit holds the category, else the town (属地)."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass


@dataclass(frozen=True)
class Body:
    """An office as far as its remit goes."""

    id: str
    kind: str
    division: str
    categories: tuple[str, ...]


@dataclass(frozen=True)
class Choice:
    """The office, or None and why a person must choose."""

    office: str | None
    rule: str


def responsible(
    bodies: Iterable[Body], division: str, category: str | None, ancestors: Iterable[str] = ()
) -> Choice:
    """属地管理、分级负责,谁主管、谁负责 (信访工作条例 Art. 5, 22).

    The town where the matter is answers for what its remit holds; else the one department whose
    remit holds the category; else a person chooses.

    Args:
        division: 12-digit code of the place of the matter.
        ancestors: the category's superior categories, nearest first.
    """
    bodies = list(bodies)
    wanted = {c for c in (category, *ancestors) if c}
    town = _town(bodies, division)
    if town and (not wanted or wanted.intersection(town.categories)):
        return Choice(town.id, "town")
    departments = [
        b.id for b in bodies if b.kind == "department" and wanted.intersection(b.categories)
    ]
    if len(departments) == 1:
        return Choice(departments[0], "department")
    return Choice(None, "several-departments" if departments else "no-office")


def _town(bodies: Iterable[Body], division: str) -> Body | None:
    """The office of the town that the division lies in, if it lies in one and there is one."""
    if division[6:9] in ("", "000"):
        return None
    found = [b for b in bodies if b.kind == "town" and b.division[:9] == division[:9]]
    return found[0] if len(found) == 1 else None


@dataclass(eq=False)  # not frozen: Python sets an exception's traceback
class Refused(Exception):
    """A rule that says no: its name, both languages, and its article where it has one."""

    rule: str
    zh: str
    en: str
    field: str | None = None
    article: str | None = None
    status: int = 409


def check_assign(status: str, locating: bool) -> None:
    """An office is named before it signs; a later change is a return or an objection."""
    if status not in ("registered", "located"):
        raise Refused(
            "assigned-already", "本件已交办,不能重复交办。",
            "This petition was assigned already.", None, "信访工作条例 第二十二条",
        )  # fmt: skip
    if locating:
        raise Refused(
            "still-locating", "系统正在判断属地,请稍候。",
            "The place is still being looked up; try again in a moment.",
        )  # fmt: skip


def check_sign(status: str, office: str | None, acting: str | None, site_wide: bool) -> None:
    """The office named signs, once (签收)."""
    if status != "assigned":
        raise Refused(
            "nothing-to-sign", "本件不在待签收状态。", "This petition does not wait for a signature.",
        )  # fmt: skip
    if not site_wide and acting != office:
        raise Refused(
            "not-the-competent-office", "本件由其他单位签收。",
            "Another office must sign for this petition.", None, None, 403,
        )  # fmt: skip
