"""What a handler is given beside its unit: how to seal, which days are worked, who stands above whom."""

from __future__ import annotations

from dataclasses import dataclass

from kit.identity import Directory
from kit.vault import Vault
from supervision.domain.calendar import Calendar


@dataclass(frozen=True)
class Means:
    """The means of one command."""

    vault: Vault
    calendar: Calendar
    directory: Directory
