"""Where a text says it is, and which office must answer (信访工作条例 Art. 5, 22)."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from routing.domain import remit
from routing.domain.places import Division, Gazetteer, Place, short_names
from routing.domain.remit import Body, Choice, Refused, responsible

COUNTY = Division("330282000000", "慈溪市", "county")
EAST = Division("330282104000", "观海卫镇", "town")
WEST = Division("330282105000", "附海镇", "town")
EAST_1 = Division("330282104201", "天潭村民委员会", "village")
EAST_2 = Division("330282104202", "新泽村村委会", "village")
WEST_1 = Division("330282105201", "新泽村民委员会", "village")
WEST_2 = Division("330282105001", "海晏庙社区居民委员会", "village")
SITE = Gazetteer([COUNTY, EAST, WEST, EAST_1, EAST_2, WEST_1, WEST_2])


@pytest.mark.parametrize(
    ("name", "forms"),
    [
        ("天潭村民委员会", ("天潭村民委员会", "天潭村")),
        ("天潭村村民委员会", ("天潭村村民委员会", "天潭村")),
        ("新泽村村委会", ("新泽村村委会", "新泽村")),
        ("海晏庙社区居民委员会", ("海晏庙社区居民委员会", "海晏庙社区")),
        ("海晏庙居委会", ("海晏庙居委会", "海晏庙社区")),
    ],
)
def test_how_people_write_a_village(name: str, forms: tuple[str, ...]) -> None:
    assert short_names(Division("1", name, "village")) == forms


@pytest.mark.parametrize(
    ("text", "place"),
    [
        ("本市某厂拖欠工资", Place(None, "no-name")),
        ("", Place(None, "no-name")),
        ("慈溪市政府", Place(None, "no-name")),
        ("观海卫镇某厂", Place(EAST.code, "town")),
        ("天潭村的路灯", Place(EAST_1.code, "village")),
        ("观海卫镇天潭村的路灯", Place(EAST_1.code, "village-in-town")),
        ("天潭村民委员会", Place(EAST_1.code, "village")),
        ("新泽村的路灯", Place(None, "several-villages")),
        ("观海卫镇新泽村的路灯", Place(EAST_2.code, "village-in-town")),
        ("附海镇新泽村的路灯", Place(WEST_1.code, "village-in-town")),
        ("附海镇天潭村", Place(WEST.code, "town")),
        ("观海卫镇天潭村和新泽村", Place(EAST.code, "town")),
        ("天潭村和海晏庙社区", Place(None, "several-villages")),
        ("观海卫镇与附海镇之间", Place(None, "several-towns")),
        ("观海卫镇与附海镇之间的天潭村", Place(None, "several-towns")),
        ("天潭村,天潭村,还是天潭村", Place(EAST_1.code, "village")),
    ],
)
def test_only_what_is_certain_is_answered(text: str, place: Place) -> None:
    assert SITE.locate(text) == place


def test_a_site_without_divisions_knows_nothing() -> None:
    assert Gazetteer([]).locate("观海卫镇") == Place(None, "no-divisions")


@given(st.text(max_size=60))
def test_no_text_is_misread(text: str) -> None:
    """Whatever is written: a code is one of the site's, and its name stands in the text."""
    place = SITE.locate(text)
    if place.code is not None:
        names = {n for d in (EAST, WEST, EAST_1, EAST_2, WEST_1, WEST_2) if d.code == place.code
                 for n in short_names(d)}  # fmt: skip
        assert any(name in text for name in names)


TOWN = Body("town", "town", "330282104000", ("c01", "c02"))
OTHER_TOWN = Body("other", "town", "330282105000", ("c01",))
LABOUR = Body("labour", "department", "330282000000", ("c05",))
LAND = Body("land", "department", "330282000000", ("c06", "c07"))
WATER = Body("water", "department", "330282000000", ("c07",))
BUREAU = Body("bureau", "petition_office", "330282000000", ("c05",))
BODIES = [TOWN, OTHER_TOWN, LABOUR, LAND, WATER, BUREAU]


@pytest.mark.parametrize(
    ("division", "category", "ancestors", "choice"),
    [
        ("330282104201", "c01", (), Choice("town", "town")),
        ("330282104000", "c0101", ("c01",), Choice("town", "town")),
        ("330282104000", None, (), Choice("town", "town")),
        ("330282104000", "c05", (), Choice("labour", "department")),
        ("330282104000", "c050101", ("c0501", "c05"), Choice("labour", "department")),
        ("330282104000", "c07", (), Choice(None, "several-departments")),
        ("330282104000", "c09", (), Choice(None, "no-office")),
        ("330282000000", "c01", (), Choice(None, "no-office")),
        ("330282000000", "c06", (), Choice("land", "department")),
        ("330282000000", None, (), Choice(None, "no-office")),
        ("330282106000", "c01", (), Choice(None, "no-office")),
        ("", "c05", (), Choice("labour", "department")),
    ],
)
def test_the_town_for_its_remit_else_the_one_department(
    division: str, category: str | None, ancestors: tuple[str, ...], choice: Choice
) -> None:
    assert responsible(BODIES, division, category, ancestors) == choice


def test_two_offices_of_one_town_are_a_persons_choice() -> None:
    twin = Body("twin", "town", "330282104000", ("c01",))
    assert responsible([TOWN, twin], "330282104000", "c01").office is None


STATUSES = (
    "registered",
    "located",
    "assigned",
    "signed",
    "accepted",
    "answered",
    "served",
    "closed",
)


@pytest.mark.parametrize("status", STATUSES)
def test_an_office_is_named_once(status: str) -> None:
    if status in ("registered", "located"):
        remit.check_assign(status, locating=False)
        with pytest.raises(Refused) as refused:
            remit.check_assign(status, locating=True)
        assert refused.value.rule == "still-locating"
        return
    with pytest.raises(Refused) as refused:
        remit.check_assign(status, locating=False)
    assert refused.value.rule == "assigned-already" and refused.value.status == 409
    assert refused.value.article == "信访工作条例 第二十二条"


@pytest.mark.parametrize("status", STATUSES)
def test_it_is_signed_for_once_by_the_office_named(status: str) -> None:
    if status == "assigned":
        remit.check_sign(status, "town", "town", site_wide=False)
        remit.check_sign(status, "town", None, site_wide=True)
        for acting in ("other", None):
            with pytest.raises(Refused) as refused:
                remit.check_sign(status, "town", acting, site_wide=False)
            assert (refused.value.rule, refused.value.status) == ("not-the-competent-office", 403)
        return
    with pytest.raises(Refused) as refused:
        remit.check_sign(status, "town", "town", site_wide=True)
    assert refused.value.rule == "nothing-to-sign"
