"""What is counted for each edition, whoever of the office asks."""

from __future__ import annotations

from kit.identity import Directory, Office, Reach
from stats.domain.editions import OPEN, OWN


def reaches(office: Office, directory: Directory) -> dict[str, Reach]:
    """What each edition of an office's figures counts."""
    return {OWN: reach_of(office, directory), OPEN: open_reach(directory)}


def reach_of(office: Office, directory: Directory) -> Reach:
    """What an office counts, whoever of its people asks: all but what it is barred from."""
    return Reach(everything=True, chain=directory.lineage(office.id))


def open_reach(directory: Directory) -> Reach:
    """What everybody may count: nothing that any office is barred from."""
    return Reach(everything=True, chain=frozenset(office.id for office in directory))
