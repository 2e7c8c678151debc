"""终结: the end of the way."""

from __future__ import annotations

from datetime import datetime

from kit.unit import Unit
from supervision.duties import void_way
from supervision.handlers.steps import publish
from supervision.store import Case


def finish(unit: Unit, case: Case, reason: str, at: datetime) -> None:
    """No step leads on any more, save new facts (a new matter) or a follow-up that reopens it. What somebody
    demanded or promised, the report of an urgent matter, and the follow-up are still owed.

    A declined petition keeps its status: it was never accepted. Emits petition.final.
    """
    void_way(unit, case, at)
    if reason != "declined":
        case.handled("final")
    case.final_at, case.final_reason = at, reason
    publish(unit, case, "petition.final", {"cause": reason}, at)
