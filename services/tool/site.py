"""Sets a site up: its divisions, categories and directory of offices, from files."""

from __future__ import annotations

from typing import cast

from intake import codes
from intake.codes import Code
from kit.app import App
from kit.offices import OfficeRow
from routing import handlers, rulebook
from routing.app import Routing
from routing.store import MODEL, CategoryRow, DivisionRow, put
from stats import categories as names
from tool.demo import Site
from tool.demo.site import RULES


def load_codes(app: App, site: Site) -> None:
    """Tells intake which places and categories there are. `app` is intake's."""
    with app.database.connection() as connection:
        codes.put(connection, codes.DIVISION, [Code(d.code) for d in site.divisions])
        codes.put(connection, codes.CATEGORY, [Code(c.id, c.parent) for c in site.categories])


def load_names(app: App, site: Site) -> None:
    """Tells stats what categories are called. `app` is stats'."""
    with app.database.connection() as connection:
        names.put(connection, ((c.id, c.parent, c.name) for c in site.categories))


def load_directory(app: App, site: Site) -> int:
    """Writes divisions and categories, and every office as a change of the directory.

    Args:
        app: routing's.
    Returns how many offices changed; each emits office.changed.
    """
    with app.database.connection() as connection:
        put(
            connection,
            [DivisionRow(d.code, d.name, d.level, d.statistical_only) for d in site.divisions],
        )
        put(
            connection,
            [CategoryRow(c.id, c.parent, c.name, c.source_code) for c in site.categories],
        )
    with app.database.unit(MODEL) as unit:
        unit.open([office.id for office in site.offices])
        for o in site.offices:
            known = unit.get(OfficeRow, o.id)
            if known is not None and known.valid_to is not None:
                continue  # a file of before does not bring an abolished body back
            row = OfficeRow(
                o.id, o.name, o.short_name, o.parent, o.division, o.level, o.kind,
                list(o.categories), None, None, body_levels=list(o.body_levels), address=o.address,
                phone=o.phone, hours=o.hours,
            )  # fmt: skip
            if known is not None:
                row.threshold = known.threshold
            handlers.put_office(unit, vars(row))
    _load_rules(app)
    return len(unit.changes.events)


def _load_rules(app: App) -> None:
    """The county's rules of competence; those that the site has of its own stay."""
    routing = cast(Routing, app)
    with routing.database.reading() as connection:
        if rulebook.current(connection).version:
            return
    write = routing.written("rules", RULES.read_bytes(), RULES.name, "demo")
    with routing.database.unit(MODEL) as unit:
        write(unit)
    routing.forget()
