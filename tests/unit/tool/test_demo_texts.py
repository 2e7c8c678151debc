"""Texts name their places as promised, and nothing else that is a place."""

from collections import Counter
from collections.abc import Iterable
from datetime import date
from random import Random

import pytest

from tool.demo.phrases import NOWHERE, SPOKEN_BY
from tool.demo.site import DATA, Site, read_rows
from tool.demo.texts import (
    MAX_TITLE,
    Mention,
    Scene,
    Template,
    compile_text,
    entitle,
    greet,
    load_templates,
    mention,
    months_ago,
    recent_days,
    tell,
    write,
)

TEMPLATES = load_templates()
TODAY = date(2024, 3, 14)


@pytest.fixture(scope="module")
def site() -> Site:
    return Site.load()


def scene(seed: int, place: str) -> Scene:
    return Scene(Random(seed).random, place, months_ago(2024, 3), recent_days(TODAY))


def names(site: Site) -> set[str]:
    return {d.spoken for d in site.divisions if d.level in ("town", "village")}


def found_in(text: str, known: Iterable[str]) -> set[str]:
    return {name for name in known if name in text}


def test_there_is_variety() -> None:
    assert len(TEMPLATES) >= 60
    assert len({t.id for t in TEMPLATES}) == len(TEMPLATES)
    assert {t.register for t in TEMPLATES} == {"rough", "plain", "formal"}
    assert {t.purpose for t in TEMPLATES} == {"request", "suggestion", "enquiry", "other"}
    assert sum(t.joint for t in TEMPLATES) >= 10


def test_each_body_names_its_place_once() -> None:
    for row in read_rows(DATA / "templates.csv"):
        assert row["body"].count("{place}") == 1, row["id"]
        assert "{place}" not in row["ask"]
        assert row["where"] in ("village", "community", "any")


@pytest.mark.parametrize("template", TEMPLATES, ids=lambda t: t.id)
def test_templates_fit_the_county(site: Site, template: Template) -> None:
    assert template.category in {c.id for c in site.categories}
    group = template.category[:3]
    assert group in site.office[site.department(template.office)].categories
    if template.town_share:
        assert all(group in site.office[o].categories for o in site.town_office.values())


@pytest.mark.parametrize("template", TEMPLATES, ids=lambda t: t.id)
@pytest.mark.parametrize("channel", ["call", "letter"])
def test_texts_are_60_to_600_characters(template: Template, channel: str) -> None:
    for seed in range(30):
        told = scene(seed, "天潭村")
        text = greet(told.random, template, channel) + write(template, told, channel)
        assert 60 <= len(text) <= 560
        assert not set("{}[]|") & set(text)
        assert len(entitle(template, Mention("town", "x" * 20, "1"), again=True)) <= MAX_TITLE


@pytest.mark.parametrize("template", TEMPLATES, ids=lambda t: t.id)
def test_texts_name_no_other_place(site: Site, template: Template) -> None:
    known = names(site)
    for seed in range(40):
        for channel in ("letter", "visit"):
            text = write(template, scene(seed, NOWHERE[0]), channel)
            assert not found_in(text, known)
        assert not found_in(template.title, known)


def test_places_are_named_as_promised(site: Site) -> None:
    random = Random(3).random
    spots = site.spots["village"]
    known = names(site)
    kinds: Counter[str] = Counter()
    for n in range(20_000):
        spot = spots[n % len(spots)]
        said = mention(random, spot)
        kinds[said.kind] += 1
        if said.kind == "none":
            assert said.code is None
            assert not found_in(said.words, known)
            continue
        deepest = site.division[str(said.code)]
        assert deepest.spoken in said.words
        assert (spot.town.name in said.words) == (said.kind != "village")
    shares = {kind: count / 20_000 for kind, count in kinds.items()}
    assert shares["town_village"] + shares["town"] == pytest.approx(0.85, abs=0.02)
    assert shares["village"] == pytest.approx(0.10, abs=0.015)
    assert shares["none"] == pytest.approx(0.05, abs=0.01)


def test_zones_are_named_without_a_village(site: Site) -> None:
    zone = next(s for s in site.spots["any"] if s.village is None)
    kinds = {mention(Random(seed).random, zone).kind for seed in range(200)}
    assert kinds == {"town", "none"}


def test_alternatives_may_hold_slots() -> None:
    parts = compile_text("共[{few}户|几户]人")
    texts = {tell(parts, scene(seed, "")) for seed in range(60)}
    assert texts == {"共3户人", "共4户人", "共5户人", "共6户人", "共几户人"}


def test_unknown_slots_are_refused() -> None:
    with pytest.raises(KeyError):
        compile_text("{nothing}")


def test_spoken_channels_begin_with_the_clerks_note() -> None:
    for channel, notes in SPOKEN_BY.items():
        assert greet(Random(1).random, TEMPLATES[0], channel) in notes


def test_dates_lie_in_the_past() -> None:
    assert months_ago(2024, 3)[0] == "今年1月"
    assert months_ago(2024, 3)[2] == "去年11月"
    assert months_ago(2024, 3)[-1] == "2021年4月"
    assert recent_days(TODAY)[0] == "3月13日"


def test_seasons_weigh() -> None:
    wages = next(t for t in TEMPLATES if t.id == "wage-1")
    assert wages.weight_in(1) > 4 * wages.weight_in(6)
