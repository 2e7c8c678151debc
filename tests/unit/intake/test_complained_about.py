"""被反映单位: what the register's words mean."""

from __future__ import annotations

import pytest

from intake.domain.bodies import NOBODY, About, meant
from kit.identity import Office

SITE = "慈溪市"
COUNTY = "330282000000"


def office(id_: str, name: str, short: str, level: str = "county") -> Office:
    return Office(id_, name, short, None, COUNTY, level, "department")


OFFICES = (
    office("xfj", "慈溪市信访局", "信访局"),
    office("zx", "慈溪市周巷镇信访办公室", "周巷镇信访办", "town"),
    office("jyj", "慈溪市教育局", "教育局"),
    office("scj", "慈溪市市场监督管理局", "市场监管局"),
    office("a", "慈溪市一中心", "中心"),
    office("b", "慈溪市二中心", "中心"),
)


@pytest.mark.parametrize(
    ("words", "about"),
    [
        (None, NOBODY),
        ("  ", NOBODY),
        ("慈溪市周巷镇人民政府", About("zx", "town")),
        ("周巷镇", About("zx", "town")),
        (" 周巷镇 政府", About("zx", "town")),
        ("周巷镇信访办", About("zx", "town")),
        ("市教育局", About("jyj", "county")),
        ("教育局", About("jyj", "county")),
        ("市场监督管理局", About("scj", "county")),
        ("慈溪市市场监管局", About("scj", "county")),
        ("中心", NOBODY),
        ("观海卫镇政府", About(None, "town")),
        ("观海卫镇天潭村村委会", About(None, "village")),
        ("某某社区", About(None, "village")),
        ("慈溪市水务局", About(None, "county")),
        ("宁波市生态环境局", About(None, "city")),
        ("浙江省水利厅", About(None, "province")),
        ("观海卫镇某某建设有限公司", NOBODY),
        ("国家某某局", NOBODY),
        ("张某", NOBODY),
    ],
)
def test_the_office_and_the_level_that_words_mean(words: str | None, about: About) -> None:
    assert meant(words, OFFICES, SITE) == about


def test_without_a_site_nothing_is_cut_off() -> None:
    assert meant("教育局", [office("jyj", "教育局", "教育局")]) == About("jyj", "county")
