"""An event on the wire: what is written is read again, and nothing else is read."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta, timezone
from typing import Any

import orjson
import pytest
from hypothesis import given
from hypothesis import strategies as st

from kit import envelope
from kit.envelope import Event, Unreadable, decode, encode, read_after, write_after

TIME = datetime(2026, 3, 4, 5, 6, 7, 89, tzinfo=UTC)
NAMES = st.from_regex(r"[a-z]{1,12}", fullmatch=True)
SHORT = st.text(
    st.characters(categories=["L", "N", "P"], max_codepoint=0x2FFFF), min_size=1, max_size=40
)
TEXT = st.text(st.characters(exclude_categories=["Cs"]), max_size=30)
EVENTS = st.builds(
    Event,
    id=st.builds(envelope.new_id),
    type=SHORT,
    source=NAMES,
    site=st.from_regex(r"[0-9]{2,12}", fullmatch=True),
    subject=SHORT,
    time=st.datetimes(datetime(1990, 1, 1), timezones=st.just(UTC)),
    sequence=st.integers(1, envelope.MAX_SEQUENCE),
    data=st.dictionaries(TEXT, TEXT | st.none() | st.integers(-(2**53), 2**53), max_size=4),
    after=st.dictionaries(NAMES, st.integers(1, 2**31), max_size=3),
    traceparent=st.none() | SHORT,
    version=st.integers(1, 99),
    sealed=st.booleans(),
)


def body(**changes: Any) -> dict[str, Any]:
    """A good event as an object, with some members changed (or, if `...`, left out)."""
    event = Event("id-1", "thing.happened", "intake", "330282", "n1", TIME, 1, {"a": 1})
    raw = orjson.loads(encode(event)) | changes
    return {name: value for name, value in raw.items() if value is not ...}


@given(EVENTS)
def test_what_is_written_is_read_again(event: Event) -> None:
    assert decode(encode(event)) == event


def test_it_is_a_cloudevent() -> None:
    event = Event(
        "id-1", "thing.happened", "intake", "330282", "n1", TIME, 3, {"a": 1},
        after={"routing": 5, "intake": 3}, traceparent="00-x", version=2, sealed=True,
    )  # fmt: skip
    assert orjson.loads(encode(event)) == {
        "specversion": "1.0",
        "id": "id-1",
        "source": "/330282/intake",
        "type": "thing.happened",
        "subject": "n1",
        "time": "2026-03-04T05:06:07.000089Z",
        "datacontenttype": "application/json",
        "dataschema": "/schemas/thing.happened/2",
        "sequence": 3,
        "after": "intake:3 routing:5",
        "data": {"a": 1},
        "traceparent": "00-x",
        "sealed": True,
    }


def test_what_is_not_there_is_not_written() -> None:
    assert {"traceparent", "sealed"}.isdisjoint(body())


def test_time_is_read_as_utc_from_any_offset() -> None:
    there = TIME.astimezone(timezone(timedelta(hours=8)))
    read = decode(orjson.dumps(body(time=there.isoformat())))
    assert read.time == TIME and read.time.tzinfo is UTC


def test_members_of_a_later_release_are_ignored() -> None:
    assert decode(orjson.dumps(body(newer={"x": 1}))) == decode(orjson.dumps(body()))


@pytest.mark.parametrize(
    "changes",
    [
        {"specversion": "0.3"},
        {"specversion": ...},
        {"id": ...},
        {"id": ""},
        {"id": 7},
        {"id": "x" * 129},
        {"id": "a\x00b"},
        {"type": None},
        {"type": "a\nb"},
        {"subject": "n\x00"},
        {"subject": ["n"]},
        {"source": "intake"},
        {"source": "/330282/intake/x"},
        {"source": "x/330282/intake"},
        {"source": "/330282/"},
        {"source": 7},
        {"time": ...},
        {"time": "yesterday"},
        {"time": "2026-03-04T05:06:07"},
        {"time": "9999-12-31T23:59:59-12:00"},
        {"time": 7},
        {"sequence": 0},
        {"sequence": -1},
        {"sequence": True},
        {"sequence": 1.0},
        {"sequence": "1"},
        {"sequence": 2**31},
        {"after": "intake"},
        {"after": "intake:x"},
        {"after": "in take:1"},
        {"after": {"intake": 1}},
        {"after": None},
        {"dataschema": "x"},
        {"dataschema": "/schemas/thing.happened/x"},
        {"dataschema": ...},
        {"data": ...},
        {"data": []},
        {"data": None},
        {"traceparent": 7},
    ],
)
def test_a_wrong_member_is_unreadable(changes: dict[str, Any]) -> None:
    with pytest.raises(Unreadable):
        decode(orjson.dumps(body(**changes)))


@pytest.mark.parametrize("raw", [b"", b"{", b"[]", b"null", b"\xff\xfe", b"1", b'"x"', b"[" * 5000])
def test_what_is_no_object_is_unreadable(raw: bytes) -> None:
    with pytest.raises(Unreadable):
        decode(raw)


def test_a_body_too_large_is_unreadable() -> None:
    raw = orjson.dumps(body(data={"a": "x" * envelope.MAX_BYTES}))
    with pytest.raises(Unreadable, match="larger"):
        decode(raw)


JSON = st.recursive(
    st.none() | st.booleans() | st.integers(-(2**63), 2**63) | st.floats() | TEXT,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(TEXT, inner, max_size=3),
    max_leaves=5,
)


@given(st.dictionaries(st.sampled_from(sorted(body())), JSON, max_size=4))
def test_reading_raises_nothing_but_unreadable(changes: dict[str, Any]) -> None:
    """Whatever stands in a member: an event, or Unreadable; the consumer counts on it."""
    try:
        event = decode(orjson.dumps(body(**changes)))
    except Unreadable:
        return
    assert event.time.tzinfo is UTC and 1 <= event.sequence <= envelope.MAX_SEQUENCE
    assert "\x00" not in event.id + event.type + event.subject + event.source + event.site
    encode(event)


@given(st.binary(max_size=60))
def test_bytes_raise_nothing_but_unreadable(raw: bytes) -> None:
    with pytest.raises(Unreadable):
        decode(raw)


@given(st.dictionaries(NAMES, st.integers(0, 2**40), max_size=5))
def test_after_is_read_as_written(after: dict[str, int]) -> None:
    assert read_after(write_after(after)) == after


def test_ids_sort_by_time() -> None:
    ids = [envelope.new_id() for _ in range(50)]
    assert ids == sorted(ids) and len(set(ids)) == 50
