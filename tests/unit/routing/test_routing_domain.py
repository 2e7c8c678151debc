"""The steps of placing (信访工作条例 Art. 22-24)."""

from __future__ import annotations

import pytest

from routing.domain import remit
from routing.domain.remit import Refused

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
