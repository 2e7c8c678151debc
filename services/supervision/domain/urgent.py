"""直报: a major or urgent matter is reported at once, and again as it goes on (D12, Art. 25)."""

from __future__ import annotations

from datetime import datetime

from supervision.domain.procedure import Refused

ARTICLE = "信访工作条例 第二十五条"


def check_markable(marked: bool, ended: bool) -> None:
    """What turns out to be major or urgent while it goes on is marked, once; the duty runs from there (Art. 25)."""
    if marked:
        raise Refused(
            "urgent-already",
            "本件已经标为重大、紧急。",
            "It is marked as urgent already.",
            None,
            ARTICLE,
        )
    if ended:
        raise Refused("urgent-ended", "本件已经终结;有新的重大、紧急情况的,请另行登记。",
                      "The matter has ended; register what is new.", None, ARTICLE)  # fmt: skip


def check_reportable(owed: bool, reports: int, ended: bool) -> None:
    """The first report is what is owed; further ones follow it for as long as the matter goes on (Art. 25)."""
    if owed or (reports and not ended):
        return
    if reports:
        raise Refused("urgent-ended", "本件已经终结,不再续报。", "The matter has ended; nothing is reported further.",
                      None, ARTICLE)  # fmt: skip
    raise Refused("nothing-urgent", "没有待报告的重大、紧急信访事项。", "Nothing urgent waits to be reported.",
                  None, ARTICLE)  # fmt: skip


def check_reported_at(at: datetime, known: datetime, first: datetime | None, now: datetime) -> None:
    """A report was made after the matter was known, a further one after the first, and none is yet to come
    (Art. 25).

    Args:
        known: when the day of receipt began: what is urgent is often told by telephone before it is registered.
        first: when the first report was made, where this is a further one.
    """
    if at > now:
        raise Refused("reported-in-future", "报送时间不能晚于现在。", "The time of the report is in the future.",
                      "reported_at", ARTICLE, 422)  # fmt: skip
    if at < known:
        raise Refused("reported-before-known", "报送时间不能早于收到信访事项之日。",
                      "The report cannot be made before the matter was received.",
                      "reported_at", ARTICLE, 422)  # fmt: skip
    if first is not None and at < first:
        raise Refused("reported-before-first", "续报的时间不能早于首次报告。",
                      "A further report cannot be made before the first.",
                      "reported_at", ARTICLE, 422)  # fmt: skip
