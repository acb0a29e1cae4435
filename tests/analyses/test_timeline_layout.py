"""The picture of the timeline: lanes, tiles of them, and what is known of the spans in it."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator
from itertools import accumulate

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from telemap.analyses.timeline import ANALYSIS
from telemap.analyses.timeline_details import (
    DETAILS,
    LanesParams,
    MatchesParams,
    PlaceParams,
    SpansParams,
    TileParams,
    lanes,
    matches,
    place,
    spans,
    tile,
)
from telemap.analyses.timeline_layout import IS_ERROR, IS_OPEN, Layout, laid_out, layout
from telemap.analyses.timeline_pictures import TimelineLane, TimelineTile
from telemap.analyses.timeline_tiles import BUCKETS, ZOOM, levels
from telemap.analyses.timeline_tiles import lanes as lanes_of
from telemap.analyses.timeline_tiles import tile as tile_of
from telemap.analyses.timeline_tiles import tiles as tiles_of
from telemap.stats.trace_forests import UNKNOWN
from telemap.store.store import Store
from tests.analyses.conftest import call

StoreOf = Callable[..., Store]
Told = tuple[int, int, int | None, int, bool]
"""Lane, start, length, and the place of the parent; whether it failed."""
Item = tuple[int, int, int, int, float, float, int]
"""Lane, row, first number, count, start and duration in ms, flags."""


def drawn(told: list[Told]) -> Layout:
    count = len(told)
    parent = [one[3] + 1 if one[3] < count else 0 for one in told]
    return laid_out(
        {
            "key": np.arange(count, dtype=np.uint64),
            "own": np.arange(1, count + 1, dtype=np.uint64),
            "above": np.array(parent, np.uint64),
            "start": np.array([one[1] for one in told], np.int64),
            "end": np.array([UNKNOWN if one[2] is None else one[1] + one[2] for one in told], np.int64),
            "name": np.arange(count, dtype=np.int32),
            "lane": np.array([one[0] for one in told], np.int32),
            "flags": np.array([one[4] * IS_ERROR for one in told], np.uint8),
            "is_drawn": np.ones(count, np.bool_),
        },
        [f"lane {number}" for number in range(40)],
        [f"span {number}" for number in range(count)],
    )


def items(made: TimelineTile) -> Iterator[Item]:
    rows = [place for place in zip(made.lane, made.row, made.items, strict=True) for _ in range(place[2])]
    behind = list(accumulate(skip + count for skip, count in zip(made.skip, made.count, strict=True)))
    columns = zip(rows, behind, made.count, made.item_start_ms, made.item_duration_ms, made.flags, strict=True)
    for (lane, row, _), last, count, start, duration, flags in columns:
        yield lane, row, last - count, count, start, duration, flags


whole = st.lists(
    st.tuples(
        st.integers(0, 35),
        st.one_of(st.integers(0, 60), st.integers(0, 10**12)),
        st.one_of(st.none(), st.integers(0, 40), st.integers(0, 10**12)),
        st.integers(-1, 25),
        st.booleans(),
    ),
    min_size=1,
    max_size=25,
)


@given(whole)
@settings(max_examples=150)
def test_every_span_is_in_one_item_of_each_level_where_it_begins(told: list[Told]) -> None:
    layout = drawn(told)
    blocks = range(-(-len(layout.lanes) // 32))
    for level in range(min(levels(layout), 5)):
        found: Counter[int] = Counter()
        for index in range(ZOOM**level):
            for made in (tile_of(layout, "session", level, index, block) for block in blocks):
                found.update(
                    number
                    for _, _, first, count, start, _, _ in items(made)
                    if start >= 0
                    for number in range(first, first + count)
                )
        assert found == Counter(range(len(told)))


@given(whole, st.integers(0, 4), st.integers(0, 255))
@settings(max_examples=300)
def test_a_tile_has_what_lies_in_its_time_and_merges_what_begins_together(
    told: list[Told], level: int, index: int
) -> None:
    layout = drawn(told)
    index %= ZOOM**level
    begin = layout.domain[0] + index * (layout.domain[1] - layout.domain[0]) // ZOOM**level
    over = layout.domain[0] + (index + 1) * (layout.domain[1] - layout.domain[0]) // ZOOM**level
    width = max(1, -(-(over - begin) // BUCKETS))
    for block in range(-(-len(layout.lanes) // 32)):
        expected: dict[tuple[int, int], list[int]] = {}
        for row in layout.rows_of(block * 32, block * 32 + 32):
            for number in range(int(layout.row_first[row]), int(layout.row_first[row + 1])):
                start, end = int(layout.start[number]), int(layout.end[number])
                if begin <= start < over or (start < begin < end):
                    expected.setdefault((row, max(-1, (start - begin) // width)), []).append(number)
        made = tile_of(layout, "session", level, index, block)
        got = list(items(made))
        assert made.complete == all(len(numbers) == 1 for numbers in expected.values())
        assert [(lane, row, first, count, flags) for lane, row, first, count, _, _, flags in got] == [
            (layout.row_lane[row], layout.row_number[row], numbers[0], len(numbers), flags_of(layout, numbers))
            for (row, _), numbers in sorted(expected.items())
        ]
        for (_, _, _, _, start, duration, _), (_, numbers) in zip(got, sorted(expected.items()), strict=True):
            until = begin + round((start + duration) * 1e6)
            assert 0 <= layout.start[numbers[0]] - (begin + round(start * 1e6)) < max(1, width // 10 + 1)
            assert 0 <= until - max(layout.end[numbers]) < max(1, width // 10 + 1)
        if made.complete:
            assert [round(start * 1e6) + begin for *_, start, _, _ in got] == [
                layout.start[numbers[0]] for _, numbers in sorted(expected.items())
            ]


def flags_of(layout: Layout, numbers: list[int]) -> int:
    return int(np.bitwise_or.reduce(layout.flags[numbers]))


@given(whole)
def test_the_tiles_of_a_report_file_lead_to_those_that_show_every_span(told: list[Told]) -> None:
    layout = drawn(told)
    archived = set(tiles_of(layout, "session", 10**9))
    for level, index, block in archived:
        is_complete = tile_of(layout, "session", level, index, block).complete
        nearer = {(level + 1, index * ZOOM + at, block) for at in range(ZOOM)}
        assert nearer & archived == (set() if is_complete or level == levels(layout) - 1 else nearer)


def test_an_open_span_lasts_as_long_as_what_is_known_to_be_below_it() -> None:
    layout = drawn([(0, 0, None, -1, False), (0, 10, None, 0, False), (0, 20, 5, 1, True)])
    assert layout.end.tolist() == [25, 25, 25]
    assert layout.flags.tolist() == [IS_OPEN, IS_OPEN, IS_ERROR]


def test_what_overlaps_in_a_full_lane_is_counted() -> None:
    layout = drawn([(0, 0, 10, -1, False)] * 70)
    (lane,) = lanes_of(layout, "session", {}).lanes
    assert lane == TimelineLane(
        name="lane 0", first=0, rows=64, spans=70, errors=0, crowded=6, start_ms=0.0, end_ms=1e-05, code=None
    )
    (begin,) = {(made.complete, sum(made.count)) for made in [tile_of(layout, "session", 0, 0, 0)]}
    assert begin == (False, 70)


def test_nanoseconds_and_days_are_in_one_picture() -> None:
    day = 86_400 * 10**9
    layout = drawn([(0, 0, 0, -1, False), (0, 1, 0, -1, False), (0, 2, 3 * day, -1, False)])
    deepest = levels(layout) - 1
    made = tile_of(layout, "session", deepest, 0, 0)
    assert made.complete
    assert list(made.item_start_ms) == [0.0, 1e-06, 2e-06]
    assert made.item_duration_ms[2] == 3 * 86_400_000.0


def test_lanes_are_sessions_sequences_handlers_or_services(store_of: StoreOf) -> None:
    lines = [*call("price", 0, 100), *call("pay", 500, 600, "r2", "payment"), *call("price", 700, 710, "r3")]
    store = store_of(lines)
    told = {by: lanes(store, LanesParams(by)) for by in ("session", "sequence", "handler", "service")}
    assert [lane.name and lane.name.rpartition("/")[2] for lane in told["session"].lanes] == ["app.log"]
    assert [(lane.name, lane.start_ms) for lane in told["sequence"].lanes] == [("checkout", 0.0), ("payment", 500.0)]
    assert [(lane.name, lane.spans) for lane in told["handler"].lanes] == [("price", 2), ("pay", 1)]
    assert [(lane.name, lane.spans) for lane in told["service"].lanes] == [(None, told["session"].spans)]
    assert told["handler"].spans + told["handler"].left_out == told["session"].spans
    assert told["session"].names == ["cart:filled", "price", "checkout", "pay", "payment"]
    assert sum(told["session"].overview.spans) > 0


def test_a_layout_is_kept_until_the_store_is_written_to(store_of: StoreOf) -> None:
    store = store_of(call("price", 0, 100), build="1")
    before = layout(store, "session")
    assert layout(store, "session") is before
    store_of(call("pay", 0, 100), build="2")
    assert len(layout(store, "session").start) == 2 * len(before.start)


def test_all_that_is_known_of_a_span_is_told_by_its_number(store_of: StoreOf) -> None:
    store = store_of(call("price", 0, 100))
    told = spans(store, SpansParams())
    assert told.kind == ["sequence", "beat", "handler"]
    assert told.parent == [None, 0, 1]
    assert told.children == [[1], [2], []]
    assert (told.name[2], told.handler[2], told.duration_ms[2], told.self_ms) == (
        "price",
        "price",
        100.0,
        [0, 0, 100],
    )
    assert (told.line_start[2], told.line_end[2]) == (3, 4)
    assert told.row == [0, 1, 2]
    assert place(store, PlaceParams(told.trace_id[2], told.span_id[2])).numbers == [2]
    assert place(store, PlaceParams("nowhere", "none")).numbers == []
    assert spans(store, SpansParams(block=1)).span_id == []


def test_spans_are_found_by_name_and_by_failure_in_the_order_of_their_starts(store_of: StoreOf) -> None:
    store = store_of([*call("price", 0, 100), *call("pay", 50, 60, "r2"), *call("price", 200, 210, "r3")])
    found = matches(store, MatchesParams(name="price")).numbers
    assert [layout(store, "session").start[number] for number in found] == sorted(
        int(start) for start in layout(store, "session").start[found]
    )
    assert {spans(store, SpansParams()).name[number] for number in found} == {"price"}
    assert matches(store, MatchesParams(name="nothing")).count == 0
    assert matches(store, MatchesParams(failed=True)).count == 0


@pytest.mark.parametrize("lines", [[], call("price", 0, 100)])
def test_all_that_a_report_file_holds_can_be_answered(store_of: StoreOf, lines: list[tuple[int, str, str]]) -> None:
    store = store_of(lines)
    assert ANALYSIS.details is DETAILS
    asked = {name: list(detail.archived(store)) for name, detail in DETAILS.items()}
    for name, settings_ in asked.items():
        for one in settings_:
            DETAILS[name].run(store, one)
    assert LanesParams("service") in asked["lanes"]
    assert (TileParams() in asked["tile"]) == bool(lines)
    assert tile(store, TileParams(index=99, level=3)).count == []
