"""Every service works in its own database role, whoever the login belongs to (house.md 6)."""

from __future__ import annotations

from typing import Any

from sqlalchemy import Engine, event


def take_role(engine: Engine, role: str) -> None:
    """Has each new connection of the engine take on a role before anything else."""

    @event.listens_for(engine, "connect")
    def _take(connection: Any, _: Any) -> None:
        with connection.cursor() as cursor:
            cursor.execute(f'SET ROLE "{role}"')
        connection.commit()  # nothing to do where the connection is in autocommit mode
