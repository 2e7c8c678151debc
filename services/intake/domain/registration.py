"""What may be registered, and under which number (信访工作条例 Art. 17-22)."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import date, datetime

MAX_REPRESENTATIVES = 5
"""Art. 20: representatives of a joint visit are at most five."""
WEB_CHANNELS = frozenset({"web", "mobile", "wechat"})
VISITS = frozenset({"visit", "visit_down"})
"""来访、下访: what is counted in households (户次) too."""
SEALED_TYPES = frozenset({"accusation"})
"""Art. 30, 46(5): accusations never reach the body complained about, so they are sealed."""
RATEABLE = (
    "served", "closed", "review_sought", "review_decided", "review_served", "rereview_sought",
    "rereview_decided", "final",
)  # fmt: skip
"""Statuses in which an opinion has reached the petitioner."""
WITHDRAWABLE = ("registered", "located", "assigned", "signed", "objected", "accepted")
"""Statuses in which a petition may be withdrawn."""
OLDEST = date(1990, 1, 1)


@dataclass(eq=False)  # not frozen: Python sets an exception's traceback
class Refused(Exception):
    """A rule that says no: its name, both languages, and its article where it has one."""

    rule: str
    zh: str
    en: str
    field: str | None = None
    article: str | None = None
    status: int = 422


def check_registration(
    *,
    channel: str,
    received_on: date,
    today: date,
    anonymous: bool,
    people: Sequence[str],
    head_count: int,
    by_public: bool,
) -> None:
    """Raises `Refused` for the first rule that a registration breaks.

    Args:
        people: the role of each person named, `petitioner` or `representative`.
        head_count: persons concerned in this petition (信访人数).
        by_public: True where a petitioner files without an officer.
    """
    if received_on > today:
        raise Refused(
            "received-in-future", "收到日期不能晚于今天。",
            "The date of receipt is in the future.", "received_on",
        )  # fmt: skip
    if received_on < OLDEST:
        raise Refused(
            "received-too-old", "收到日期过早,请核对。",
            "The date of receipt is too long ago; please check it.", "received_on",
        )  # fmt: skip
    if by_public and channel not in WEB_CHANNELS:
        raise Refused(
            "channel-not-public", "网上提交只能选择网上、手机或微信渠道。",
            "Filed online, the channel is web, mobile or wechat.", "channel",
        )  # fmt: skip
    _check_people(anonymous, people, head_count)


def _check_people(anonymous: bool, people: Sequence[str], head_count: int) -> None:
    if anonymous and people:
        raise Refused(
            "anonymous-with-people", "匿名信访不登记信访人。",
            "An anonymous petition names nobody.", "people",
        )  # fmt: skip
    if not anonymous and not people:
        raise Refused(
            "petitioner-missing", "请登记信访人,或注明匿名。",
            "Name the petitioner, or mark the petition as anonymous.", "people",
        )  # fmt: skip
    if people.count("representative") > MAX_REPRESENTATIVES:
        raise Refused(
            "too-many-representatives", "走访代表不得超过五人。",
            "A joint visit has at most five representatives.", "people", "信访工作条例 第二十条",
        )  # fmt: skip
    if head_count < len(people) - people.count("agent"):
        raise Refused(
            "head-count-too-small", "信访人数少于已登记的人数。",
            "The head count is smaller than the number of people named.", "head_count",
        )  # fmt: skip


def check_households(channel: str, stated: int | None, head_count: int) -> None:
    """户数: a visit may state how many households came; each has at least one person in it."""
    if stated is not None and channel not in VISITS:
        raise Refused("households-not-visit", "只有来访、下访才登记来访户数。",
                      "Only a visit has a number of households.", "household_count")  # fmt: skip
    if stated is not None and stated > head_count:
        raise Refused("households-too-many", "来访户数不能多于信访人数。",
                      "There are more households than persons.", "household_count")  # fmt: skip


def households(channel: str, stated: int | None) -> int | None:
    """How many a registration counts as: one visit is one household unless it says more; other forms have none."""
    return (stated or 1) if channel in VISITS else None


def check_agent(channel: str, people: Sequence[str], wanted: bool) -> None:
    """代办、陪访 (信访代理): whoever brings it is the agent; the petitioner is the one who is represented.

    Args:
        wanted: False for an old register, which did not write down agents.
    """
    if "agent" in people and not set(people) - {"agent"}:
        raise Refused("represented-missing", "代办、陪访的,请登记被代理的信访人,代理人另行登记。",
                      "Name the person who is represented; the agent stands apart.", "people")  # fmt: skip
    if wanted and channel == "proxy" and "agent" not in people:
        raise Refused("agent-missing", "代办、陪访的,请登记代理人。",
                      "Brought by proxy: name the agent.", "people")  # fmt: skip


def hides_people(confidential: bool, registered_by: str, kind: str, office: str | None) -> bool:
    """保密: only the office that registered it, the petitioner, and services on their behalf learn who they are;
    whoever handles it handles the matter (Art. 18, 46)."""
    return confidential and kind == "officer" and office != registered_by


def check_letter(
    channel: str, postmarked_on: date | None, barcode: str | None, received_on: date
) -> None:
    """Postmark and envelope's barcode belong to letters; a letter is not received before it was posted."""
    if channel != "letter" and (postmarked_on or barcode):
        raise Refused("postmark-not-letter", "只有来信才登记邮戳日期和信封条码。",
                      "Only a letter has a postmark and a barcode.",
                      "postmarked_on" if postmarked_on else "barcode")  # fmt: skip
    if postmarked_on and not OLDEST <= postmarked_on <= received_on:
        raise Refused("postmark-after-receipt", "邮戳日期不能晚于收到日期。",
                      "The postmark cannot be later than the receipt.", "postmarked_on")  # fmt: skip


COLLECTIVE = 5
"""Persons from which a matter is collective (集体访): usage."""


def check_simple(*, simple: bool, type_: str, head_count: int, by_public: bool) -> None:
    """简易办理 is proposed at the counter for clear, easily solved matters; never for an accusation or a
    collective petition. Whoever accepts it decides."""
    if simple and (by_public or is_sealed(type_) or head_count >= COLLECTIVE):
        raise Refused("not-simple", "检举控告和集体信访事项不适用简易办理;由登记人员建议。",
                      "The simple procedure is proposed by a clerk, and not for accusations or "
                      "collective petitions.", "simple")  # fmt: skip


def check_supplement(status: str) -> None:
    """What has ended takes no more: new facts are a new matter."""
    if status in ("final", "withdrawn", "declined"):
        raise Refused("supplement-too-late", "本件已经结束;有新的事实的,请作为新的信访事项提出。",
                      "It has ended; new facts are a new matter.", None, None, 409)  # fmt: skip


def check_accused(type_: str, accused: Sequence[str]) -> None:
    """Only an accusation names accused offices: they are barred from it for good (Art. 30, 46(5))."""
    if accused and not is_sealed(type_):
        raise Refused("accused-not-sealed", "只有检举控告件才登记被检举控告的单位。",
                      "Only an accusation names the offices accused.", "accused",
                      "信访工作条例 第三十条")  # fmt: skip


def check_readable(type_: str | None) -> None:
    """No machine reads an accusation beyond what it must (Art. 30)."""
    if type_ and is_sealed(type_):
        raise Refused("sealed", "检举控告件的内容密封保存,不作自动建议,请人工选择分类。",
                      "An accusation is sealed: no category is suggested for it.", "type",
                      "信访工作条例 第三十条")  # fmt: skip


def check_link(
    *,
    number: str,
    repeat_of: str | None,
    to: str,
    earlier: bool,
    hidden: Collection[str] = (),
    barred: Collection[str] = (),
    sealed: tuple[bool, bool] = (False, False),
) -> None:
    """A later petition repeats an earlier one; a person confirms it, once.

    Args:
        repeat_of: what it is linked to already.
        earlier: whether the other was registered before it.
        hidden: offices accused in the other; whoever sees this one is told of it.
        barred: offices accused in this one.
        sealed: the other, and this one.
    """
    if repeat_of is not None:
        raise Refused(
            "linked-already", "本件已登记为重复件。", "It is linked already.", None, None, 409
        )
    if to == number or not earlier:
        raise Refused("link-not-earlier", "只能关联到登记在前的信访件。",
                      "It can repeat only a petition that was registered before it.", "repeat_of")  # fmt: skip
    if (sealed[0] and not sealed[1]) or not set(hidden) <= set(barred):
        raise Refused("link-sealed", "检举控告件不能登记为其他信访件的关联件:被检举控告的单位会由此得知。",
                      "It would tell the accused body of a sealed accusation.", "repeat_of",
                      "信访工作条例 第三十条")  # fmt: skip


def check_linked(repeat_of: str | None, contested: bool = False) -> str:
    """What it is linked to. Raises `Refused` where it is not, or was contested already."""
    if repeat_of is None:
        raise Refused("not-linked", "本件没有登记为重复件。", "It is not linked.", None, None, 409)
    if contested:
        raise Refused(
            "contested-already", "您已提出过异议。", "It was contested already.", None, None, 409
        )
    return repeat_of


def check_withdrawal(*, status: str, open_until: Sequence[str] = WITHDRAWABLE) -> None:
    """A petitioner withdraws while no opinion was given."""
    if status not in open_until:
        raise Refused("withdrawal-too-late", "本件已有处理结果,不能撤回。",
                      "It has its result already and cannot be withdrawn.", None, None, 409)  # fmt: skip


def is_sealed(type_: str) -> bool:
    """Whether the petition is sealed from the first moment (检举控告, Art. 30)."""
    return type_ in SEALED_TYPES


def taken(suggested: Sequence[str], chosen: str) -> str:
    """Which of the suggested categories a person chose: `1`, `2`, `3`, `other`; `none`: there was none."""
    if not suggested:
        return "none"
    return str(suggested.index(chosen) + 1) if chosen in suggested else "other"


def number(site: str, day: date, sequence: int) -> str:
    """Site code + yyyymmdd + a sequence of at least four digits: `330282202611240001`."""
    return f"{site}{day:%Y%m%d}{sequence:04d}"


def check_rating(*, status: str, rated_at: datetime | None) -> None:
    """A petitioner rates once, after the opinion reached them (Art. 21)."""
    if status not in RATEABLE:
        raise Refused(
            "rating-too-early", "处理意见送达后方可评价。",
            "You can rate once the opinion was served.", None, "信访工作条例 第二十一条", 409,
        )  # fmt: skip
    if rated_at is not None:
        raise Refused(
            "rated-already", "本件已评价,不能重复评价。", "This petition was rated already.",
            None, None, 409,
        )  # fmt: skip
