"""Old names with their years and successors, from a table of changes."""

from __future__ import annotations

from typing import Any

from places import history
from places.build import Alias, Row

ROWS = [
    Row("330000000000", "浙江省", 0), Row("330200000000", "宁波市", 1),
    Row("330203000000", "海曙区", 2), Row("330212000000", "鄞州区", 2),
]  # fmt: skip


def change(year: int, kind: str, old: str, new: str) -> dict[str, Any]:
    path = ["浙江省", "宁波市"]
    return {
        "year": year, "type": kind, "old": {"name": old}, "new": {"name": new},
        "old_path": [*path, old], "new_path": [*path, new],
    }  # fmt: skip


CHANGES = [
    change(2002, "撤县设区", "鄞县", "鄞州区"),
    change(2016, "撤销", "江东区", "鄞州区"),
    change(2016, "撤销", "某区", "海曙区"),
    change(2016, "撤销", "某区", "鄞州区"),
    change(2020, "同名改码", "鄞州区", "鄞州区"),
]


def test_an_old_name_has_its_last_year_and_all_its_successors() -> None:
    assert history.aliases(CHANGES, ROWS) == [
        Alias("某区", ("330203000000", "330212000000"), None, 2016),
        Alias("江东区", ("330212000000",), None, 2016),
        Alias("鄞县", ("330212000000",), None, 2002),
    ]


def test_a_present_name_holds_since_it_was_given_not_since_it_took_another_in() -> None:
    assert history.since(CHANGES, ROWS) == {"330212000000": 2002}
