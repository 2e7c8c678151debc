"""Codes, words, dates and names of existing registers, as this system's own (domain.md 2)."""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass
from datetime import date, datetime, time
from typing import Any

LOST_DIGITS = 10**15
"""Spreadsheets keep 15 digits of a number; the rest of a longer one is gone."""


class Unfit(ValueError):
    """What stands in a cell cannot be taken over; `str(error)` is the reason in Chinese.

    It never quotes the cell unless the caller knows that the column is not personal.
    """


def _words(**of: str) -> dict[str, str]:
    return {word: code for code, words in of.items() for word in (code, *words.split())}


CHANNELS = _words(
    letter="100 来信 信件 书信 写信",
    visit="200 来访 走访 个访 集体访",
    web="300 303 网上信访 网信 网上投诉 网上建议 网络 网络信访",
    mobile="手机信访 手机",
    wechat="微信信访 微信",
    call="600 电话信访 来电 电话",
    mailbox="领导信箱",
    visit_down="下访 领导下访 带案下访",
    proxy="代办 信访代理 代理",
)
"""303 is web too: of it is known only that it counts as 网信."""
TYPES = _words(
    suggestion="意见建议 意见建议类 建议 意见",
    request="申诉 求决 申诉求决 申诉求决类 投诉请求 投诉",
    accusation="揭发控告 检举控告 检举控告类 举报 控告",
    enquiry="咨询 咨询类",
    other="其他 其它 感谢",
)
METHODS = _words(transfer="转送 转办", assign="交办", self="自办 直接办理")
OUTCOMES = _words(
    supported="支持 予以支持",
    explained="作出解释说明 解释说明 解释 说明解释",
    not_supported="不予支持 不支持",
    settled="调解 和解 达成协议 调解协议 和解协议",
)
SERVICE_METHODS = _words(
    in_person="0 当面 当面送达 直接送达",
    post="1 邮寄 邮寄送达",
    notice="公告 公告送达",
    other="2 其他 其它",
)
ID_KINDS = _words(
    resident="居民身份证 身份证",
    passport="护照",
    hk_macau="港澳居民来往内地通行证 港澳通行证 回乡证",
    taiwan="台湾居民来往大陆通行证 台胞证",
    residence="港澳台居民居住证",
    foreigner="外国人永久居留身份证",
    other="其他 其它 军官证 士官证 户口簿",
)
YES_NO = {"是": True, "1": True, "匿名": True, "否": False, "0": False, "实名": False}
NAMELESS = frozenset({"匿名", "无名", "无名氏", "不详", "佚名"})

VOCABULARY: dict[str, dict[str, Any]] = {
    "channel": CHANNELS,
    "type": TYPES,
    "id_kind": ID_KINDS,
    "method": METHODS,
    "outcome": OUTCOMES,
    "service_method": SERVICE_METHODS,
    "anonymous": YES_NO,
}


def coded(field: str, cell: Any) -> Any:
    """Our code for a word or code of a register. Raises Unfit, naming the words that are known."""
    words = VOCABULARY[field]
    word = compact(cell)
    if word not in words:
        shown = "、".join(dict.fromkeys(w for w in words if not w.isascii()))
        raise Unfit(f"不认识「{word[:20]}」;可用:{shown}")
    return words[word]


def text(cell: Any) -> str | None:
    """The cell as text; None where it is empty. Raises Unfit: a number that lost its digits."""
    if cell is None:
        return None
    if isinstance(cell, bool):
        return "是" if cell else "否"
    if isinstance(cell, int | float) and abs(cell) >= LOST_DIGITS:
        raise Unfit("单元格按数字保存,末尾几位已丢失;请把此列设为文本后重新填写")
    if isinstance(cell, float) and cell.is_integer():
        return str(int(cell))
    if isinstance(cell, datetime):
        return cell.isoformat(" ")
    found = re.fullmatch(r'="(.*)"', str(cell), re.DOTALL)  # how exports keep leading noughts
    return (found[1] if found else str(cell)).strip().removeprefix("'") or None


def compact(cell: Any) -> str:
    """Text of one line without blanks, letters and digits of normal width; "" where it is empty."""
    return re.sub(r"\s", "", unicodedata.normalize("NFKC", text(cell) or ""))


def count(cell: Any) -> int | None:
    """A number of persons or households: 3, `3人`, `2户`. Raises Unfit."""
    word = compact(cell).removesuffix("人").removesuffix("名").removesuffix("户")
    if not word:
        return None
    if not word.isdecimal() or len(word) > 6:
        raise Unfit("应为整数。")
    return int(word)


def names(cell: Any) -> list[str]:
    """The persons in one cell, separated by 、, comma, semicolon or line end."""
    parts = re.split("[、,;\\uff0c\\uff1b\\n]", text(cell) or "")
    return [name for part in parts if (name := part.strip())]


# -- dates -----------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Moment:
    """A day, with the time of day where the register has it."""

    day: date
    time: time | None


_DATE = re.compile(
    r"(\d{4})(?:[-/.年](\d{1,2})[-/.月](\d{1,2})日?|(\d{2})(\d{2}))"
    r"(?:[T ]*(\d{1,2})[:时](\d{1,2})(?:[:分](\d{1,2})(?:\.\d+)?)?[分秒]?)?"
)


def moment(cell: Any) -> Moment | None:
    """A date or date and time in one of the usual spellings. Raises Unfit.

    Midnight to the second is how spreadsheets keep a date without a time.
    """
    if isinstance(cell, datetime):
        told = cell.time().replace(microsecond=0, tzinfo=None)
        return Moment(cell.date(), told if told != time.min else None)
    if isinstance(cell, date):
        return Moment(cell, None)
    word = text(cell)
    if word is None:
        return None
    found = _DATE.fullmatch(unicodedata.normalize("NFKC", word).strip())
    if found is None:
        raise Unfit("应为日期(年-月-日)或日期时间(年-月-日 时:分)。")
    year, month, day, month_, day_, hour, minute, second = found.groups()
    try:
        at = time(int(hour), int(minute), int(second or 0)) if hour else None
        return Moment(date(int(year), int(month or month_), int(day or day_)), at)
    except ValueError:
        raise Unfit("没有这一天或这个时间。") from None
