"""Which office must answer: the site's own rules first, then what the directory says of each office, from the
place of the matter upwards (属地管理、分级负责,谁主管、谁负责: 信访工作条例 Art. 5, 22, 24)."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date

BODY_LEVELS = ("village", "town", "county", "city", "province", "nation")
"""Levels of a body complained about, from below: 村(社区)、镇(街道)、县、市、省."""
PLACE = "@place"
"""In a rule: the office of the place (属地), wherever the matter is."""
TERRITORIAL, COMPETENT, SUPERIOR = "territorial", "competent", "superior"
"""属地, 主管, and 上一级 where the office found is the one complained about."""
PRINCIPLES = (TERRITORIAL, COMPETENT, SUPERIOR)


@dataclass(frozen=True)
class Body:
    """An office as far as its remit goes.

    Args:
        division: 12 digits; what it answers for lies in it.
        categories: its remit; what stands under one of them is in it too.
        levels: of bodies that it may answer complaints about; none: of those no higher than itself.
        parent: None where its superior is not of this site.
    """

    id: str
    kind: str
    division: str
    level: str
    categories: tuple[str, ...]
    levels: tuple[str, ...] = ()
    parent: str | None = None

    def may_judge(self, level: str | None) -> bool:
        """分级负责: whether complaints about bodies of a level are its to answer."""
        if level is None:
            return True
        if self.levels:
            return level in self.levels
        return self.level not in BODY_LEVELS[: BODY_LEVELS.index(level)]


@dataclass(frozen=True)
class Rule:
    """What the site settled itself, in words of data: which office leads and which assist.

    Args:
        division: the rule holds in it and in all that lies in it.
        category: and for it and all under it; None: for every content.
        level: of the body complained about; None: whatever it is.
        lead: an office, or `PLACE`.
        assisting: offices, or `PLACE`; `assist_days` is their time.
        valid_to: the first day on which it no longer holds.
        ground: the document that says so.
    """

    id: str
    division: str
    category: str | None
    level: str | None
    principle: str
    lead: str
    assisting: tuple[str, ...]
    assist_days: int
    valid_from: date
    valid_to: date | None
    ground: str

    def in_force(self, on: date) -> bool:
        return self.valid_from <= on and (self.valid_to is None or on < self.valid_to)

    def overlaps(self, other: Rule) -> bool:
        """Whether there is a day on which both hold."""
        return (other.valid_to is None or self.valid_from < other.valid_to) and (
            self.valid_to is None or other.valid_from < self.valid_to
        )

    @property
    def scope(self) -> tuple[str, str | None, str | None]:
        """Where it holds; two rules of one scope and day would contradict each other."""
        return self.division, self.category, self.level


@dataclass(frozen=True)
class Question:
    """Args:
    division: 12 digits, the place of the matter; "" where it is unknown.
    level: of the body complained about.
    about: that body, where it is an office of the directory.
    """

    division: str
    category: str | None
    level: str | None = None
    about: str | None = None


@dataclass(frozen=True)
class Choice:
    """The office, or None and why a person must choose.

    Args:
        rule: id of the site's rule, or the kind of office whose remit it was; or the reason.
        territorial: the office of the place (属地), whoever answers.
        competent: the one department whose remit holds the content (主管), whoever answers.
        candidates: offices that a person may choose from.
    """

    office: str | None
    rule: str
    principle: str | None = None
    territorial: str | None = None
    competent: str | None = None
    assisting: tuple[str, ...] = ()
    assist_days: int = 0
    candidates: tuple[str, ...] = ()


class Book:
    """The directory and the site's rules, as they are on one day.

    Args:
        bodies: the offices that exist.
        rules: of any day.
        parents: the category above each category.
    """

    def __init__(
        self, bodies: Iterable[Body], rules: Iterable[Rule], parents: Mapping[str, str | None]
    ) -> None:
        self._bodies = {body.id: body for body in bodies}
        self._rules = tuple(rules)
        self._parents = parents
        self._seated: dict[str, list[Body]] = {}
        for body in self._bodies.values():
            self._seated.setdefault(body.division, []).append(body)

    def find(self, asked: Question, on: date) -> Choice:
        """The office that must answer. Never one that is complained about, nor one under it."""
        wanted = self._ancestry(asked.category)
        found = self._by_rule(asked, wanted, on) or self._by_remit(asked, wanted)
        named = replace(
            found,
            territorial=self._office_of_place(asked.division),
            competent=self._department(asked, wanted),
        )
        return self._raised(named, asked.about)

    def seats(self) -> frozenset[str]:
        """Divisions between which the answer may differ: those that have an office or a rule."""
        return frozenset(self._seated) | {rule.division for rule in self._rules}

    # -- the site's rules --------------------------------------------------------------------------

    def _by_rule(self, asked: Question, wanted: Sequence[str], on: date) -> Choice | None:
        """The rule that says most exactly what was asked: by place, then content, then level."""
        places = climb(asked.division)

        def exactness(rule: Rule) -> tuple[int, int, bool]:
            content = len(wanted) - wanted.index(rule.category) if rule.category else 0
            return len(places) - places.index(rule.division), content, rule.level is not None

        fitting = [
            rule
            for rule in self._rules
            if rule.in_force(on)
            and rule.division in places
            and (rule.category is None or rule.category in wanted)
            and (rule.level is None or rule.level == asked.level)
        ]
        if not fitting:
            return None
        rule = max(fitting, key=exactness)
        lead = self._named(rule.lead, asked.division)
        if lead is None:
            return Choice(None, "rule-without-office")
        assisting = (self._named(office, asked.division) for office in rule.assisting)
        return Choice(
            lead,
            rule.id,
            rule.principle,
            assisting=tuple(dict.fromkeys(o for o in assisting if o and o != lead)),
            assist_days=rule.assist_days,
        )

    def _named(self, office: str, division: str) -> str | None:
        """An office of a rule, if it exists."""
        if office == PLACE:
            return self._office_of_place(division)
        return office if office in self._bodies else None

    # -- the directory -----------------------------------------------------------------------------

    def _by_remit(self, asked: Question, wanted: Sequence[str]) -> Choice:
        """From the place upwards, until the remit of an office holds the content."""
        for division in climb(asked.division):
            seated = [b for b in self._seated.get(division, ()) if b.may_judge(asked.level)]
            if not wanted:
                seated = [body for body in seated if body.kind == "town"]
            if found := self._nearest(seated, wanted):
                return _one_of(found)
        if asked.level and not any(body.may_judge(asked.level) for body in self._bodies.values()):
            return Choice(None, "above-site")
        return Choice(None, "no-office" if wanted else "no-category")

    @staticmethod
    def _nearest(bodies: Sequence[Body], wanted: Sequence[str]) -> list[Body]:
        """Those whose remit names the content most exactly; all of them where there is none."""
        if not wanted:
            return list(bodies)
        for category in wanted:
            if found := [body for body in bodies if category in body.categories]:
                return found
        return []

    def _office_of_place(self, division: str) -> str | None:
        """属地: the office of the town, else of what the town lies in."""
        for code in climb(division):
            seated = [body.id for body in self._seated.get(code, ()) if body.kind != "department"]
            if seated:
                return seated[0] if len(seated) == 1 else None
        return None

    def _department(self, asked: Question, wanted: Sequence[str]) -> str | None:
        """主管: the one department whose remit holds the content."""
        for division in climb(asked.division):
            seated = [b for b in self._seated.get(division, ()) if b.kind == "department"]
            if wanted and (found := self._nearest(seated, wanted)):
                return found[0].id if len(found) == 1 else None
        return None

    # -- one level up ------------------------------------------------------------------------------

    def _raised(self, found: Choice, about: str | None) -> Choice:
        """Nobody answers complaints about itself, or about an office above it: its superior does."""
        if about is None:
            return found
        free = replace(
            found,
            assisting=tuple(o for o in found.assisting if not self._under(o, about)),
            candidates=tuple(o for o in found.candidates if not self._under(o, about)),
        )
        if found.office is None or not self._under(found.office, about):
            return free
        # one that stands above and under it, in faulty data, is none
        above = next((o for o in self._above(about) if not self._under(o, about)), None)
        if above is None:
            return replace(free, office=None, rule="accused-top", principle=None)
        assisting = tuple(office for office in free.assisting if office != above)
        return replace(free, office=above, principle=SUPERIOR, assisting=assisting)

    def _under(self, office: str, about: str) -> bool:
        return office == about or about in self._above(office)

    def _above(self, office: str) -> Iterator[str]:
        seen = {office}
        body = self._bodies.get(office)
        while body and body.parent in self._bodies and body.parent not in seen:
            seen.add(body.parent)
            yield body.parent
            body = self._bodies[body.parent]

    def _ancestry(self, category: str | None) -> list[str]:
        found: list[str] = []
        while category and category not in found:
            found.append(category)
            category = self._parents.get(category)
        return found


def _one_of(found: Sequence[Body]) -> Choice:
    if len(found) > 1:
        return Choice(
            None, "several-departments", candidates=tuple(sorted(body.id for body in found))
        )
    principle = COMPETENT if found[0].kind == "department" else TERRITORIAL
    return Choice(found[0].id, found[0].kind, principle)


def climb(division: str) -> list[str]:
    """A division and all it lies in, from below: 330282104201 → …104201, …104000, 330282000000, …"""
    codes = [division[:width].ljust(12, "0") for width in (12, 9, 6, 4, 2)]
    return list(dict.fromkeys(codes)) if division else []


@dataclass(frozen=True)
class Gap:
    """A question to which the book has no one answer, and why."""

    asked: Question
    why: str
    candidates: tuple[str, ...]


def gaps(
    book: Book, divisions: Iterable[str], categories: Iterable[str], on: date
) -> Iterator[Gap]:
    """Every (place, content, level of the body complained about) for which a person must choose.

    Args:
        divisions: the site's; between two that lie in the same seat of an office the answer is the same, and
            the first speaks for all.
    """
    seats, categories = book.seats(), list(categories)
    first: dict[str, str] = {}
    for division in divisions:
        seat = next((code for code in climb(division) if code in seats), "")
        first.setdefault(seat, division)
    for division in first.values():
        for category in categories:
            for level in (None, *BODY_LEVELS):
                asked = Question(division, category, level)
                found = book.find(asked, on)
                if found.office is None:
                    yield Gap(asked, found.rule, found.candidates)
