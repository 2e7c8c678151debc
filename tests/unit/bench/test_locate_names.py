"""Peers' names lead to the codes of our list, and a worker's answers come back as they were said."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.bench.locate.candidates import Candidate, CandidateError, Worker, dummy
from tests.bench.locate.judge import Case
from tests.bench.locate.names import Names
from tests.bench.locate.petitions import LONG, petitions

TABLES = {
    "provinces.csv": ["code,name", '11,"北京市"', '33,"浙江省"', '42,"湖北省"', '44,"广东省"'],
    "cities.csv": [
        "code,name,provinceCode",
        '1101,"市辖区",11', '3302,"宁波市",33', '4290,"省直辖县级行政区划",42', '4419,"东莞市",44',
    ],
    "areas.csv": [
        "code,name,cityCode,provinceCode",
        '110108,"海淀区",1101,11', '330282,"慈溪市",3302,33', '429004,"仙桃市",4290,42',
        '441900,"东莞市",4419,44',
    ],
    "streets.csv": [
        "code,name,areaCode,provinceCode,cityCode",
        '330282100,"龙山镇",330282,33,3302', '330282121,"周巷镇",330282,33,3302',
        '441900121,"虎门镇",441900,44,4419',
    ],
    "villages.csv": [
        "code,name,streetCode,provinceCode,cityCode,areaCode",
        '330282121200,"天元社区居委会",330282121,33,3302,330282',
        '330282121201,"天元村村委会",330282121,33,3302,330282',
        '330282121203,"天潭村村民委员会",330282121,33,3302,330282',
    ],
}  # fmt: skip


@pytest.fixture(scope="module")
def names(tmp_path_factory: pytest.TempPathFactory) -> Names:
    folder: Path = tmp_path_factory.mktemp("dist")
    for file, lines in TABLES.items():
        (folder / file).write_text("\n".join(lines) + "\n", encoding="utf-8")
    return Names(folder)


@pytest.mark.parametrize(
    ("path", "code", "level"),
    [
        (["浙江省", "宁波市", "慈溪市", "周巷镇", "天潭村"], "330282121203", "village"),
        (["浙江省", "宁波市", "慈溪市", "周巷乡"], "330282121000", "town"),
        (["浙江省", "宁波市", "慈溪市", "横河镇"], "330282000000", "county"),
        (["浙江省", "宁波市", "慈溪市", "周巷镇", "天元"], "330282121000", "town"),
        (["北京市", "北京市", "海淀区"], "110108000000", "county"),
        (["北京市", "市辖区", "海淀区"], "110108000000", "county"),
        (["北京市", "海淀区"], "110108000000", "county"),
        (["湖北省", None, "仙桃市"], "429004000000", "county"),
        (["广东省", "东莞市", "虎门镇"], "441900121000", "town"),
        (["浙江省", "慈溪市"], "330000000000", "province"),  # no level that is written is passed
        (["慈溪市"], None, None),
        ([], None, None),
    ],
)
def test_names_lead_down_from_the_province(
    names: Names, path: list[str | None], code: str | None, level: str | None
) -> None:
    assert names.find(path) == (code, level)


@pytest.mark.parametrize(
    ("code", "path"),
    [
        ("330282100000", "浙江省宁波市慈溪市龙山镇"),
        ("110108000000", "北京市海淀区"),
        ("429004000000", "湖北省仙桃市"),
        ("441900121000", "广东省东莞市虎门镇"),
        ("330000000000", "浙江省"),
    ],
)
def test_a_path_is_what_one_would_write(names: Names, code: str, path: str) -> None:
    assert names.path(code) == path


def test_a_worker_answers_each_text_and_says_what_it_took(names: Names) -> None:
    with Worker(dummy(), names) as worker:
        told = worker.ask([Case("慈溪市", None, None)] * 1001)
    assert [a.status for a in told.answers] == ["none"] * 1001
    assert len(told.micros) == 1001 and min(told.micros) >= 0
    assert 0 <= worker.memory_mb < 60


def test_a_worker_that_ends_says_why(names: Names) -> None:
    broken = Candidate("broken", "no such loader", dummy().python)
    with pytest.raises(CandidateError, match="no such loader"):
        Worker(broken, names)


def test_a_petition_is_long_and_keeps_address_and_expectation() -> None:
    short = [
        Case("慈溪市周巷镇", "330282121000", "town", "330282000000", "county_town"),
        Case("宁波市", "330200000000", "city", None, "city_only"),
        Case("先锋街道", None, None, None, "amb_town", True),
    ]
    found = petitions(short, 5, seed=1)
    assert len(found) == 1
    assert "慈溪市周巷镇" in found[0].text and LONG <= len(found[0].text) <= 1000
    assert (found[0].code, found[0].office) == ("330282121000", "330282000000")
    assert found == petitions(short, 5, seed=1)
