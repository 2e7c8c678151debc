"""撤销、合并、分立: who goes on with what an abolished body had (信访工作条例 Art. 24)."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date

from routing.domain.remit import Refused

ARTICLE = "信访工作条例 第二十四条"


def check_abolish(
    *,
    office: str,
    root: str | None,
    ended: bool,
    successors: Sequence[str],
    on: date,
    today: date,
) -> None:
    """A body ends once, not before its day, and not in favour of itself.

    Args:
        root: the site's own petition office, which a site cannot be without.
    """
    if ended:
        raise Refused("abolished-already", "该单位已经撤销。", "This office was abolished already.",
                      None, ARTICLE)  # fmt: skip
    if office == root:
        raise Refused("root-office", "本站的信访部门不能撤销。",
                      "The site's own petition office cannot be abolished.", None, ARTICLE)  # fmt: skip
    if on > today:
        raise Refused("abolished-in-future", "撤销日期不能晚于今天,请在生效之日登记。",
                      "The day is in the future: enter it when it has come.", "on", None, 422)  # fmt: skip
    if office in successors or len(set(successors)) < len(successors):
        raise Refused("successor-itself", "承继单位不能是该单位自己,也不能重复。",
                      "A successor is another office, named once.", "successors", ARTICLE, 422)  # fmt: skip
