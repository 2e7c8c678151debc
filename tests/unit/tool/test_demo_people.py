"""Invented people pass the forms and cannot be anybody."""

import re
from datetime import date
from random import Random

import pytest

from tool.demo.people import (
    GIVEN_FIRST,
    GIVEN_LAST,
    PHONE_BLOCK,
    REGION,
    SURNAMES,
    Person,
    check_digit,
    id_number,
    invent,
)
from tool.demo.site import Site

PLANTS = set("禾麦苗榆槐杉桐栀葵荞蓼菱藕橘橙柚枣杏榴苇蒲芹茴椒笋莓荠薇蕨艾葛椿楝桑")


@pytest.fixture(scope="module")
def people() -> list[Person]:
    random = Random(1)
    spots = Site.load().spots["any"]
    return [invent(random.random, serial, random.choice(spots)) for serial in range(5000)]


def test_known_check_digit() -> None:
    assert check_digit("11010519491231002") == "X"  # the example of GB 11643


def test_id_numbers_are_well_formed_but_from_nowhere(people: list[Person]) -> None:
    for person in people:
        number = str(person.id_number)
        assert len(number) == 18
        assert number[-1] == check_digit(number[:17])
        assert number.startswith(REGION)
        birth = date.fromisoformat(number[6:14])
        assert 1940 <= birth.year <= 2005
        assert number[14:17] != "000"


def test_no_city_99_exists() -> None:
    assert REGION[2:4] == "99"


@pytest.mark.parametrize("first", [0, 7_000_021, 24_082_893 * 3 - 50])
def test_id_numbers_do_not_repeat(first: int) -> None:
    serials = range(first, first + 100_000)
    assert len({id_number(serial) for serial in serials}) == len(serials)


def test_phones_are_of_a_block_nobody_has(people: list[Person]) -> None:
    phones = [str(p.phone) for p in people]
    assert all(re.fullmatch(r"1[3-9]\d{9}", phone) for phone in phones)
    assert all(phone.startswith(PHONE_BLOCK) for phone in phones)
    assert len(set(phones)) == len(phones)


def test_given_names_end_in_a_plant(people: list[Person]) -> None:
    assert set(GIVEN_LAST) == PLANTS
    for person in people:
        assert len(person.name) == 3
        assert person.name[0] in SURNAMES
        assert person.name[1] in GIVEN_FIRST
        assert person.name[2] in PLANTS


@pytest.mark.parametrize("pool", [SURNAMES, GIVEN_FIRST, GIVEN_LAST])
def test_pools_hold_nothing_twice(pool: tuple[str, ...]) -> None:
    assert len(set(pool)) == len(pool)


def test_people_live_in_the_county(people: list[Person]) -> None:
    site = Site.load()
    for person in people:
        division = site.division[person.division]
        assert division.spoken in person.address
        assert re.search(r"(组\d+号|幢\d+室|\d+号)$", person.address)


def test_the_same_serial_and_seed_give_the_same_person() -> None:
    spot = Site.load().spots["village"][3]
    assert invent(Random(5).random, 9, spot) == invent(Random(5).random, 9, spot)
