"""Lives are the same for the same seed, in order, and distributed as promised."""

import tracemalloc
from collections import Counter
from datetime import UTC, date, datetime, timedelta
from itertools import islice, pairwise

import pytest

from tool.demo import Life, Site, generate_lives, summary
from tool.demo.days import Calendar, shanghai_day
from tool.demo.detours import SHARES
from tool.demo.plan import STEPS

START, END = date(2024, 1, 1), date(2024, 12, 31)
_TO = ("registered", "located", "assigned", "signed", "accepted")
_FROM = ("answered", "served", "closed")
_REVIEW = ("review_sought", "review_decided", "review_served")
WAYS: dict[str, tuple[str, ...]] = {
    "objection_agreed": ("registered", "located", "sent_wrong", "objected", "returned", *_TO[2:], *_FROM),
    "objection_upheld": (*_TO[:3], "objected", "upheld", *_TO[3:], *_FROM),
    "declined": ("registered", "located", "declined", "notified"),
    "withdrawn": (*_TO, "withdrawn"),
    "assisted": (*_TO, "assisted", *_FROM),
    "extended": (*_TO, "extension_asked", "extended", *_FROM),
    "extension_refused": (*_TO, "extension_asked", "extension_refused", *_FROM),
    "simple": (*_TO, *_FROM),
    "settled": (*_TO, *_FROM),
    "reviewed": (*_TO, *_FROM, *_REVIEW),
    "rereviewed": (*_TO, *_FROM, *_REVIEW, *(f"re{kind}" for kind in _REVIEW)),
}  # fmt: skip
PERIOD_END = datetime(2024, 12, 31, 16, tzinfo=UTC)
COUNT = 12_000
SITE = Site.load()


@pytest.fixture(scope="module")
def lives() -> list[Life]:
    return list(generate_lives(COUNT, 7, START, END, SITE))


def test_the_same_seed_gives_the_same_lives(lives: list[Life]) -> None:
    assert list(generate_lives(COUNT, 7, START, END, SITE)) == lives
    other = list(islice(generate_lives(COUNT, 8, START, END, SITE), 100))
    assert other != lives[:100]


def test_they_come_in_order_of_registration(lives: list[Life]) -> None:
    assert [life.index for life in lives] == list(range(COUNT))
    assert all(a.registered_at <= b.registered_at for a, b in pairwise(lives))
    assert lives[0].registered_at >= datetime(2023, 12, 31, 16, tzinfo=UTC)
    assert lives[-1].registered_at < PERIOD_END


def test_steps_are_in_order_and_within_the_period(lives: list[Life]) -> None:
    for life in lives:
        kinds = [step.kind for step in life.steps if step.kind != "linked"]
        assert life.detour or kinds == [kind for kind in STEPS if kind in kinds]
        assert life.steps[0] == ("registered", life.registered_at)
        assert life.received_at < life.registered_at
        assert all(a.at < b.at for a, b in pairwise(life.steps))
        assert life.steps[-1].at < PERIOD_END
        assert all(step.at.tzinfo is UTC for step in life.steps)


def test_no_step_is_left_out(lives: list[Life]) -> None:
    for life in lives:
        way = WAYS[life.detour.kind] if life.detour else STEPS
        wanted = [k for k in way if k != "located" or life.place]
        kinds = [step.kind for step in life.steps if step.kind != "linked"]
        assert kinds == wanted[: len(kinds)]


def test_detours_change_nothing_else(lives: list[Life]) -> None:
    """Who comes with what: the bench registers the same petitions with them and without."""
    straight = generate_lives(COUNT, 7, START, END, SITE, detours=False)
    for life, other in zip(lives, straight, strict=True):
        kept = {"steps", "detour", "outcome", "rating"}
        assert all(getattr(life, n) == getattr(other, n) for n in Life.__slots__ if n not in kept)
        assert other.detour is None and "linked" not in {step.kind for step in other.steps}


def test_there_is_some_of_every_kind(lives: list[Life]) -> None:
    kinds = Counter(life.detour.kind for life in lives if life.detour)
    assert set(kinds) == set(WAYS) == set(SHARES)
    firsts = sum(life.purpose == "request" and life.repeat_of is None for life in lives)
    for kind, share in SHARES.items():
        assert 0.6 * share < kinds[kind] / firsts < 1.4 * share, kind
    linked = sum(life.at("linked") is not None for life in lives)
    repeats = sum(life.repeat_of is not None for life in lives)
    assert 0.7 < linked / repeats < 0.9
    for life in lives:
        assert life.at("linked") is None or life.repeat_of is not None
        if life.detour:
            assert life.purpose == "request" and life.repeat_of is None
            assert life.detour.other != life.office and life.rating is None
            assert life.detour.kind != "simple" or life.head_count < 5


def test_offices_work_in_office_hours(lives: list[Life]) -> None:
    calendar = Calendar(START, END)
    for life in lives:
        for step in life.steps:
            if step.kind in ("rated", "linked"):
                continue
            local = step.at + timedelta(hours=8)
            hour = local.hour + local.minute / 60
            assert 8.5 <= hour < 11.5 or 13.5 <= hour <= 17.01
            if step.kind not in ("registered", "linked"):
                assert calendar.is_working(shanghai_day(step.at))


def test_figures_of_a_year(lives: list[Life]) -> None:
    found = summary(lives, at=PERIOD_END)
    share = {
        "request": found.by_purpose["request"] / COUNT,
        "late": found.late_answers / found.by_step["answered"],
        "missed": found.missed_forwarding / COUNT,
        "repeats": found.repeats / COUNT,
        "rated": found.by_step["rated"] / found.by_step["closed"],
        "joint": found.joint_visits / found.by_channel["visit"],
        "open": found.open / COUNT,
    }
    assert 0.68 <= share["request"] <= 0.80
    assert 0.045 <= share["late"] <= 0.07
    assert 0.012 <= share["missed"] <= 0.026
    assert 0.07 <= share["repeats"] <= 0.095
    assert 0.3 <= share["rated"] <= 0.45
    assert 0.03 <= share["joint"] <= 0.12
    assert 0.05 <= share["open"] <= 0.15
    assert found.near_due > 0
    assert found.overdue > 0
    assert found.unforwarded > 0


def test_figures_add_up(lives: list[Life]) -> None:
    found = summary(lives, at=PERIOD_END)
    assert found.total == COUNT
    for counts in (
        found.by_channel, found.by_purpose, found.by_month, found.by_town,
        found.by_category, found.by_office, found.by_mention,
    ):  # fmt: skip
        assert sum(counts.values()) == COUNT
    assert sum(found.by_outcome.values()) == found.by_step["answered"]
    assert sum(found.by_rating.values()) == found.by_step["rated"]
    ended = ("closed", "withdrawn", "notified")
    assert found.open == COUNT - sum(found.by_step[kind] for kind in ended)
    assert found.by_town[""] == found.by_mention["none"]
    assert found.persons >= COUNT


def test_ids_are_the_agreed_ones(lives: list[Life]) -> None:
    found = summary(lives)
    assert set(found.by_channel) == {
        "letter", "visit", "call", "web", "mobile", "wechat", "mailbox", "visit_down", "proxy",
    }  # fmt: skip
    assert set(found.by_purpose) == {"suggestion", "request", "enquiry", "other"}
    assert set(found.by_outcome) == {"supported", "explained", "not_supported", "settled"}
    assert set(found.by_rating) == {"satisfied", "basic", "unsatisfied"}
    assert len(found.by_month) == 12
    assert set(found.by_town) - {""} == set(SITE.town_office)


def test_on_time_and_late_keep_clear_of_the_limits(lives: list[Life]) -> None:
    for life in lives:
        day = {step.kind: shanghai_day(step.at) for step in life.steps}
        if "assigned" in day:
            sent = day.get("sent_wrong", day["assigned"])
            taken = sent - shanghai_day(life.received_at)
            assert taken <= 13 or taken >= 15 + 12
        if "accepted" in day:
            assert day["accepted"] - day["assigned"] <= 15
        if "answered" in day:
            taken = day["answered"] - day["accepted"]
            assert taken <= 57 or taken >= 60 + 12
        if "closed" in day and day["answered"] - day["accepted"] <= 57:
            assert day["closed"] - day["accepted"] <= 60


def test_offices_are_competent(lives: list[Life]) -> None:
    for life in lives:
        office = SITE.office[life.office]
        assert life.category[:3] in office.categories
        if office.kind == "town":
            assert office.division == f"{str(life.place)[:9]}000"


def test_places_and_titles(lives: list[Life]) -> None:
    for life in lives:
        assert (life.place is None) == (life.mention == "none")
        if life.place:
            assert SITE.division[life.place].spoken in life.text
        assert 1 <= len(life.title) <= 40
        assert 60 <= len(life.text) <= 600


def test_repeats_are_of_the_same_person_and_matter(lives: list[Life]) -> None:
    for life in lives:
        if life.repeat_of is None:
            continue
        first = lives[life.repeat_of]
        assert first.repeat_of is None
        assert first.petitioner == life.petitioner
        assert (first.category, first.office) == (life.category, life.office)
        assert life.registered_at - first.registered_at > timedelta(days=9)
        assert life.rating is None


def test_others_are_different_people(lives: list[Life]) -> None:
    numbers = Counter(life.petitioner.id_number for life in lives if life.repeat_of is None)
    assert max(numbers.values()) == 1


def test_joint_visits_have_at_most_five_representatives(lives: list[Life]) -> None:
    joint = [life for life in lives if life.is_joint_visit]
    for life in joint:
        assert life.channel == "visit"
        assert life.head_count >= 5
        assert 2 <= len(life.representatives) <= 5
        assert life.representatives[0] == life.petitioner
    assert all(not life.representatives for life in lives if not life.is_joint_visit)
    assert all((life.agent is not None) == (life.channel == "proxy") for life in lives)


def test_one_wave_of_collective_visits(lives: list[Life]) -> None:
    matters: dict[tuple[str, str], list[Life]] = {}
    for life in lives:
        if life.is_joint_visit and life.place:
            matters.setdefault((life.category, life.place[:9]), []).append(life)
    wave = max(matters.values(), key=len)
    assert len(wave) >= 5
    busiest = Counter(shanghai_day(life.registered_at) // 14 for life in wave)
    assert sum(n for _, n in busiest.most_common(2)) >= len(wave) * 0.7


def test_weekdays_and_seasons(lives: list[Life]) -> None:
    local = [life.registered_at + timedelta(hours=8) for life in lives]
    weekend = sum(at.weekday() >= 5 for at in local) / COUNT
    assert 0.01 <= weekend <= 0.07
    months = Counter(at.month for at in local)
    assert months[2] < months[3] * 0.8


@pytest.mark.parametrize("count", [0, 1, 3, 200])
def test_small_numbers_and_a_single_day(count: int) -> None:
    day = date(2025, 3, 5)
    lives = list(generate_lives(count, 1, day, day, SITE))
    assert len(lives) == count
    assert all(shanghai_day(life.registered_at) == day.toordinal() for life in lives)


def test_bad_arguments_are_refused() -> None:
    with pytest.raises(ValueError, match="petitions"):
        next(generate_lives(-1, 1, START, END, SITE))
    with pytest.raises(ValueError, match="period"):
        next(generate_lives(1, 1, END, START, SITE))


def test_a_million_are_streamed_not_listed() -> None:
    tracemalloc.start()
    stream = generate_lives(1_000_000, 1, START, END, SITE)
    assert sum(1 for _ in islice(stream, 3000)) == 3000
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert peak < 40_000_000
