"""What falls due: one row an item, the next crossing in `due_at`, found by a partial index (kit.scanner)."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from kit.tables import BusTables
from kit.unit import Mapping


@dataclass
class Due:
    """One item that falls due: `kind` names the next crossing (`warn`, `miss`), `fired_at` ends it."""

    subject: str
    item: str
    kind: str
    due_at: datetime
    fired_at: datetime | None = None


def due_mapping(tables: BusTables) -> Mapping:
    """The mapping to put into a service's model."""
    return Mapping(Due, tables.due, key=("item",), subject="subject", live="fired_at IS NULL")
