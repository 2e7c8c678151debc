"""The demo county's files hold together."""

from collections import Counter

import pytest

from tool.demo.site import COUNTY, Site


@pytest.fixture(scope="module")
def site() -> Site:
    return Site.load()


def test_divisions_are_complete(site: Site) -> None:
    levels = Counter(d.level for d in site.divisions)
    assert levels == {"province": 1, "city": 1, "county": 1, "town": 24, "village": 406}
    assert len(site.division) == len(site.divisions)


def test_codes_are_hierarchical(site: Site) -> None:
    above = {"city": "province", "county": "city", "town": "county", "village": "town"}
    for division in site.divisions:
        assert len(division.code) == 12
        assert division.code.isdigit()
        if division.level == "province":
            assert division.parent is None
        else:
            assert site.division[str(division.parent)].level == above[division.level]


def test_zones_and_what_lies_in_them_are_statistical_only(site: Site) -> None:
    flagged = [d for d in site.divisions if d.statistical_only]
    assert Counter(d.level for d in flagged) == {"town": 5, "village": 6}
    assert all(400 <= int(d.code[6:9]) < 600 for d in flagged if d.level == "town")


@pytest.mark.parametrize(
    ("name", "spoken"),
    [("天潭村委会", "天潭村"), ("东河社区", "东河社区"), ("天元居委会", "天元居委会")],
)
def test_names_are_spoken_without_the_committee(site: Site, name: str, spoken: str) -> None:
    assert {d.spoken for d in site.divisions if d.name == name} == {spoken}


def test_offices_are_one_petition_office_and_91_bodies(site: Site) -> None:
    kinds = Counter(o.kind for o in site.offices)
    assert kinds == {"petition_office": 1, "town": 21, "department": 70}
    for names in zip(*((o.id, o.name, o.short_name) for o in site.offices), strict=True):
        assert len(set(names)) == len(site.offices)


def test_offices_hang_below_the_petition_office(site: Site) -> None:
    for office in site.offices:
        assert office.division in site.division
        above = office
        while above.parent:
            above = site.office[above.parent]
        assert above.kind == "petition_office"


def test_every_real_town_has_an_office(site: Site) -> None:
    towns = {d.code for d in site.divisions if d.level == "town" and not d.statistical_only}
    assert towns <= set(site.town_office)
    assert all(o.division == COUNTY for o in site.offices if o.kind != "town")


def test_categories_are_a_tree_of_three_levels(site: Site) -> None:
    assert len({c.id for c in site.categories}) == len(site.categories)
    assert Counter(len(c.id) for c in site.categories) == {3: 17, 5: 100, 7: 165}
    known = {c.id for c in site.categories}
    for category in site.categories:
        assert category.parent == (category.id[:-2] if len(category.id) > 3 else None)
        assert category.parent is None or category.parent in known


def test_every_group_of_categories_has_a_competent_department(site: Site) -> None:
    groups = {c.id for c in site.categories if c.parent is None}
    assert set(site.competent) == groups
    assert {c for o in site.offices for c in o.categories} == groups
    assert all(o.categories for o in site.offices)


def test_spots_are_where_people_live(site: Site) -> None:
    spots = site.spots
    assert all(s.village and not s.village.statistical_only for s in spots["village"])
    assert {s.town.code for s in spots["any"]} == set(site.town_office)
    assert len(spots["any"]) == len(spots["village"]) + len(spots["community"]) + 2
