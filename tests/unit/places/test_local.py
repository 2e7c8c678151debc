"""Names that a site keeps itself, and the body complained about."""

from __future__ import annotations

import pytest

from places.local import LocalName, LocalNames
from places.resolver import Answer, Resolver
from tests.unit.places.test_resolver import CIXI, resolver

__all__ = ["resolver"]
MARKET, VILLAGE = "老街菜场", "330282121236"
LOCAL = (LocalName(MARKET, VILLAGE, CIXI), LocalName("新城花园", "330282122000", "330282122000"))


@pytest.fixture(scope="module")
def local(resolver: Resolver) -> Resolver:
    return Resolver(resolver.index, LocalNames(resolver.index, LOCAL))


@pytest.mark.parametrize(
    ("text", "office", "code"),
    [
        ("老街菜场的下水道堵了", CIXI, VILLAGE),
        ("老街 菜场的下水道堵了", CIXI, VILLAGE),
        ("慈溪市老街菜场的下水道堵了", None, VILLAGE),
        ("周巷镇老街菜场的下水道堵了", None, VILLAGE),
        ("老街菜场的下水道堵了", None, None),
        ("余姚市老街菜场的下水道堵了", None, "330281000000"),
        ("新城花园的路灯坏了", CIXI, CIXI),
        ("龙山镇新城花园的路灯坏了", CIXI, "330282122000"),
        ("菜场的下水道堵了", CIXI, CIXI),
    ],
)
def test_a_name_of_the_site_stands_for_a_place_where_it_is_spoken(
    local: Resolver, text: str, office: str | None, code: str | None
) -> None:
    assert local.locate(text, office).code == code


def test_what_a_person_said_is_as_sure_as_a_registered_name(local: Resolver) -> None:
    answer = local.locate("老街菜场的下水道堵了", CIXI)
    assert answer.status == "ok" and answer.confidence >= 0.7
    assert answer.spans == ((0, 4),)


def test_a_name_of_what_the_index_lacks_is_left_out(resolver: Resolver) -> None:
    names = [LocalName("某处", "110101001001", CIXI), LocalName("别处", VILLAGE, "110101000000")]
    assert (
        Resolver(resolver.index, LocalNames(resolver.index, names)).locate("某处别处").status
        == "none"
    )


# -- the body complained about ---------------------------------------------------------------------


def located(resolver: Resolver, text: str, accused: str) -> Answer:
    return resolver.locate(text, CIXI, accused)


def test_the_seat_of_the_body_complained_about_is_not_the_place_of_the_matter(
    resolver: Resolver,
) -> None:
    text = "周巷镇人民政府至今没有答复龙山镇西门外村的征地补偿。"
    answer = located(resolver, text, "周巷镇人民政府")
    assert answer.code == "330282122202"
    assert ("body", "330282121000") in answer.roles


def test_where_no_other_place_is_named_its_seat_counts_with_less_weight(resolver: Resolver) -> None:
    text = "反映周巷镇人民政府乱收费。"
    plain, answer = resolver.locate(text, CIXI), located(resolver, text, "周巷镇人民政府")
    assert answer.code == plain.code == "330282121000"
    assert answer.confidence < plain.confidence


def test_a_text_without_a_place_is_about_where_the_body_sits(resolver: Resolver) -> None:
    answer = located(resolver, "反映其乱收费。", "周巷镇人民政府")
    assert (answer.code, answer.spans) == ("330282121000", ())
    assert answer.evidence == ((),)
    assert located(resolver, "反映其乱收费。", "某某公司").status == "office-only"


def test_what_speaks_for_each_candidate_is_shown(resolver: Resolver) -> None:
    answer = resolver.locate("周巷天元的路灯", CIXI)
    assert answer.status == "ambiguous" and len(answer.evidence) == len(answer.candidates)
    assert all((2, 4) in spans for spans in answer.evidence)


def test_a_conflict_says_under_which_county_the_town_was_written(resolver: Resolver) -> None:
    answer = resolver.locate("鄞州区古林镇礼嘉桥村")
    assert (answer.status, answer.written) == ("conflict", "330212000000")
    assert resolver.locate("海曙区古林镇礼嘉桥村").written is None
