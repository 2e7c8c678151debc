"""A registration names places and categories that the site has, from the moment on that it has them."""

from __future__ import annotations

from typing import Any

from intake import codes
from tests.county import County, assert_problem, body


def test_codes_are_checked_as_soon_as_the_site_has_them(county: County) -> None:
    app: Any = county.apps["intake"]
    sent = body(division="330282999000", category="c99")
    assert_problem(county.post("intake", "/petitions", sent), 422, "refused", "division")
    with app.database.connection() as connection:
        codes.put(connection, codes.DIVISION, [])
        codes.put(connection, codes.CATEGORY, [])
    app.codes = codes.Codes(app.database)
    assert county.post("intake", "/petitions", sent).status == 201, "nobody is sent away meanwhile"
    with app.database.connection() as connection:
        codes.put(connection, codes.CATEGORY, [codes.Code("c01")])
    assert_problem(county.post("intake", "/petitions", sent), 422, "refused", "category")
    sent["category"] = "c01"
    assert county.post("intake", "/petitions", sent).status == 201
