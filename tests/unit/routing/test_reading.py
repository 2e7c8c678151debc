"""What routing makes of what a text says: a place where it is sure, else something for a person to decide."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from places.build import Row, build
from places.index import LEVELS
from routing.domain.places import Alias, Division, Place, judged
from routing.reading import Reader, reader

NAMES = {
    "330282000000": ("慈溪市", "county"),
    "330282104000": ("观海卫镇", "town"),
    "330282104201": ("天潭村民委员会", "village"),
    "330282104202": ("新泽村村委会", "village"),
    "330282105000": ("附海镇", "town"),
    "330282105001": ("海晏庙社区居民委员会", "village"),
    "330282105201": ("新泽村民委员会", "village"),
}
COUNTY, TOWN = "330282000000", "330282104000"


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Reader:
    divisions = [Division(code, name, level) for code, (name, level) in NAMES.items()]
    return reader(divisions, tmp_path_factory.mktemp("state"))


@pytest.mark.parametrize(
    ("text", "near", "place"),
    [
        ("本市某厂拖欠工资", COUNTY, Place(None, "no-name")),
        ("", COUNTY, Place(None, "no-name")),
        ("观海卫镇某厂", COUNTY, Place(TOWN, "text", (TOWN,))),
        ("观海卫镇天潭村的路灯", COUNTY, Place("330282104201", "text", ("330282104201",))),
        ("附海镇新泽村的路灯", COUNTY, Place("330282105201", "text", ("330282105201",))),
        # a village alone may be one of another county: a person confirms it, unless its own town received it
        ("天潭村的路灯", COUNTY, Place(None, "unsure", ("330282104201",))),
        ("天潭村的路灯", TOWN, Place("330282104201", "text", ("330282104201",))),
        (
            "新泽村的路灯", COUNTY,
            Place(None, "several-places", ("330282104202", "330282105201")),
        ),
        # the next town has one of the same name
        ("新泽村的路灯", TOWN, Place(None, "unsure", ("330282104202",))),
    ],
)  # fmt: skip
def test_only_what_is_certain_is_answered(site: Reader, text: str, near: str, place: Place) -> None:
    found = site.read(text, near)
    assert (found.code, found.rule) == (place.code, place.rule)
    assert sorted(found.candidates) == sorted(place.candidates)


def test_two_towns_are_for_a_person(site: Reader) -> None:
    found = site.read("观海卫镇与附海镇之间", COUNTY)
    assert (found.code, found.rule) == (None, "several-places")
    assert set(found.candidates) == {TOWN, "330282105000"}


def test_a_site_without_divisions_knows_nothing() -> None:
    assert Reader(None, ()).read("观海卫镇", None) == Place(None, "no-divisions")


def test_an_index_is_made_once_and_anew_when_the_divisions_change(tmp_path: Path) -> None:
    divisions = [Division(code, name, level) for code, (name, level) in NAMES.items()]
    for _ in range(2):
        reader(divisions, tmp_path)
    (first,) = tmp_path.iterdir()
    assert not reader(divisions[:1], tmp_path).knows(TOWN)
    (second,) = tmp_path.iterdir()
    assert first.name != second.name, "the one before is not kept"


def test_an_index_that_was_built_for_the_site_is_read_with(tmp_path: Path) -> None:
    divisions = [Division(code, name, level) for code, (name, level) in NAMES.items()]
    elsewhere = [Row("330000000000", "浙江省", 0), Row("330281000000", "余姚市", 2)]
    own = [Row(d.code, d.name, LEVELS.index(d.level)) for d in divisions]
    build(
        sorted([*elsewhere, *own], key=lambda row: row.code), tmp_path / "divisions", "of the site"
    )
    read = reader(divisions, tmp_path)
    assert read.read("余姚市的路灯", COUNTY).rule == "elsewhere"
    assert read.read("余姚市的路灯", COUNTY).version == "of the site"
    assert [path.name for path in tmp_path.iterdir()] == ["divisions"]


def test_local_names_are_read_until_they_end(tmp_path: Path) -> None:
    divisions = [Division(code, name, level) for code, (name, level) in NAMES.items()]
    read = reader(divisions, tmp_path)
    assert read.read("老街菜场的路灯", COUNTY).code is None
    read.keep([Alias("老街菜场", TOWN, COUNTY)])
    assert read.read("老街菜场的路灯", COUNTY).code == TOWN
    told = read.explained("老街菜场的路灯", COUNTY, None)
    assert told["candidates"][0]["spans"] == [[0, 4]] and told["candidates"][0]["inside"]
    read.keep([])
    assert read.read("老街菜场的路灯", COUNTY).code is None


@pytest.mark.parametrize(
    ("status", "code", "confidence", "rule"),
    [
        ("ok", TOWN, 0.7, "text"),
        ("conflict", TOWN, 0.9, "moved-town"),
        ("ok", TOWN, 0.69, "unsure"),
        ("ok", None, 0.95, "elsewhere"),
        ("ambiguous", COUNTY, 0.95, "several-places"),
        ("office-only", COUNTY, 0.95, "no-name"),
        ("none", None, 0.0, "no-name"),
    ],
)
def test_what_a_reading_is_good_for(
    status: str, code: str | None, confidence: float, rule: str
) -> None:
    place = judged(status, code, confidence, (TOWN,))
    assert place.rule == rule
    assert (place.code is not None) == (rule in ("text", "moved-town"))


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(text=st.text(max_size=60) | st.text("观海卫镇天潭村新泽附海,的0", max_size=30))
def test_whatever_is_written_a_code_is_one_of_the_sites(site: Reader, text: str) -> None:
    place = site.read(text, COUNTY)
    assert place.code is None or place.code in NAMES
