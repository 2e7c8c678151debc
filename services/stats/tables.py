"""What every table of stats belongs to."""

from __future__ import annotations

from sqlalchemy import MetaData

from kit.tables import bus_tables

metadata = MetaData(schema="stats")
bus = bus_tables(metadata)
