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


class Directory:
    """An immutable tree of offices. A parent that is not in it belongs to a higher site."""

    def __init__(self, offices: Iterable[Office] = ()) -> None:
        self._offices = {office.id: office for office in offices}
        self._children: dict[str, list[str]] = {}
        for office in self._offices.values():
            if office.parent is not None:
                self._children.setdefault(office.parent, []).append(office.id)
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
        if self._directory is None or time.monotonic() >= self._until:
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
