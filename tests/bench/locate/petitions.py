"""Whole petitions of some 900 characters, with the address of a case in the middle.

For the time that a long text takes; the case's expectation stays, since nothing around the address
names a place. What surrounds it is what petitions are full of: money, dates, sums, who promised what.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from random import Random

from tests.bench.locate.judge import Case

LENGTH = 900
SHORT, LONG = 60, 600
"""Below SHORT characters a text is an address, from LONG on a whole petition."""
WITHOUT = ("pronoun",)
"""Patterns whose text names no place, so that it could not stand as an address."""

SENTENCES = (
    "去年三月以来，我先后七次到有关部门反映，每次都说正在研究，让我回家等消息。",
    "当时工作人员口头答应一个月内给出书面答复，至今已经过去八个多月，仍然没有任何结果。",
    "补偿款应当是每亩四万二千元，实际发到手里的只有一万八千元，差额去了哪里没有人说得清楚。",
    "施工单位进场之前没有公示，也没有开过听证会，很多人是看到挖掘机才知道要动工。",
    "家里老人今年七十六岁，患有高血压和糖尿病，每月药费将近一千元，生活十分困难。",
    "我多次要求查看账目，对方先说会计请假，后来又说材料已经上交，一直不肯公开。",
    "附上身份证复印件、承包合同、收款收据和现场照片共计二十三页，请予以核实。",
    "晚上十点以后机器仍在运转，噪声很大，孩子没有办法写作业，大人也休息不好。",
    "这些情况邻居都可以作证，有十一户人家在材料上签名并按了手印。",
    "我们不是无理取闹，只是希望依照政策和法律规定，把事情一件一件查清楚。",
    "按照规定，受理之后应当在六十日内办结，确有困难的可以延长三十日，并且告知理由。",
    "第一次答复说权属不清不予支持，可是我手里有九八年发的证书，上面写得明明白白。",
    "工资从前年十月开始拖欠，二十六个人一共八十四万元，老板的电话现在已经打不通。",
    "下雨天污水倒灌进院子，墙根泡得开裂，房子成了危房，一家五口只能借住在亲戚家。",
    "低保名单公布以后大家意见很大，条件好的领着钱，真正困难的反而没有评上。",
    "希望上级派人实地看一看，听一听大家的说法，而不是只看下面报上来的材料。",
)


def whole(case: Case, random: Random, length: int = LENGTH) -> Case:
    """The case's address within a petition of about this length."""
    around: list[str] = []
    missing = length - len(case.text)
    while sum(map(len, around)) < missing:
        around += random.sample(SENTENCES, len(SENTENCES))
    while around and sum(map(len, around)) - len(around[-1]) >= missing:
        around.pop()
    middle = len(around) // 2
    address = f"反映问题的地点：{case.text}。"
    return replace(case, text="".join([*around[:middle], address, *around[middle:]]))


def petitions(cases: Sequence[Case], count: int, seed: int) -> list[Case]:
    """The long ones among the cases; where they are too few, made from addresses."""
    long = [case for case in cases if len(case.text) >= LONG]
    if len(long) >= count:
        return long[:count]
    random = Random(seed)
    fit = [
        case
        for case in cases
        if case.reaches("town") and not case.ambiguous
        and len(case.text) < SHORT and case.pattern not in WITHOUT
    ]  # fmt: skip
    made = random.sample(fit, min(count - len(long), len(fit)))
    return [*long, *(whole(case, random) for case in made)]
