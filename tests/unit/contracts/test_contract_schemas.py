"""What holds for every event of the contracts, whatever it says."""

import dataclasses
import re
from collections import Counter

import pytest

from contracts import public
from contracts.build import samples
from contracts.flows import FLOWS, sources_of
from contracts.schemas import EVENTS, EventSchema, PetitionEvent, PublicState

NEVER = frozenset(
    [
        "name",
        "phone",
        "address",
        "identity",
        "text",
        "title",
        "body",
        "reason",
        "note",
        "score",
        "risk",
        "tag",
        "label",
    ]
)
"""Words no field of a petition event may carry: persons and prose stay where they were written."""


def test_a_type_is_unique_within_a_version() -> None:
    counted = Counter((event.type, event.version) for event in EVENTS)
    assert [key for key, times in counted.items() if times > 1] == []


@pytest.mark.parametrize("event", EVENTS)
def test_publisher_is_a_service_of_the_site(event: type[EventSchema]) -> None:
    assert event.publisher in FLOWS


@pytest.mark.parametrize("event", EVENTS)
def test_a_type_has_two_words(event: type[EventSchema]) -> None:
    """Subscribers bind `*.*.33.02.#`: the path begins with the third word."""
    assert re.fullmatch(r"[a-z]+\.[a-z]+", event.type)


@pytest.mark.parametrize("event", EVENTS)
def test_every_field_must_be_said(event: type[EventSchema]) -> None:
    """A first version has no optional field: unknown is null, and is said."""
    if event.version == 1:
        assert [n for n, field in event().fields.items() if not field.required] == []


@pytest.mark.parametrize("event", [e for e in EVENTS if issubclass(e, PetitionEvent)])
def test_no_field_for_a_person(event: type[EventSchema]) -> None:
    fields = {*event().fields, *PublicState().fields}
    assert [name for name in fields if NEVER & set(name.split("_"))] == []


def test_nobody_hears_itself_or_a_stranger() -> None:
    for source, consumers in FLOWS.items():
        assert source not in consumers
        assert set(consumers) <= FLOWS.keys()


def test_sources_are_the_reverse_of_flows() -> None:
    assert sources_of("stats") == ("intake", "routing", "supervision")
    assert sources_of("console") == ()


def test_the_columns_are_the_public_state() -> None:
    fields = list(PublicState().fields)
    assert [field.name for field in dataclasses.fields(public.PublicFields)] == fields
    owned = [name for names in public.OWNED.values() for name in names]
    shared = ["number", "status", "registered_by"]
    assert sorted([*owned, *shared]) == sorted(fields), "owned by two, or by nobody till succession"


def test_the_public_state_survives_its_columns() -> None:
    for event in samples().values():
        if state := event["data"].get("petition"):
            assert public.PublicFields(**public.fields_of(state)).public() == state
