"""证件: kinds of identity document, and what is certainly wrong with a number. What may be right is taken."""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import date

KINDS: Mapping[str, str] = {
    "resident": r"[0-9]{17}[0-9Xx]|[0-9]{15}",
    "passport": r"[A-Za-z0-9]{5,12}",
    "hk_macau": r"[HMhm][0-9]{8}([0-9]{2})?",
    "taiwan": r"[0-9]{8}([0-9]{2}[A-Za-z]?)?",
    "residence": r"[0-9]{17}[0-9Xx]",
    "foreigner": r"[A-Za-z]{3}[0-9]{12}|[0-9]{17}[0-9Xx]",
    "other": r"[0-9A-Za-z\u4e00-\u9fff()（）〔〕\[\]第字号/. -]{2,40}",
}
"""居民身份证 (18 digits, or 15 of the first generation), 护照, 港澳居民来往内地通行证, 台湾居民来往大陆通行证,
港澳台居民居住证, 外国人永久居留身份证, 其他证件: kind → the form of its number. Military and other papers are `other`."""

_WEIGHTS = (7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2)
_OLD_LENGTH = 15

Fault = tuple[str, str, str]
"""Code, Chinese, English."""
FORMS: Mapping[str, Fault] = {
    "resident": ("id-form", "须为18位公民身份号码,或者15位旧号码。",
                 "18 digits (the last may be X), or 15 of the first generation."),
    "passport": ("id-form", "护照号码须为5至12位字母或数字。",
                 "A passport number has 5 to 12 letters or digits."),
    "hk_macau": ("id-form", "须为 H 或 M 加8位或10位数字。", "H or M, and 8 or 10 digits."),
    "taiwan": ("id-form", "须为8位数字,或者旧证的10位数字加字母。",
               "8 digits, or 10 digits and a letter."),
    "residence": ("id-form", "须为18位号码。", "18 digits (the last may be X)."),
    "foreigner": ("id-form", "须为3位字母加12位数字,或者18位号码。",
                  "3 letters and 12 digits, or 18 digits."),
    "other": ("id-form", "证件号码含有不能识别的字符,或者过短、过长。",
              "Unknown signs, too short or too long."),
}  # fmt: skip


def check(kind: str, number: str) -> Fault | None:
    """What is certainly wrong with a number; None where it may be right."""
    if not re.fullmatch(KINDS[kind], number):
        return FORMS[kind]
    if len(number) == _OLD_LENGTH and kind == "resident":
        return _born("19" + number[6:12])
    if len(number) == 18 and kind in ("resident", "residence", "foreigner"):
        if check_sign(number) != number[17].upper():
            return "id-check", "校验位不符,请核对证件。", "The check character does not fit."
        return _born(number[6:14])
    return None


def check_sign(number: str) -> str:
    """GB 11643: the last sign of an 18-digit number, from the seventeen before it."""
    total = sum(int(d) * w for d, w in zip(number, _WEIGHTS, strict=False))
    return "10X98765432"[total % 11]


def _born(digits: str) -> Fault | None:
    try:
        date(int(digits[:4]), int(digits[4:6]), int(digits[6:8]))
    except ValueError:
        return "id-birth", "号码中的出生日期不存在,请核对证件。", "Its date of birth is no date."
    return None


def canonical(number: str) -> str:
    """One spelling for one person: a 15-digit number is also found by the 18 digits that followed it.

    The first generation was issued to those born in 19xx; the sequence numbers of those a hundred years
    old and more (996-999) stand for 18xx.
    """
    bare = number.strip()
    if not re.fullmatch(r"[0-9]{15}", bare):
        return number
    century = "18" if bare[12:] in ("996", "997", "998", "999") else "19"
    longer = f"{bare[:6]}{century}{bare[6:]}"
    return longer + check_sign(longer)
