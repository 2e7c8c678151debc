"""同比、环比: how a figure stands against an earlier one."""

from __future__ import annotations

from decimal import ROUND_HALF_UP, Decimal

NO_BASE = "—"
EQUAL = "持平"


class Significant(int):
    """So many digits in all, wherever the point stands: of three, 4.53 and 39.7. A whole number keeps all of its."""


def rounded(value: Decimal, digits: int = 1) -> Decimal:
    """One decimal, or so many, or so many digits in all, half up: 18.25 → 18.3, and -18.25 → -18.3 (away from zero)."""
    if isinstance(digits, Significant):
        digits = max(0, digits - 1 - value.adjusted())
    return value.quantize(Decimal(1).scaleb(-digits), ROUND_HALF_UP)


def change(now: int | None, base: int | None) -> str:
    """The change of a count in per cent: `+22.1%`, `-50%`, 持平 where it is equal, — where there is no base.
    A figure that is missing is not zero, and nothing can be said against zero but that it is equal. A change that comes
    to nought at one decimal has no sign, and is not equal: `0%`."""
    if now is None or base is None:
        return NO_BASE
    if now == base:
        return EQUAL
    if base == 0:
        return NO_BASE
    return _signed(rounded(Decimal(now - base) * 100 / Decimal(abs(base)))) + "%"


def change_of_rate(
    now: Decimal | None, base: Decimal | None, unit: str = "个百分点", digits: int = 1
) -> str:
    """The change of a rate or an average is a difference: `+1.2个百分点`, of the figures as they are printed."""
    if now is None or base is None:
        return NO_BASE
    difference = rounded(now, digits) - rounded(base, digits)
    return _signed(difference) + unit if difference else EQUAL


def ratio(
    numerator: int | None, denominator: int | None, times: int = 100, digits: int = 1
) -> Decimal | None:
    """What a rate comes to, in per cent and to one decimal by default; None where there is nothing to divide by."""
    if numerator is None or not denominator:
        return None
    return rounded(Decimal(numerator) * times / Decimal(denominator), digits)


def plain(value: Decimal) -> str:
    """`50.0` → `50`, as the tables of this trade print it."""
    text = f"{value:f}"
    return text.rstrip("0").removesuffix(".") if "." in text else text


def _signed(value: Decimal) -> str:
    sign = "+" if value > 0 else "-" if value else ""
    return sign + plain(abs(value))
