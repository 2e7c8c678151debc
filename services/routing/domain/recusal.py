"""回避: who steps aside, and who may say so (信访工作条例 Art. 28)."""

from __future__ import annotations

from routing.domain.remit import Refused

ARTICLE = "信访工作条例 第二十八条"


def check_recuse(*, by: str, head: bool, own: bool, already: bool) -> None:
    """An officer declares it for themselves; for another it is the head's to order.

    Args:
        by: `self` or `head`.
        head: whether whoever acts is a head.
        own: whether the officer's office is the head's, or under it.
    """
    if already:
        raise Refused("recused-already", "该工作人员已经回避。", "This officer has stepped aside already.",
                      None, ARTICLE)  # fmt: skip
    if by == "head" and not head:
        raise Refused("recusal-by-head", "决定他人回避的,须由单位负责人作出。",
                      "Only a head orders that another steps aside.", "account", ARTICLE, 403)  # fmt: skip
    if by == "head" and not own:
        raise Refused("recusal-own-office", "只能决定本单位及下属单位工作人员的回避。",
                      "A head decides for the officers of the own office and of those under it.",
                      "account", ARTICLE, 403)  # fmt: skip
