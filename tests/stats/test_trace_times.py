"""Self times and critical paths: examples with known answers, and what holds of any."""

from __future__ import annotations

import random

import numpy as np
import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from telemap.stats import trace_times as module
from telemap.stats.trace_forests import LOST_PARENT, NO_PARENT, UNKNOWN
from telemap.stats.trace_times import TraceTimes, trace_times
from tests.stats.trace_oracle import Span, bounds, covered, reading, spans, without_parent

ROOT = without_parent(0, 100)


def ranges(made: list[Span]) -> list[tuple[int, int]]:
    """Least and most time on the path of each."""
    times = trace_times(spans(made))
    return list(zip(times.least_ns.tolist(), times.most_ns.tolist(), strict=True))


@st.composite
def traces(draw: st.DrawFn) -> list[Span]:
    times = st.integers(0, 14)
    made = []
    for place in range(draw(st.integers(1, 12))):
        parent = draw(st.sampled_from([NO_PARENT, LOST_PARENT, *range(place)]) if place else st.just(NO_PARENT))
        start, end = draw(times), draw(times)
        if draw(st.integers(0, 3)):
            start, end = sorted((start, end))
        made.append(Span(parent, start, draw(st.sampled_from([end, end, end, end, UNKNOWN])), draw(st.booleans())))
    return made


@given(traces())
def test_self_time_is_what_the_union_of_the_children_leaves(made: list[Span]) -> None:
    times = trace_times(spans(made))
    assert times.covered_ns.tolist() == covered(made)
    forest = times.forest
    assert all(times.covered_ns <= np.where(forest.is_timed, forest.whole_end - forest.whole_start, 0))


@given(traces())
def test_the_path_is_the_one_of_the_definition(made: list[Span]) -> None:
    assert dict(enumerate(ranges(made))) == bounds(made)


@given(traces(), st.integers())
@example([without_parent(0, 9), Span(0, 0, 6), Span(0, 4, 9), Span(1, 0, 5), Span(1, 1, 6)], 0)
def test_every_reading_lies_within_what_is_told(made: list[Span], seed: int) -> None:
    times, read = trace_times(spans(made)), reading(made, random.Random(seed))
    for place, told in enumerate(ranges(made)):
        assert told[0] <= read[place] <= told[1]
        if not times.is_ambiguous[times.path[place]]:
            assert told == (read[place], read[place])


@given(traces())
def test_times_on_a_path_add_up_to_its_length(made: list[Span]) -> None:
    times = trace_times(spans(made))
    for first in np.flatnonzero(times.forest.is_timed & (times.path == np.arange(len(made)))).tolist():
        least, most = (int(column[times.path == first].sum()) for column in (times.least_ns, times.most_ns))
        length = int(times.forest.end[first] - times.forest.start[first])
        assert least <= length <= most
        assert (least == most) is not bool(times.is_ambiguous[first])


@given(traces(), st.randoms())
def test_the_order_of_spans_does_not_matter(made: list[Span], draw: random.Random) -> None:
    places = draw.sample(range(len(made)), len(made))
    place_of = {old: new for new, old in enumerate(places)} | {NO_PARENT: NO_PARENT, LOST_PARENT: LOST_PARENT}
    moved = [
        Span(place_of[made[old].parent], made[old].start, made[old].end, made[old].is_asynchronous) for old in places
    ]
    assert ranges(moved) == [ranges(made)[old] for old in places]


@given(traces())
def test_pieces_of_any_size_give_the_same(made: list[Span]) -> None:
    with pytest.MonkeyPatch.context() as patch:
        whole = ranges(made)
        for size in (1, 2, 3):
            patch.setattr("telemap.stats.trace_times.MOST_AT_ONCE", size)
            patch.setattr("telemap.stats.trace_forests.MOST_AT_ONCE", size)
            assert ranges(made) == whole
    assert module.MOST_AT_ONCE > 3


@pytest.mark.parametrize(
    ("children", "on_path"),
    [
        ([Span(0, 0, 50), Span(0, 50, 100)], [(0, 0), (50, 50), (50, 50)]),  # back to back
        ([Span(0, 0, 49), Span(0, 50, 100)], [(1, 1), (49, 49), (50, 50)]),
        ([Span(0, 0, 51), Span(0, 50, 100)], [(0, 50), (0, 50), (50, 50)]),  # overlap by one
        ([Span(0, 10, 30), Span(0, 10, 90), Span(0, 12, 40)], [(20, 20), (0, 0), (80, 80), (0, 0)]),  # gathered
        ([Span(0, 10, 90), Span(0, 10, 90)], [(20, 100), (0, 80), (0, 80)]),  # which ended last?
        ([Span(0, 10, 40), Span(0, 60, 160)], [(30, 30), (30, 30), (40, 40)]),  # outlives its parent
        ([Span(0, 20, 60, True)], [(60, 100), (0, 40)]),  # was it waited for?
        ([Span(0, 20, 60, True), Span(0, 10, 70)], [(40, 40), (0, 0), (60, 60)]),  # it did not matter
        ([Span(0, 20, 160, True)], [(100, 100), (140, 140)]),  # it was not
        (  # below one of which any part may be on the path, calls take their time surely only where they are alone
            [Span(0, 0, 60), Span(0, 50, 100), Span(1, 5, 25), Span(1, 30, 50), Span(1, 40, 60)],
            [(0, 50), (0, 40), (50, 50), (0, 20), (0, 20), (0, 10)],
        ),
    ],
)
def test_paths_that_are_known(children: list[Span], on_path: list[tuple[int, int]]) -> None:
    assert ranges([ROOT, *children]) == on_path


def test_what_is_gathered_twice_is_on_the_path_with_the_slowest_of_each_time() -> None:
    first = [Span(0, 0, end) for end in (10, 40, 30)]
    second = [Span(0, 45, end) for end in (50, 60, 100)]
    within = [Span(2, 0, 25), Span(2, 25, 40), Span(6, 50, 95)]
    assert ranges([ROOT, *first, *second, *within]) == [
        *[(5, 5), (0, 0), (0, 0), (0, 0), (0, 0), (0, 0), (10, 10)],
        *[(25, 25), (15, 15), (45, 45)],
    ]


def flagged(times: TraceTimes) -> dict[str, list[int]]:
    """The places of what was odd."""
    forest = times.forest
    odd = {name: getattr(forest, f"is_{name}") for name in ("orphaned", "cyclic", "skewed", "clamped", "apart")}
    return {name: np.flatnonzero(flags).tolist() for name, flags in odd.items() if flags.any()}


def test_a_part_whose_parent_never_came_is_a_path_of_its_own() -> None:
    made = [ROOT, Span(LOST_PARENT, 10, 30), Span(1, 10, 20), Span(0, 0, UNKNOWN), Span(3, 5, 7), Span(0, 9, 4)]
    times = trace_times(spans(made))
    assert times.path.tolist() == [0, 1, 1, 3, 4, 5]
    assert ranges(made) == [(100, 100), (10, 10), (10, 10), (0, 0), (2, 2), (0, 0)]
    assert flagged(times) == {"orphaned": [1, 4]}


def test_a_cycle_is_cut_above_its_earliest_span_the_first_of_several() -> None:
    made = [Span(2, 5, 8), Span(0, 3, 9), Span(1, 3, 8), Span(2, 4, 6), Span(4, 0, 1), ROOT]
    times = trace_times(spans(made))
    assert flagged(times) == {"cyclic": [1, 4]}
    assert times.path.tolist() == [1, 1, 1, 1, 4, 5]


def test_a_span_of_another_clock_is_moved_into_its_parent_and_all_below_it_on_that_clock_too() -> None:
    made = [
        ROOT,
        Span(0, -500, -440, service=1),
        Span(1, -490, -480, service=1),
        Span(1, 35, 40),
        Span(2, 0, 1, service=2),
    ]
    times = trace_times(spans(made))
    assert times.forest.start.tolist() == [0, 20, 30, 35, 34]
    assert times.forest.end.tolist() == [100, 80, 40, 40, 35]
    assert flagged(times) == {"skewed": [1, 4]}
    assert flagged(trace_times(spans([ROOT, Span(0, -5, 110, service=1)]))) == {"skewed": [1], "clamped": [1]}
    assert flagged(trace_times(spans([ROOT, Span(0, -5, 10, service=-1)]))) == {"clamped": [1]}


def test_times_that_do_not_fit_into_numbers_are_unknown_or_exact() -> None:
    most = 2**63 - 1
    made = [without_parent(-most, most), *[without_parent(0, most - 9), Span(1, 5, most - 10)], without_parent(0, most)]
    assert ranges(made) == [(0, 0), (6, 6), (most - 15, most - 15), (most, most)]
    assert (
        ranges([part for place in range(9) for part in (without_parent(0, most), Span(2 * place, 3, most))])
        == [
            (3, 3),
            (most - 3, most - 3),
        ]
        * 9
    )


def test_a_trace_of_100_000_calls_in_a_row_and_one_of_50_000_calls_in_each_other() -> None:
    wide = [without_parent(0, 100_000), *[Span(0, start, start + 1) for start in range(100_000)]]
    assert ranges(wide) == [(0, 0), *[(1, 1)] * 100_000]
    deep = [Span(place - 1, place, 200_000 - place) for place in range(50_000)]
    assert ranges(deep) == [*[(2, 2)] * 49_999, (100_002, 100_002)]


def test_no_spans_are_no_paths() -> None:
    times = trace_times(spans([]))
    assert (times.path.tolist(), times.is_ambiguous.tolist()) == ([], [])
