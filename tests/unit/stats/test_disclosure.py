"""公开口径: no small cell can be reckoned out of what is told, not even by who knows the rule."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import product

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from stats.domain.disclosure import Cells, hidden, parts, sensitive, small

MOST = 9
cells = st.integers(0, MOST)
counts = st.lists(st.tuples(cells), max_size=4)
compared = st.lists(st.tuples(cells, cells), max_size=3)
wide = st.lists(st.tuples(*[st.integers(0, 40)] * 3), max_size=12)


@pytest.mark.parametrize(("n", "is_small"), [(0, False), (1, True), (4, True), (5, False)])
def test_fewer_than_five_are_told_to_nobody(n: int, is_small: bool) -> None:
    assert small(n) == is_small


@pytest.mark.parametrize(
    ("rows", "places", "total"),
    [
        ([(8,), (100,), (0,)], set(), False),
        ([(3,), (100,)], {0, 1}, False),  # 103 less 100
        ([(3,), (100,), (20,)], {0, 2}, False),
        ([(3,), (20,), (20,), (100,)], {0, 1, 2}, False),  # which of the twenties must not tell
        ([(1,), (2,), (30,), (50,)], {0, 1, 2}, False),  # the two come to three
        ([(3,), (2,), (30,)], {0, 1}, False),  # five, and nobody knows whose
        ([(4,), (4,), (30,), (50,)], {0, 1, 2}, False),  # the two come to eight, so both have four
        ([(1,)] * 5 + [(30,), (50,)], {0, 1, 2, 3, 4, 5}, False),
        ([(3,)], {0}, True),
        ([(3,), (0,)], {0}, True),
        ([(2,), (2,), (0,)], {0, 1}, True),
        ([(3,), (3,), (0,)], {0, 1}, True),  # nothing else to hide
        ([(40, 3), (9, 50), (60, 60)], {0, 1}, False),  # a year ago there were three
        ([(40, 3), (50, 0), (60, 0)], {0}, True),  # all three of a year ago were here
        ([], set(), False),
    ],
)  # fmt: skip
def test_what_is_hidden(rows: list[Cells], places: set[int], total: bool) -> None:
    assert hidden(rows) == (places, total)


def test_the_rest_of_a_rate_is_told_by_it() -> None:
    assert parts(49, 50, within=True) == (49, 50, 1) and sensitive(parts(49, 50, within=True))
    assert not sensitive(parts(49, 50, within=False)), "49 days of 50 cases leave nobody over"
    assert parts(7, None, within=False) == (7, 0, 0) and parts(None, None, True) == (0, 0, 0)


@given(wide)
def test_at_least_two_cells_are_hidden_or_none(rows: list[Cells]) -> None:
    places, total = hidden(rows)
    assert len(places) + total != 1
    assert all(i in places for i, row in enumerate(rows) if sensitive(row))
    if not total:
        sums = [sum(rows[i][c] for i in places) for c in range(3)]
        assert not any(map(small, sums)), "what is hidden together is no small cell either"
        assert not sensitive(tuple(map(sum, zip(*rows, strict=True))))


def worlds(rows: list[Cells]) -> Iterator[list[Cells]]:
    """Every table that looks the same when it is told, by the same rule."""
    places, total = hidden(rows)
    sums = [sum(column) for column in zip(*rows, strict=True)]
    width = len(rows[0])
    for guess in product(product(range(MOST + 1), repeat=width), repeat=len(places)):
        found = list(rows)
        for place, row in zip(sorted(places), guess, strict=True):
            found[place] = row
        same = total or [sum(column) for column in zip(*found, strict=True)] == sums
        if same and hidden(found) == (places, total):
            yield found


def assert_nothing_is_reckoned(rows: list[Cells]) -> None:
    places, _ = hidden(rows)
    open_ = {(i, c) for i in places for c, n in enumerate(rows[i]) if small(n)}
    for world in worlds(rows) if open_ else ():
        open_ -= {(i, c) for i, c in open_ if world[i][c] != rows[i][c]}
        if not open_:
            return
    assert not open_, "the only table that looks like this has these small cells"


@settings(max_examples=60, deadline=None)
@given(counts)
def test_no_small_count_is_reckoned(rows: list[Cells]) -> None:
    assert_nothing_is_reckoned(rows)


@settings(max_examples=30, deadline=None)
@given(compared)
def test_no_small_count_with_a_base_is_reckoned(rows: list[Cells]) -> None:
    assert_nothing_is_reckoned(rows)
