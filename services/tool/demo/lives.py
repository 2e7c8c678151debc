"""Lives of petitions (信访件的一生): who came with what, when, and what became of it.

One seeded random source is drawn from in order, so the same arguments give the same lives; they
are made one by one in order of registration, so a million of them need no more memory than ten
thousand.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from functools import cache
from random import Random
from typing import NamedTuple

from tool.demo.days import (
    OFFICE_SECONDS,
    Calendar,
    clock_instant,
    office_instant,
    shanghai_day,
)
from tool.demo.detours import LINKED, Detour, draw, plan_detour
from tool.demo.people import Person, invent, pick
from tool.demo.plan import Course, Step, plan
from tool.demo.rhythm import Weighted, daily_counts
from tool.demo.site import Site, Spot
from tool.demo.texts import (
    Mention,
    Scene,
    Template,
    entitle,
    greet,
    load_templates,
    mention,
    months_ago,
    recent_days,
    retell,
    write,
)

CHANNELS = {
    "letter": 0.11, "visit": 0.20, "call": 0.20, "web": 0.20, "mobile": 0.10,
    "wechat": 0.08, "mailbox": 0.06, "visit_down": 0.03, "proxy": 0.02,
}  # fmt: skip
ONLINE = frozenset({"web", "mobile", "wechat", "mailbox"})
PURPOSES = ("suggestion", "request", "enquiry", "other")
OUTCOMES = {
    "request": {"supported": 0.56, "explained": 0.30, "not_supported": 0.14},
    "suggestion": {"supported": 0.45, "explained": 0.55},
    "enquiry": {"explained": 1.0},
    "other": {"explained": 1.0},
}
RATINGS = {
    "supported": {"satisfied": 0.72, "basic": 0.23, "unsatisfied": 0.05},
    "explained": {"satisfied": 0.48, "basic": 0.36, "unsatisfied": 0.16},
    "not_supported": {"satisfied": 0.18, "basic": 0.34, "unsatisfied": 0.48},
}

LATE_ANSWERS = 0.068  # of all, requests alone; the period cuts some off, which leaves about 6%
MISSED_FORWARDING = 0.02
REPEATS = 0.095  # attempts; the first weeks have nothing to repeat, which leaves about 8%
REPEAT_AFTER = 10  # days
RATED = 0.42  # of closed first-time matters
JOINT_VISITS = 0.14  # of visits about matters that concern many
JOINT_LETTERS = 0.06
COLLECTIVE = 5  # persons from which a visit is collective (集体访)
MAX_REPRESENTATIVES = 5  # Art. 20
OTHER_OFFICE = 0.08  # go to another competent department than the usual one
LIVES_AT_PLACE = 0.85
WAVE_DAYS = 14
WAVE_SHARE = 0.12  # of the arrivals on those days
MEMORY = 3000


@dataclass(frozen=True, slots=True, kw_only=True)
class Life:
    """One petition (信访件): what registering it needs, and its steps until the period's end.

    `office` is the competent office, through the place or the category. `place` is the deepest
    division the text determines, 12 digits, or none; `mention` says how it is named
    (town_village, town, village, none). `outcome` and `rating` are set once that step is reached.
    `representatives` (joint visits only, at most five) begin with the petitioner. `repeat_of` is
    the index of the first petition in the same matter; the step `linked` says that the counter
    noticed. `detour` is what is particular about a way that does not go straight. Times are aware UTC
    instants.
    """

    index: int
    channel: str
    purpose: str
    received_at: datetime
    registered_at: datetime
    category: str
    title: str
    text: str
    mention: str
    place: str | None
    office: str
    petitioner: Person
    head_count: int
    representatives: tuple[Person, ...]
    agent: Person | None
    is_joint_visit: bool
    repeat_of: int | None
    outcome: str | None
    rating: str | None
    steps: tuple[Step, ...]
    detour: Detour | None = None

    @property
    def household_count(self) -> int | None:
        """Households that came (户数): as many as the people named have addresses. Of visits alone."""
        if self.channel not in ("visit", "visit_down"):
            return None
        return len({person.address for person in (self.petitioner, *self.representatives)})

    def at(self, kind: str) -> datetime | None:
        """When a step was reached, or none."""
        return next((step.at for step in self.steps if step.kind == kind), None)


class Matter(NamedTuple):
    """What stays the same when somebody petitions again."""

    template: Template
    spot: Spot
    place: Mention
    office: str
    petitioner: Person


class Known(NamedTuple):
    """An earlier petition that may be repeated; `number` is its index, `story` its text."""

    number: int
    day: int
    matter: Matter
    story: str


class Arrival(NamedTuple):
    """How somebody comes with a matter: by which channel, when, how many."""

    channel: str
    received_at: datetime
    registered_at: datetime
    head_count: int
    joint: bool


class Wave(NamedTuple):
    """The wave of collective visits (集体访): one matter in one place, for two weeks."""

    first: int
    last: int
    template: Template
    spot: Spot


def generate_lives(
    petitions: int, seed: int, start: date, end: date, site: Site, *, detours: bool = True
) -> Iterator[Life]:
    """Invent petitions registered from `start` to `end` (both included, Shanghai days).

    They come in order of registration and end where the period ends: what happens later is not
    told, so the youngest are open, some near their limit and some beyond it.

    Args:
        detours: whether some of them do not go straight; all else is the same with them and without.
    """
    if petitions < 0 or end < start:
        message = "petitions must not be negative, and the period must not end before it starts"
        raise ValueError(message)
    maker = _Maker(petitions, seed, start, end, site)
    maker.detours = detours
    for day, count in maker.days(petitions, start, end):
        for second in maker.moments(count):
            yield maker.life(day, second)


class _Maker:
    """Makes one life after the other, remembering just enough to make repeats."""

    def __init__(self, petitions: int, seed: int, start: date, end: date, site: Site) -> None:
        self._random = Random(seed).random
        self._aside = Random(f"detours of {seed}").random
        self.detours = True
        self._departments = [o.id for o in site.offices if o.kind == "department"]
        self._site = site
        self._calendar = Calendar(start, end)
        self._end = clock_instant(end.toordinal() + 1, 0)
        self._templates = load_templates()
        self._in_month = cache(self._weigh_templates)
        self._in_season = self._in_month(start.month)
        self._index = 0
        self._serial = seed * 1_000_003
        self._known: list[Known] = []
        self._remember = min(1.0, 4 * MEMORY / max(petitions, 1))
        self._wave = self._plan_wave(start, end)
        self._today = 0
        self._since: tuple[str, ...] = ()
        self._recent: tuple[str, ...] = ()
        weight = sum(t.weight for t in self._templates)
        requests = sum(t.weight for t in self._templates if t.purpose == "request")
        self._late = LATE_ANSWERS * weight / requests

    def days(self, petitions: int, start: date, end: date) -> Iterator[tuple[int, int]]:
        """Days (ordinals) of the period and how many petitions each registers."""
        return daily_counts(self._random, self._calendar, petitions, start, end)

    def moments(self, count: int) -> list[int]:
        """Office seconds of a day's registrations, in order."""
        return sorted(int(self._random() * OFFICE_SECONDS * 0.95) for _ in range(count))

    def life(self, day: int, second: int) -> Life:
        """The petition registered at an office second of a day."""
        random = self._random
        self._turn_to(day)
        known = self._repeated(day)
        wave = self._wave if known is None and self._joins_wave(day) else None
        matter = known.matter if known else self._new_matter(wave)
        template, place = matter.template, matter.place
        arrival = self._arrive(day, second, template, wave)
        story = self._story(arrival.channel, matter, known)
        opening = greet(random, template, arrival.channel)
        if known:
            opening += retell(random, date.fromordinal(known.day))
        rateable = known is None and wave is None
        course = self._course(matter, arrival, (day, second), rateable=rateable)
        steps = plan(random, self._calendar, course, self._end)
        outcome = _OUTCOMES[template.purpose].pick(random)
        rating = _RATINGS[outcome].pick(random)
        detour = self._detour(matter, arrival, known)
        if detour:
            steps = plan_detour(self._aside, self._calendar, course, self._end, detour.kind)
            outcome = "settled" if detour.kind == "settled" else outcome
        elif self.detours and known and self._aside() < LINKED:
            steps = _linked(steps)
        reached = {step.kind for step in steps}
        index = self._index
        self._index += 1
        if known is None:
            self._note(Known(index, day, matter, story))
        return Life(
            index=index,
            channel=arrival.channel,
            purpose=template.purpose,
            received_at=arrival.received_at,
            registered_at=arrival.registered_at,
            category=template.category,
            title=entitle(template, place, again=known is not None),
            text=opening + story,
            mention=place.kind,
            place=place.code,
            office=matter.office,
            petitioner=matter.petitioner,
            head_count=arrival.head_count,
            representatives=self._representatives(matter, arrival),
            agent=self._person(matter.spot) if arrival.channel == "proxy" else None,
            is_joint_visit=arrival.joint,
            repeat_of=known.number if known else None,
            outcome=outcome if "answered" in reached else None,
            rating=rating if "rated" in reached else None,
            steps=steps,
            detour=detour,
        )

    def _detour(self, matter: Matter, arrival: Arrival, known: Known | None) -> Detour | None:
        """First-time requests take one, some of them; a collective one is never simple."""
        if not self.detours or known or matter.template.purpose != "request":
            return None
        detour = draw(self._aside, self._departments, matter.office)
        collective = arrival.head_count >= COLLECTIVE
        return None if detour and detour.kind == "simple" and collective else detour

    def _course(
        self, matter: Matter, arrival: Arrival, registered: tuple[int, int], *, rateable: bool
    ) -> Course:
        random = self._random
        request = matter.template.purpose == "request"
        return Course(
            received=shanghai_day(arrival.received_at),
            registered=registered,
            located=matter.place.code is not None,
            request=request,
            misses_forwarding=random() < MISSED_FORWARDING,
            answers_late=request and random() < self._late,
            rated=rateable and random() < RATED,
        )

    def _arrive(self, day: int, second: int, template: Template, wave: Wave | None) -> Arrival:
        channel = "visit" if wave else _CHANNELS.pick(self._random)
        registered_at = office_instant(day, second)
        joint = wave is not None or self._is_joint(channel, template)
        return Arrival(
            channel=channel,
            received_at=self._received(channel, day, registered_at),
            registered_at=registered_at,
            head_count=self._head_count(channel, joint=joint, wave=wave),
            joint=joint,
        )

    def _turn_to(self, day: int) -> None:
        if day != self._today:
            today = date.fromordinal(day)
            self._today = day
            self._in_season = self._in_month(today.month)
            self._since = months_ago(today.year, today.month)
            self._recent = recent_days(today)

    def _weigh_templates(self, month: int) -> Weighted[Template]:
        return Weighted(self._templates, [t.weight_in(month) for t in self._templates])

    def _plan_wave(self, start: date, end: date) -> Wave:
        first = start.toordinal() + int((end - start).days * (0.45 + 0.2 * self._random()))
        template = pick(self._random, [t for t in self._templates if t.joint])
        spot = pick(self._random, self._site.spots[template.where])
        return Wave(first, first + WAVE_DAYS, template, spot)

    def _joins_wave(self, day: int) -> bool:
        return self._wave.first <= day < self._wave.last and self._random() < WAVE_SHARE

    def _repeated(self, day: int) -> Known | None:
        """An earlier matter to come back to, unless it is still too fresh."""
        if self._known and self._random() < REPEATS:
            known = pick(self._random, self._known)
            if day - known.day >= REPEAT_AFTER:
                return known
        return None

    def _note(self, known: Known) -> None:
        """Keep a sample of the requests so far: a random place in a memory of fixed size."""
        if known.matter.template.purpose != "request" or self._random() >= self._remember:
            return
        if len(self._known) < MEMORY:
            self._known.append(known)
        else:
            self._known[int(self._random() * MEMORY)] = known

    def _new_matter(self, wave: Wave | None) -> Matter:
        random = self._random
        if wave:
            template, spot = wave.template, wave.spot
        else:
            template = self._in_season.pick(random)
            spot = pick(random, self._site.spots[template.where])
        place = mention(random, spot)
        home = spot
        if spot.village is None or random() >= LIVES_AT_PLACE:
            home = pick(random, self._site.spots["village"])
        return Matter(template, spot, place, self._office(template, place), self._person(home))

    def _office(self, template: Template, place: Mention) -> str:
        """The competent office: the town where the place is, or a department by category."""
        random = self._random
        town = self._site.town_office.get(f"{place.code[:9]}000") if place.code else None
        if town and random() < template.town_share:
            return town
        if random() < OTHER_OFFICE:
            return pick(random, self._site.competent[template.category[:3]])
        return self._site.department(template.office)

    def _person(self, home: Spot) -> Person:
        self._serial += 1
        return invent(self._random, self._serial, home)

    def _representatives(self, matter: Matter, arrival: Arrival) -> tuple[Person, ...]:
        if not arrival.joint:
            return ()
        count = min(arrival.head_count, 2 + int(self._random() * (MAX_REPRESENTATIVES - 1)))
        others = (self._person(matter.spot) for _ in range(count - 1))
        return (matter.petitioner, *others)

    def _story(self, channel: str, matter: Matter, known: Known | None) -> str:
        if known:
            return known.story
        scene = Scene(self._random, matter.place.words, self._since, self._recent)
        return write(matter.template, scene, channel)

    def _received(self, channel: str, day: int, registered_at: datetime) -> datetime:
        """When it came in: letters lie for days, the web gets matters at night."""
        random = self._random
        if channel == "letter":
            earlier = self._calendar.last_working(day - 1 - int(3 * random()))
            return office_instant(earlier, int(random() * OFFICE_SECONDS))
        if channel in ONLINE:
            return registered_at - timedelta(seconds=60 + int(random() ** 2 * 20 * 3600))
        return registered_at - timedelta(seconds=180 + int(random() * 2400))

    def _is_joint(self, channel: str, template: Template) -> bool:
        return channel == "visit" and template.joint and self._random() < JOINT_VISITS

    def _head_count(self, channel: str, *, joint: bool, wave: Wave | None) -> int:
        random = self._random
        if joint:
            return COLLECTIVE + int((85 if wave else 55) * random() ** 2)
        if channel == "letter" and random() < JOINT_LETTERS:
            return COLLECTIVE + int(35 * random() ** 2)
        if channel in ("visit", "visit_down"):
            return 1 + int((COLLECTIVE - 1) * random() ** 3)
        return 1


def _linked(steps: tuple[Step, ...]) -> tuple[Step, ...]:
    """登记为重复件: at the counter, between registration and whatever comes next."""
    first, *others = steps
    room = others[0].at - first.at if others else timedelta(minutes=8)
    return (first, Step("linked", first.at + room / 2), *others)


_CHANNELS = Weighted(tuple(CHANNELS), tuple(CHANNELS.values()))
_OUTCOMES = {p: Weighted(tuple(w), tuple(w.values())) for p, w in OUTCOMES.items()}
_RATINGS = {o: Weighted(tuple(w), tuple(w.values())) for o, w in RATINGS.items()}
