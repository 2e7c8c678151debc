"""简报、快报: series of an office, and how one issue goes from the draft to its number, and to being void."""

from __future__ import annotations

from collections.abc import Collection

from stats.domain.returns import Refused

DRAFT, ISSUED, VOID = "draft", "issued", "void"


def code_of(year: int, serial: int) -> str:
    """2026年第56期."""
    return f"{year}年第{serial}期"


def check_series(name: str, known: Collection[str]) -> None:
    """An office has one series of a name."""
    if name in known:
        raise Refused("series-known", f"已有名为{name}的简报。", "There is a series of this name.", "series_name", None, 422)  # fmt: skip


def check_known(ordinal: int, known: Collection[int]) -> None:
    """A bulletin belongs to one of its office's series."""
    if ordinal not in known:
        raise Refused("series-unknown", "本单位没有这种简报。", "Your office has no such series.", "series", None, 422)  # fmt: skip


def check_draft(state: str | None, revision: int, seen: int) -> None:
    """A draft is changed and issued as it was seen; what was issued never changes."""
    if state is None:
        raise Refused("bulletin-missing", "没有这份简报。", "There is no such bulletin.", None, None, 404)  # fmt: skip
    if state != DRAFT:
        raise Refused("bulletin-issued", "该简报已印发,不能改动;有错误的可以作废后另发。",
                      "This bulletin was issued; void it and issue another.")  # fmt: skip
    if revision != seen:
        raise Refused("bulletin-changed", "该简报已被他人修改,请核对后再提交。",
                      "Somebody changed it meanwhile; look at it again.", "revision")  # fmt: skip


def check_void(state: str | None) -> None:
    """作废: what was issued, once; it keeps its number."""
    if state is None:
        raise Refused("bulletin-missing", "没有这份简报。", "There is no such bulletin.", None, None, 404)  # fmt: skip
    if state != ISSUED:
        raise Refused("bulletin-not-issued", "只有已印发的简报可以作废。", "Only what was issued is voided.")  # fmt: skip
