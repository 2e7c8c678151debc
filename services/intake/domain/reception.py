"""接待: leaders' reception days, visits down, joint receptions. What is published holds nothing of a petitioner."""

from __future__ import annotations

from datetime import date

from intake.domain.registration import OLDEST, Refused


def check_session(
    *, day: date, today: date, published: bool, cancelled: bool, hours: str | None, host: bool
) -> None:
    """Raises `Refused` for a session that cannot stand as it was written.

    Args:
        published: 公示: time, place and office of who receives are told to everybody (Art. 18).
        host: whether whoever acts belongs to the office that holds it.
    """
    if not host:
        raise Refused("reception-not-host", "只有举办单位可以修改接待安排。",
                      "Only the office that holds it changes it.", None, None, 403)  # fmt: skip
    if day < OLDEST:
        raise Refused(
            "reception-too-old", "接待日期过早,请核对。", "The day is too long ago.", "day"
        )
    if published and not hours:
        raise Refused("reception-hours-missing", "公示须写明接待时间。",
                      "What is published names the hours.", "hours", "信访工作条例 第十八条")  # fmt: skip
    if cancelled and day < today:
        raise Refused("reception-held", "接待日期已过,不能取消。", "It was held already.", "cancelled")  # fmt: skip


def check_entry(
    *, day: date, today: date, cancelled: bool, agreed: str | None, promised_on: date | None
) -> None:
    """What was agreed is written down on the day or after it; a promise has words and a later day."""
    if cancelled:
        raise Refused("reception-cancelled", "这次接待已经取消。", "It was cancelled.", "reception")
    if agreed and day > today:
        raise Refused("reception-not-held", "接待尚未举行,不能登记议定事项。",
                      "It has not been held yet.", "agreement")  # fmt: skip
    if promised_on and not agreed:
        raise Refused("promise-without-words", "有承诺日期的,请写明议定的事项。",
                      "Write down what was promised for that day.", "agreement")  # fmt: skip
    if promised_on and promised_on < day:
        raise Refused("promise-before-reception", "承诺日期不能早于接待日期。",
                      "The promise is for a day before the reception.", "promised_on")  # fmt: skip


def check_follow_up(known: bool, agreed: bool) -> None:
    """回访: of what was agreed; nothing else can be followed up."""
    if not known:
        raise Refused("not-received", "本件不在这次接待中。", "It was not brought to this reception.",
                      "reception", None, 409)  # fmt: skip
    if not agreed:
        raise Refused("nothing-agreed", "这次接待没有登记议定事项。",
                      "Nothing was agreed that could be followed up.", None, None, 409)  # fmt: skip
