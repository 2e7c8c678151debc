"""What texts say of a place, over a country of some thirty divisions."""

from __future__ import annotations

from pathlib import Path

import pytest

from places import build
from places.build import Alias, Row
from places.index import Index
from places.maker import syllables
from places.resolver import Answer, Resolver

NAMES = {
    "330000000000": "浙江省", "330200000000": "宁波市",
    "330203000000": "海曙区", "330203103000": "古林镇", "330203103219": "礼嘉桥村村委会",
    "330212000000": "鄞州区", "330212104000": "横溪镇", "330212104201": "梅溪村委会",
    "330281000000": "余姚市", "330281100000": "临山镇",
    "330282000000": "慈溪市", "330282121000": "周巷镇",
    "330282121017": "天元居委会", "330282121235": "天元村委会", "330282121236": "天潭村委会",
    "330282121237": "万寿寺村委会",
    "330282122000": "龙山镇", "330282122201": "和平村委会", "330282122202": "西门外村委会",
    "330282900000": "陆中湾街道",
    "340000000000": "安徽省", "341200000000": "阜阳市", "341226000000": "颍上县",
    "341226100000": "慎城镇", "341226101000": "龙山镇", "341226101201": "和平村委会",
    "500000000000": "重庆市", "500100000000": "市辖区", "500112000000": "渝北区",
    "500112001000": "双龙湖街道", "500113000000": "巴南区", "500113001000": "和平街道",
    "610000000000": "陕西省", "610400000000": "咸阳市", "610424000000": "乾县",
}  # fmt: skip
CIXI = "330282000000"


@pytest.fixture(scope="module")
def resolver(tmp_path_factory: pytest.TempPathFactory) -> Resolver:
    rows = [Row(code, name, _level(code)) for code, name in sorted(NAMES.items())]
    folder = tmp_path_factory.mktemp("divisions")
    build.build(
        rows, folder, "of the test", aliases=[Alias("鄞县", ("330212000000",))],
        syllables=syllables(), simplified={"鎮": "镇", "龍": "龙", "乾": "干", "慈": "慈"},
    )  # fmt: skip
    return Resolver(Index.load(folder))


def _level(code: str) -> int:
    return next(i for i, n in enumerate((2, 4, 6, 9, 12)) if set(code[n:]) <= {"0"})


def names(answer: Answer, resolver: Resolver) -> str:
    """The places of the candidates, in short."""
    found = []
    for code, _ in answer.candidates:
        node = resolver.index.find(code)
        assert node is not None
        found.append(resolver.index.name(node))
    return " ".join(found)


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("浙江省宁波市慈溪市周巷镇天潭村12组5号", "330282121236"),
        ("慈溪周巷镇", "330282121000"),
        ("宁波市周巷镇天潭村", "330282121236"),
        ("周巷镇天元社区", "330282121017"),
        ("周巷镇天元村", "330282121235"),
        ("宁波慈溪周巷天潭", "330282121236"),
        ("慈 溪 市\n周巷镇", "330282121000"),
        ("浙江省,宁波市,慈溪市,周巷镇", "330282121000"),
        ("慈溪市周巷鎮天潭村", "330282121236"),  # traditional
        ("慈溪市周巷镇天潭村１２组", "330282121236"),  # full width
        ("慈溪市周巷乡", "330282121000"),  # another kind
        ("慈溪市周巷镇天坛村", "330282121236"),  # the same sound
        ("慈溪市周巷镇万寺村", "330282121237"),  # a character is missing
        ("慈溪市洲巷镇天潭村", "330282121236"),  # the town is misspelt
        ("鄞县横溪镇", "330212104000"),  # as it was called
        ("乾县", "610424000000"),  # a character of a name is not simplified away
        ("重庆市", "500000000000"),
        ("慈溪市和平路12号", CIXI),  # a road is no village
        ("我是慈溪市人。周巷镇政府不作为。", "330282121000"),
    ],
)
def test_what_is_meant(resolver: Resolver, text: str, code: str) -> None:
    answer = resolver.locate(text)
    assert (answer.status, answer.code) == ("ok", code), answer


def test_a_town_that_was_moved_to_another_county(resolver: Resolver) -> None:
    for text, code in (
        ("鄞州区古林镇", "330203103000"),
        ("鄞州区古林镇礼嘉桥村", "330203103219"),
    ):
        answer = resolver.locate(text)
        assert (answer.status, answer.code) == ("conflict", code)


def test_what_cannot_be_told_apart_is_ambiguous(resolver: Resolver) -> None:
    answer = resolver.locate("周巷天元", CIXI)
    assert (answer.status, answer.code) == ("ambiguous", "330282121000")
    assert names(answer, resolver) in ("天元居委会 天元村委会", "天元村委会 天元居委会")
    answer = resolver.locate("龙山镇和平村")
    assert (answer.status, answer.code, answer.level) == ("ambiguous", None, None)


def test_the_office_decides_between_equals_and_not_against_the_text(resolver: Resolver) -> None:
    assert resolver.locate("龙山镇和平村", CIXI).code == "330282122201"
    assert resolver.locate("龙山镇和平村", "341226000000").code == "341226101201"
    assert resolver.locate("安徽省颍上县龙山镇和平村", CIXI).code == "341226101201"
    assert resolver.locate("颍上县慎城镇", "330282121000").code == "341226100000"


def test_where_nothing_is_named_the_office_stands_for_itself(resolver: Resolver) -> None:
    answer = resolver.locate("我们村账目不公开", "330282121000")
    assert (answer.status, answer.code, answer.level) == ("office-only", "330282121000", "town")
    assert resolver.locate("我们村账目不公开").status == "none"
    assert resolver.locate("我们村账目不公开", "999999999999").status == "none", "no such office"


def test_what_is_in_common_is_a_division_that_people_name(resolver: Resolver) -> None:
    found = [resolver.index.find(code) for code in ("500112001000", "500113001000")]
    from places.resolver import _common

    common = _common(resolver.index, [node for node in found if node is not None])
    assert common is not None and resolver.index.name(common) == "重庆市"


@pytest.mark.parametrize(
    "text",
    [
        "本人户籍地安徽省颍上县慎城镇,现反映慈溪市周巷镇天潭村占用耕地",
        "反映慈溪市周巷镇天潭村占用耕地。本人户籍:安徽省颍上县慎城镇",
        "老家在颍上县慎城镇,房屋位于慈溪市周巷镇天潭村",
    ],
)
def test_of_two_places_the_one_of_the_matter_is_meant(resolver: Resolver, text: str) -> None:
    answer = resolver.locate(text)
    assert answer.code == "330282121236"
    assert ("origin", "341226100000") in answer.roles


def test_the_spans_are_of_the_text_as_it_was_written(resolver: Resolver) -> None:
    text = "本人住慈 溪 市,周巷 镇"
    spoken = [text[begin:end] for begin, end in resolver.locate(text).spans]
    assert spoken == ["慈 溪 市", "周巷 镇"]


@pytest.mark.parametrize(
    "text",
    ["", " ", "\n\t", "\x00\x01\ufffe", "的\x00一\x00", "The quick brown fox", "12345", "。,!?", "😀", "周", "村镇乡"],
)  # fmt: skip
def test_what_names_nothing_is_none_and_never_an_error(resolver: Resolver, text: str) -> None:
    assert resolver.locate(text).status == "none"


def test_a_megabyte_is_read(resolver: Resolver) -> None:
    text = "请求 调查。" * 200_000 + "慈溪 市周巷镇"
    answer = resolver.locate(text)
    assert answer.code == "330282121000"
    assert [text[begin:end] for begin, end in answer.spans] == ["慈溪 市", "周巷镇"]
    assert resolver.locate("慈溪市周巷镇天潭村" * 100_000).code == "330282121236"


def test_an_own_code_is_given_as_the_published_one_above_it(resolver: Resolver) -> None:
    answer = resolver.locate("慈溪市陆中湾街道")
    assert answer.code == "330282900000"
    assert resolver.index.nearest_published(answer.code) == (CIXI, "county")
    assert resolver.index.nearest_published("330282121000") == ("330282121000", "town")


def test_a_bare_name_within_that_of_a_town_is_no_village(tmp_path: Path) -> None:
    rows = dict(NAMES) | {"330281100201": "周巷村委会"}
    build.build([Row(c, n, _level(c)) for c, n in sorted(rows.items())], tmp_path, "of the test")
    resolver = Resolver(Index.load(tmp_path))
    answer = resolver.locate("余姚市周巷镇")
    assert "330281100201" not in [code for code, _ in answer.candidates], answer
    assert resolver.locate("余姚市周巷村").code == "330281100201"


def test_the_automaton_meets_first_what_texts_are_full_of() -> None:
    words = build.ordered(["浒山街道", "周巷镇", "慈溪市", "慈溪"])
    assert words[-4:] == ["慈溪", "慈溪市", "周巷镇", "浒山街道"]
    assert [word[0] for word in words[:-4]] == list(build.COMMON)


def test_an_index_that_is_open_outlives_its_rebuilding(tmp_path: Path) -> None:
    """A service has it mapped: a file that is cut short under it would end the process."""
    rows = [Row(code, name, _level(code)) for code, name in sorted(NAMES.items())]
    build.build(rows, tmp_path, "before")
    opened = Resolver(Index.load(tmp_path))
    build.build(rows[:1], tmp_path, "after")
    assert opened.locate("慈溪市周巷镇天潭村").code == "330282121236"
    assert Index.load(tmp_path).version == "after"
    assert {path.name for path in tmp_path.iterdir()} == {
        "names.ac", "arrays.bin", "characters.json", "manifest.json",
    }  # fmt: skip
