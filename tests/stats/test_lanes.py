"""Spans in the rows of lanes."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from telemap.stats.lanes import native, packed, rows_of

Told = tuple[int, int, int, int]
"""Lane, start, length, and the place of the parent."""


def placed(spans: list[Told], most_rows: int = 4) -> tuple[list[int], list[tuple[int, int]], list[bool]]:
    """The order, the lane and row of each, by place, and whether it is there by force."""
    lane, start, length, parent = (np.array(column, np.int64) for column in zip(*spans, strict=True))
    order, row, is_forced = packed(lane.astype(np.int32), start, start + length, parent.astype(np.int32), most_rows)
    rows, forced = [0] * len(spans), [False] * len(spans)
    for at, own_row, own in zip(order.tolist(), row.tolist(), is_forced.tolist(), strict=True):
        rows[at], forced[at] = own_row, own
    return order.tolist(), [(one[0], own) for one, own in zip(spans, rows, strict=True)], forced


def test_spans_come_into_the_first_free_row_below_what_they_are_part_of() -> None:
    spans = [(0, 0, 100, -1), (0, 10, 10, 0), (0, 15, 10, 0), (0, 30, 10, 0), (0, 100, 10, -1), (1, 0, 5, 0)]
    _, rows, forced = placed(spans)
    assert rows == [(0, 0), (0, 1), (0, 2), (0, 1), (0, 0), (1, 0)]
    assert not any(forced)


def test_instants_take_a_place_each_and_children_at_the_same_moment_are_below() -> None:
    _, rows, _ = placed([(0, 5, 0, 2), (0, 5, 0, -1), (0, 5, 0, -1)])
    assert rows == [(0, 2), (0, 0), (0, 1)]


def test_a_child_of_another_clock_that_begins_first_is_below_its_parent() -> None:
    order, rows, _ = placed([(0, 10, 10, -1), (0, 5, 10, 0)])
    assert order == [0, 1]
    assert rows == [(0, 0), (0, 1)]


def test_what_finds_no_row_shares_the_last_one() -> None:
    _, rows, forced = placed([(0, 0, 9, -1)] * 6)
    assert sorted(rows) == [(0, 0), (0, 1), (0, 2), (0, 3), (0, 3), (0, 3)]
    assert sum(forced) == 2


@given(
    st.lists(
        st.tuples(st.integers(0, 2), st.integers(0, 30), st.integers(0, 12), st.integers(-2, 11)),
        min_size=1,
        max_size=12,
    )
)
@settings(max_examples=300)
def test_whatever_spans_there_are_none_overlaps_another_one_of_its_row(told: list[Told]) -> None:
    spans = [(lane, start, length, parent if parent < len(told) else -1) for lane, start, length, parent in told]
    order, rows, forced = placed(spans)
    assert sorted(order) == list(range(len(spans)))
    assert [spans[at][0] for at in order] == sorted(spans[at][0] for at in order)
    reached: dict[tuple[int, int], int] = {}
    for turn, at in enumerate(order):
        lane, start, length, parent = spans[at]
        is_below = parent >= 0 and spans[parent][0] == lane and order.index(parent) < turn
        first = min(rows[parent][1] + 1, 3) if is_below else 0
        free = [row for row in range(first, 4) if reached.get((lane, row), -1) <= start]
        assert (rows[at], forced[at]) == ((lane, free[0] if free else 3), not free)
        reached[rows[at]] = max(reached.get(rows[at], -1), start + max(length, 1))


@pytest.mark.skipif(native is None, reason="the kernel was not built")
@given(
    st.lists(st.tuples(st.integers(0, 3), st.integers(-9, 30), st.integers(1, 12), st.integers(-2, 40)), max_size=40),
    st.integers(1, 6),
)
def test_the_kernel_gives_the_same_rows(told: list[Told], most_rows: int) -> None:
    columns = [np.array([one[place] for one in sorted(told)], np.int64) for place in range(4)]
    lane, start, length, parent = columns
    given_ = (lane.astype(np.int32), start, start + length, parent.astype(np.int32), most_rows)
    assert native is not None
    assert native(*given_) == rows_of(*given_)


@pytest.mark.skipif(native is None, reason="the kernel was not built")
def test_the_kernel_refuses_what_is_not_of_one_length() -> None:
    assert native is not None
    none = np.empty(0, np.int32)
    for lane, most_rows in ((np.zeros(1, np.int32), 4), (none, 0), (none, 257)):
        with pytest.raises(ValueError, match="columns of one length, and 1 to 256 rows"):
            native(lane, np.empty(0, np.int64), np.empty(0, np.int64), none, most_rows)
