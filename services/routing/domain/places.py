"""Where a matter is: what a reading of its text is good for."""

from __future__ import annotations

import re
from dataclasses import dataclass

from routing.domain.remit import Refused

AUTOMATIC = 0.7
"""So sure a reading must be for nobody to look at it: at least this much was wrong in less than one of a
thousand (`make bench-locate`)."""


READINGS = ("text", "moved-town")
"""Rules of `judged` by which a machine sets a place."""


@dataclass(frozen=True)
class Division:
    """One division: 12-digit code, full name, level (`county`, `town`, `village`)."""

    code: str
    name: str
    level: str


@dataclass(frozen=True)
class Alias:
    """本地别名: a name that the site keeps itself, the division that it stands for, and the one within which it
    holds."""

    name: str
    division: str
    scope: str


_NAME = re.compile(r"[\u3400-\u9fff]{2,20}")


def check_alias(name: str, *, sealed: bool = False) -> None:
    """A name of a place is all that is kept of a text: words alone, no number, no sentence; of an accusation
    nothing. Raises Refused."""
    if sealed:
        raise Refused("alias-sealed", "检举控告件的内容密封保存,不能登记别名。",
                      "Nothing is kept of the text of an accusation.", "alias",
                      "信访工作条例 第三十条", 422)  # fmt: skip
    if not _NAME.fullmatch(name):
        raise Refused("alias-unfit", "本地别名须为2至20个汉字,只写地名。",
                      "A local name has 2 to 20 Chinese characters, of a place alone.", "alias", None, 422)  # fmt: skip


def scope_of(division: str) -> str:
    """Within what a name holds that stands for a division: the county, in which people know what is meant."""
    return division[:6].ljust(12, "0")


@dataclass(frozen=True)
class Place:
    """Where the matter is.

    Args:
        code: None where a person must choose; `rule` says why.
        candidates: codes that the person may choose from, the likeliest first.
        confidence, version: of the reading, and of the data that it was made with; None: a person said so.
        evidence: of each candidate, offsets in the text of what speaks for it.
        roles: other places of the text, by what they are there for.
        written: the county under which the text writes a town that has moved.
    """

    code: str | None
    rule: str
    candidates: tuple[str, ...] = ()
    confidence: float | None = None
    version: str | None = None
    evidence: tuple[tuple[str, tuple[tuple[int, int], ...]], ...] = ()
    roles: tuple[tuple[str, str], ...] = ()
    written: str | None = None


def judged(
    status: str,
    code: str | None,
    confidence: float,
    candidates: tuple[str, ...],
    threshold: float = AUTOMATIC,
) -> Place:
    """A reading as a place, or as something for a person to decide.

    Args:
        status: of `places.resolver.Answer`.
        code: of a division of the site; None where the text means another one, or none.
        threshold: how sure it must be; 0, where an office lets nothing be assigned by rule, says nothing of places.
    """
    if status in ("none", "office-only"):
        return Place(None, "no-name")
    if status == "ambiguous":
        return Place(None, "several-places", candidates)
    if code is None:
        return Place(None, "elsewhere")
    if confidence < (threshold or AUTOMATIC):
        return Place(None, "unsure", candidates)
    return Place(code, "moved-town" if status == "conflict" else "text", candidates, confidence)
