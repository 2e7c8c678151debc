"""Who hears whom: source → the site's own services that consume it (house.md 3 and 4)."""

from __future__ import annotations

FLOWS: dict[str, tuple[str, ...]] = {
    "intake": ("routing", "supervision", "stats"),
    "routing": ("intake", "supervision", "stats"),
    "supervision": ("intake", "routing", "stats"),
    "stats": (),
    "console": (),
}


def sources_of(consumer: str) -> tuple[str, ...]:
    """The services that `consumer` hears."""
    return tuple(source for source, consumers in FLOWS.items() if consumer in consumers)
