"""What abolished bodies had under way goes on to their successors, petition by petition (Art. 24)."""

from __future__ import annotations

from kit import clock
from kit.identity import Office
from kit.loop import Loop
from kit.offices import OfficeRow
from routing import handlers
from routing.app import Routing
from routing.store import Matter, left

PAGE = 100


class Succession(Loop):
    """Runs in the clock role; several may run, each petition is passed on under its lock. Looks again and
    again: an assignment may have crossed the abolition."""

    every = 2.0

    def turn(self) -> None:
        pass_on(self.container.config["APP"])


def pass_on(app: Routing) -> None:
    """Passes on whatever still names a body that was abolished."""
    now = clock.now()
    for office in [o for o in app.directory.get() if o.ended(now)]:
        _move_children(app, office)
        while numbers := _left(app, office.id):
            with app.database.unit(app.model) as unit:
                unit.open(numbers)
                for number in numbers:
                    if matter := unit.get(Matter, number):
                        handlers.pass_on(unit, matter, office.id, app.directory.get())


def _left(app: Routing, office: str) -> list[str]:
    with app.database.reading() as connection:
        return left(connection, office, PAGE)


def _move_children(app: Routing, office: Office) -> None:
    """The bodies under it stand under its one successor from now on."""
    directory = app.directory.get()
    heirs = directory.heirs(office.id, clock.now())
    below = sorted(o.id for o in directory if o.parent == office.id)
    if len(heirs) != 1 or not below:
        return
    with app.database.unit(app.model) as unit:
        unit.open(below)
        for id_ in below:
            if row := unit.get(OfficeRow, id_):
                handlers.put_office(unit, vars(row) | {"parent": heirs[0]})
    app.directory.invalidate()
