"""The offices of a site as a tree, held in memory and read afresh every few seconds."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime

# Kinds of office that forward to and supervise the offices under them: the petition bureau, and a
# town's petition office (信访工作条例 Art. 22, 40).
PETITION_KINDS = frozenset({"petition_office", "town"})


@dataclass(frozen=True, slots=True)
class Office:
    """One office, as `office.changed` describes it.

    Args:
        id: never reused.
        parent: the office above, None at the top of a site.
        division: 12-digit division code it answers for.
        categories: codes of the matters in its remit.
        valid_from, valid_to: instants in UTC, half open; `valid_to` None while it exists.
        successors: of a body that was split, merged or abolished (Art. 24), ids.
        body_levels: of bodies that it may answer complaints about; none: of those no higher than itself.
        address, phone, hours: where and when it can be reached (Art. 18: published).
        threshold: how sure a reading must be for what it registers to be assigned by rule, 0 to 1; 0: never;
            None: as routing has it.
    """

    id: str
    name: str
    short_name: str
    parent: str | None
    division: str
    level: str
    kind: str
    categories: tuple[str, ...] = ()
    valid_from: datetime | None = None
    valid_to: datetime | None = None
    successors: tuple[str, ...] = ()
    body_levels: tuple[str, ...] = ()
    address: str | None = None
    phone: str | None = None
    hours: str | None = None
    threshold: float | None = None

    def ended(self, at: datetime) -> bool:
        """Whether it was abolished by then."""
        return self.valid_to is not None and self.valid_to <= at

    def existed(self, since: datetime, until: datetime) -> bool:
        """Whether it was there at any time from `since` until just before `until`."""
        return not self.ended(since) and (self.valid_from is None or self.valid_from < until)


class Directory:
    """An immutable tree of offices. A parent that is not in it belongs to a higher site."""

    def __init__(self, offices: Iterable[Office] = ()) -> None:
        self._offices = {office.id: office for office in offices}
        self._children: dict[str, list[str]] = {}
        for office in self._offices.values():
            if office.parent is not None:
                self._children.setdefault(office.parent, []).append(office.id)
        self._before: dict[str, list[str]] = {}
        for office in self._offices.values():
            for heir in office.successors:
                self._before.setdefault(heir, []).append(office.id)
        self._below: dict[str, frozenset[str]] = {}

    def __len__(self) -> int:
        return len(self._offices)

    def __iter__(self) -> Iterator[Office]:
        return iter(self._offices.values())

    def __contains__(self, id: object) -> bool:
        return id in self._offices

    def get(self, id: str | None) -> Office | None:
        """The office, or None if this site does not know it."""
        return self._offices.get(id) if id is not None else None

    def root(self) -> Office | None:
        """The site's own petition office: the one with nobody above it here. None before set-up."""
        tops = (o for o in self if o.parent is None or o.parent not in self)
        return next((o for o in tops if o.kind == "petition_office"), None)

    def ancestors(self, id: str) -> tuple[str, ...]:
        """Every office above, nearest first; the last may belong to a higher site."""
        above: list[str] = []
        office = self.get(id)
        while office and office.parent and office.parent != id and office.parent not in above:
            above.append(office.parent)
            office = self.get(office.parent)
        return tuple(above)

    def superiors(self, id: str, at: datetime) -> tuple[str, ...]:
        """Those of `ancestors` that are this site's own, and still exist."""
        above = (self.get(office) for office in self.ancestors(id))
        return tuple(office.id for office in above if office and not office.ended(at))

    def named(self, id: str) -> str:
        """Its short name, or the id where the directory does not know it."""
        office = self.get(id)
        return office.short_name if office else id

    def heirs(self, id: str, at: datetime) -> tuple[str, ...]:
        """Who goes on for a body that was abolished: its successors that still exist, or theirs."""
        found: list[str] = []
        seen, open_ = {id}, [id]
        while open_:
            office = self.get(open_.pop(0))
            for heir in (self.get(h) for h in office.successors) if office else ():
                if heir is None or heir.id in seen:
                    continue
                seen.add(heir.id)
                (open_ if heir.ended(at) else found).append(heir.id)
        return tuple(found)

    def predecessors(self, id: str, *, sole: bool = False) -> frozenset[str]:
        """The bodies that it, or one that it succeeded, succeeded; `sole`: where nobody else did."""
        found: set[str] = set()
        open_ = [id]
        while open_:
            for before in self._before.get(open_.pop(), ()):
                alone = not sole or len(self._offices[before].successors) == 1
                if alone and before not in found:
                    found.add(before)
                    open_.append(before)
        return frozenset(found - {id})

    def lineage(self, id: str) -> frozenset[str]:
        """Itself, everything above it, and every body that one of these succeeded, with all above that:
        whoever is barred as one of them is barred still (Art. 30)."""
        found: set[str] = set()
        open_ = [id]
        while open_:
            one = open_.pop()
            if one not in found:
                found.add(one)
                open_ += [*self.ancestors(one)[:1], *self._before.get(one, ())]
        return frozenset(found)

    def descendants(self, id: str) -> frozenset[str]:
        """Every office below, without itself."""
        if id not in self._below:
            self._below[id] = frozenset(self._walk(id) - {id})
        return self._below[id]

    def under(self, id: str, other: str) -> bool:
        """Whether `id` is `other` or lies anywhere below it."""
        return id == other or other in self.ancestors(id)

    def _walk(self, id: str) -> set[str]:
        # a set, so that a circle in faulty data ends instead of hanging every request
        seen: set[str] = set()
        open_ = [id]
        while open_:
            office = open_.pop()
            if office not in seen:
                seen.add(office)
                open_.extend(self._children.get(office, ()))
        return seen


class DirectoryCache:
    """The current directory, loaded at most once in `ttl` seconds, and after `invalidate()`.

    An empty one is not kept: the site is being set up, and what comes next needs its offices.

    Args:
        load: reads all offices, for instance from the projection in the service's own schema.
        ttl: seconds (monotonic, so that a shifted test clock does not matter).
    """

    def __init__(self, load: Callable[[], list[Office]], ttl: float = 5.0) -> None:
        self._load = load
        self._ttl = ttl
        self._until = 0.0
        self._directory: Directory | None = None

    def get(self) -> Directory:
        """The directory, at most `ttl` seconds old. Errors: those of `load`."""
        if not self._directory or time.monotonic() >= self._until:
            self._directory = self._reload()
        return self._directory

    def invalidate(self) -> None:
        """The next `get()` loads anew."""
        self._until = 0.0

    def _reload(self) -> Directory:
        # set first: requests arriving meanwhile keep the old tree, and an invalidate() is not lost
        self._until = time.monotonic() + self._ttl
        try:
            return Directory(self._load())
        except BaseException:
            self._until = 0.0
            raise
