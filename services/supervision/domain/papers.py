"""文书: which papers the procedure gives, by which article, to whom, and under which mark they are numbered.

A number counts within one office, year and kind, without gaps: a paper that was wrong is voided and
keeps its number. The marks are usage, and so is the form `信受〔2026〕12号`.
"""

from __future__ import annotations

from dataclasses import dataclass

from supervision.domain.procedure import Refused


@dataclass(frozen=True)
class Kind:
    """One kind of paper.

    Args:
        mark: stands before the year in its number.
        to: `petitioner`, or `office` where it passes between bodies.
    """

    code: str
    zh: str
    mark: str
    article: str
    to: str


KINDS: dict[str, Kind] = {
    kind.code: kind
    for kind in (
        Kind("acceptance", "受理告知书", "信受", "第二十三条", "petitioner"),
        Kind("refusal", "不予受理告知书", "信不受", "第十九条、第二十三条", "petitioner"),
        Kind("no_longer", "不再受理告知书", "信不再受", "第三十六条", "petitioner"),
        Kind("guidance", "告知书", "信告", "第二十二条、第二十三条", "petitioner"),
        Kind("transfer", "转送函", "信转", "第二十二条", "office"),
        Kind("assignment", "交办单", "信交", "第二十二条", "office"),
        Kind("extension", "延期告知书", "信延", "第三十四条", "petitioner"),
        Kind("opinion", "处理意见书", "信意", "第三十二条", "petitioner"),
        Kind("agreement", "调解协议书", "信调", "第三十三条", "petitioner"),
        Kind("review", "复查意见书", "信查", "第三十五条", "petitioner"),
        Kind("rereview", "复核意见书", "信核", "第三十六条", "petitioner"),
        Kind("order", "督办单", "信督", "第四十条", "office"),
        Kind("receipt", "送达回证", "信证", "第二十三条、第三十二条", "petitioner"),
        Kind("report", "办结报告", "信结", "第二十二条", "office"),
    )
}  # fmt: skip
REFUSALS = {"accepted_below": "refusal", "final_already": "no_longer", "review_lapsed": "no_longer"}
"""Which paper tells which reason; every other reason leads elsewhere, which is no refusal (诉访分离)."""


def number_of(kind: str, year: int, serial: int) -> str:
    """文号, as it stands on the paper: `信受〔2026〕12号`."""
    return f"{KINDS[kind].mark}〔{year}〕{serial}号"


def refusal_of(cause: str) -> str:
    """The kind of paper that tells a petitioner why the matter is not accepted here."""
    return REFUSALS.get(cause, "guidance")


def check_due(kind: str, found: bool, code: str | None) -> None:
    """A paper is given once for what it tells; and only when there is that to tell.

    Args:
        found: whether it can be given now.
        code: the number of the one that was given already, if that is why not.
    """
    if found:
        return
    zh = KINDS[kind].zh
    if code:
        raise Refused("paper-issued", f"{zh}已经出具({code});需要更正的,先作废再重新出具。",
                      f"It was issued already ({code}); void that one first.", "kind")  # fmt: skip
    raise Refused("paper-not-due", f"现在不能出具{zh}:没有相应的办理步骤。",
                  f"There is nothing yet that a paper of kind '{kind}' could tell.", "kind",
                  f"信访工作条例 {KINDS[kind].article}")  # fmt: skip


def check_void(code: str, *, voided: bool, served: bool) -> None:
    """What was served has its effect and is not voided; it is changed by review or reopening."""
    if voided:
        raise Refused("paper-voided", f"{code}已经作废。", f"{code} is void already.")
    if served:
        raise Refused("paper-served", f"{code}已经送达,不能作废。", f"{code} was served; it cannot be voided.",
                      None, "信访工作条例 第三十二条")  # fmt: skip
