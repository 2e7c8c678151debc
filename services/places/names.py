"""Names of divisions as they are registered, and as people write them."""

from __future__ import annotations

import re

_NATIONS = [
    "各族",
    "汉族",
    "蒙古族",
    "回族",
    "藏族",
    "维吾尔族",
    "苗族",
    "彝族",
    "壮族",
    "布依族",
    "朝鲜族",
    "满族",
    "侗族",
    "瑶族",
    "白族",
    "土家族",
    "哈尼族",
    "哈萨克族",
    "傣族",
    "黎族",
    "傈僳族",
    "佤族",
    "畲族",
    "拉祜族",
    "水族",
    "东乡族",
    "纳西族",
    "景颇族",
    "柯尔克孜族",
    "土族",
    "达斡尔族",
    "仫佬族",
    "羌族",
    "布朗族",
    "撒拉族",
    "毛南族",
    "仡佬族",
    "锡伯族",
    "阿昌族",
    "普米族",
    "塔吉克族",
    "怒族",
    "乌孜别克族",
    "俄罗斯族",
    "鄂温克族",
    "德昂族",
    "保安族",
    "裕固族",
    "京族",
    "塔塔尔族",
    "独龙族",
    "鄂伦春族",
    "赫哲族",
    "门巴族",
    "珞巴族",
    "基诺族",
]
_NATION = f"(?:{'|'.join(_NATIONS)}|{'|'.join(n[:-1] for n in _NATIONS if len(n) > 2)})*"
_OF_NATIONS = f"(?:{'|'.join(_NATIONS)})*"
PROVINCE_TAIL = re.compile(rf"(?:省|市|{_NATION}自治区|特别行政区)$")
CITY_TAIL = re.compile(rf"(?:市|地区|盟|{_NATION}自治州)$")
COUNTY_TAIL = re.compile(rf"(?:新区|{_NATION}自治县|{_NATION}自治旗|区|县|市|旗|林区|特区)$")
TOWN_TAIL = re.compile(
    rf"(?:街道办事处|街道|地区办事处|地区|镇|{_OF_NATIONS}民族乡|{_OF_NATIONS}乡|乡|民族苏木|苏木)$"
)
TAILS = {"province": PROVINCE_TAIL, "city": CITY_TAIL, "county": COUNTY_TAIL, "town": TOWN_TAIL}
VILLAGE_TAIL = re.compile(
    "(?:村民委员会|村委会|村委|社区居民委员会|社区居委会|居民委员会|居委会|居委|家属委员会|家委会)$"
)
COMMUNITY, VILLAGE = "community", "village"


def short(name: str, level: str) -> str:
    """A name without its kind: 宁波市 → 宁波, 肃南裕固族自治县 → 肃南, 周巷镇 → 周巷; itself where nothing
    or a single character would be left."""
    base = TAILS[level].sub("", name)
    return base if len(base) > 1 else name


def village(name: str) -> tuple[str, str | None]:
    """A village's base and kind: 天潭村村委会 → 天潭, village; 天元社区居委会 → 天元, community.

    What is neither (生活区, 嘎查, a farm) is its own base, kind None. A base of one character keeps its
    kind: 东村 → 东村.
    """
    tail = VILLAGE_TAIL.search(name)
    base = name[: tail.start()] if tail else name
    community = tail is not None and "村" not in tail[0]
    if base.endswith("社区"):
        return _bare(base, "社区"), COMMUNITY
    if community:
        return (base, COMMUNITY) if len(base) > 1 else (f"{base}社区", COMMUNITY)
    if base.endswith("村"):
        return _bare(base, "村"), VILLAGE
    if tail is None:
        return base, None
    return (base, VILLAGE) if len(base) > 1 else (f"{base}村", VILLAGE)


def _bare(base: str, kind: str) -> str:
    return base.removesuffix(kind) if len(base) > len(kind) + 1 else base
