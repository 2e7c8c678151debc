"""Which office must answer (信访工作条例 Art. 5, 22)."""

from __future__ import annotations

import pytest

from routing.domain import remit
from routing.domain.remit import Body, Choice, Refused, responsible

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
