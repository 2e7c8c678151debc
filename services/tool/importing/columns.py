"""The headings of registers: which field each means, and what is never taken over.

Names follow the field list of existing systems (domain.md 2). Spelling is tolerant: blanks, full-width
letters, stars and remarks in brackets do not count.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Sequence
from dataclasses import dataclass


@dataclass(frozen=True)
class Column:
    """One field of the register.

    Args:
        field: its name in this program.
        name: its first heading, used in templates and reports.
        aliases: other headings that mean the same.
        personal: what stands in it is told to nobody, not even in a report.
        hint: what may stand in it, for the template.
    """

    field: str
    name: str
    aliases: tuple[str, ...] = ()
    personal: bool = False
    hint: str = ""


def _column(field: str, names: str, hint: str, personal: bool = False) -> Column:
    first, *others = names.split()
    return Column(field, first, tuple(others), personal, hint)


_DATE = "日期或日期时间:2024-03-05 或 2024-03-05 14:30"
COLUMNS: tuple[Column, ...] = (
    _column("source_ref", "编号 信访编号 信访件编号 信访号 登记编号 来信编号 来访编号",
            "本单位登记簿的编号;再次导入时凭此辨认同一件"),
    _column("received", "信访日期 收到日期 收件日期 收到时间 信访时间 来信日期 来访日期", _DATE),
    _column("registered", "登记时间 登记日期", f"{_DATE};不填则按信访日期"),
    _column("channel", "信访形式 信访方式 信访渠道 形式", ""),
    _column("type", "信访目的 目的", ""),
    _column("category", "内容分类 信访内容分类 问题类别 内容类别",
            "分类编号、来源代码,或 一级_二级_三级"),
    _column("division", "问题属地 属地 属地代码 问题发生地 区划代码", "12位区划代码,或名称"),
    _column("head_count", "信访人数 人数 来访人数", "整数;不填为登记的人数"),
    _column("household_count", "来访户数 户数", "来访、下访填写,整数;不填为一户"),
    _column("name", "姓名 信访人 信访人姓名 来信人 来访人 反映人",
            "多人以顿号分开,第一人为信访人,其余为代表;匿名件填“匿名”", True),
    _column("anonymous", "匿名 是否匿名 匿名标志", ""),
    _column("id_kind", "证件类型 证件种类 证件名称", "不填为居民身份证"),
    _column("id_number", "证件号码 身份证号 身份证号码 证件号", "居民身份证为18位或者旧15位号码", True),
    _column("phone", "电话 手机 手机号 手机号码 电话号码 联系电话 联系方式", "只填一个号码", True),
    _column("address", "住址 地址 家庭住址 联系地址 通讯地址 现住址", "", True),
    _column("title", "概况 标题 信访概况 内容摘要 主题", "不超过60字;更长的并入正文", True),
    _column("text", "投诉内容 内容 信访内容 反映内容 诉求内容 详细内容", "", True),
    _column("complained_about", "被反映单位 被投诉单位 被信访单位 被举报单位", "", True),
    _column("office", "承办单位 去向机构 责任单位 办理单位 承办机构", "单位编号、全称或简称"),
    _column("method", "办理方式", "不填为转送"),
    _column("assigned", "交办时间 交办日期 转送时间 转送日期 转办时间 转办日期", _DATE),
    _column("signed", "签收时间 签收日期", _DATE),
    _column("accepted", "受理时间 受理日期", _DATE),
    _column("answered", "答复时间 答复日期", _DATE),
    _column("outcome", "处理结果 答复结论 处理结论", ""),
    _column("opinion", "答复意见 处理意见 答复内容 办理意见", "处理意见书正文", True),
    _column("served", "送达日期 送达时间", _DATE),
    _column("service_method", "送达方式", ""),
    _column("closed", "办结时间 办结日期", _DATE),
)  # fmt: skip
BY_FIELD = {column.field: column for column in COLUMNS}

NEVER_HELD = re.compile(
    "政治面貌|民族|宗教|特殊人员|重点人员|重点监控|扬言|配偶|子女|评分|分值|积分|信用|努力程度|贡献度|偏激"
    "|非访|非正常|四访|稳控|维稳|管控|训诫|老户|缠访|闹访|越级次数|性格|思想动态|人员类别|人员标签"
)
"""What describes, scores or watches persons: this system has no place for it (domain.md 6)."""

REQUIRED: tuple[tuple[str, ...], ...] = (
    ("received", "registered"),
    ("channel",),
    ("type",),
    ("text", "title"),
    ("name", "anonymous"),
)
"""At least one column of each group must be there."""


@dataclass(frozen=True)
class Layout:
    """Where each field stands in a file.

    Args:
        places: the columns of a field, first the one that counts where both are filled in.
        never_held: headings that are dropped on principle.
        unknown: headings that mean nothing to this program.
    """

    places: dict[str, tuple[int, ...]]
    never_held: tuple[str, ...]
    unknown: tuple[str, ...]

    @property
    def missing(self) -> list[str]:
        """What has to be there and is not: names of columns, "甲 或 乙"."""
        return [
            " 或 ".join(BY_FIELD[name].name for name in group)
            for group in REQUIRED
            if not any(name in self.places for name in group)
        ]

    @property
    def doubled(self) -> list[str]:
        """Fields that have several columns, by their first names."""
        return [BY_FIELD[field].name for field, at in self.places.items() if len(at) > 1]


def plain(heading: object) -> str:
    """A heading without blanks, stars and remarks: `*信访日期(年月日)` is 信访日期."""
    text = unicodedata.normalize("NFKC", "" if heading is None else str(heading))
    return re.sub(r"\(.*?\)|[\s*::_\-]", "", text)


_FIELDS = {
    plain(name): column.field for column in COLUMNS for name in (column.name, *column.aliases)
}


def known(headings: Iterable[object]) -> int:
    """How many of these cells are headings that we know."""
    return sum(plain(heading) in _FIELDS for heading in headings)


def layout(headings: Sequence[object]) -> Layout:
    """What a line of headings means."""
    places: dict[str, tuple[int, ...]] = {}
    never: list[str] = []
    unknown: list[str] = []
    for index, heading in enumerate(headings):
        name = plain(heading)
        if field := _FIELDS.get(name):
            places[field] = (*places.get(field, ()), index)
        elif NEVER_HELD.search(name):
            never.append(str(heading).strip())
        elif name:
            unknown.append(str(heading).strip())
    return Layout(places, tuple(never), tuple(unknown))
