"""How runs went, as pages draw it: compared with what plain Python counts in the lines."""

from __future__ import annotations

import random
from collections import Counter, defaultdict
from collections.abc import Callable
from itertools import pairwise
from pathlib import Path

from telemap.analyses.flow_courses import LONGEST, MOST_COURSES, PERIODS
from telemap.analyses.flow_shapes import DrawnFlows, DrawnSequence
from telemap.analyses.flows import ANALYSIS, Params
from telemap.model.documents import Place, iso_time, nanoseconds
from telemap.store.declaring import index_definitions
from telemap.store.store import Store
from tests.analyses.conftest import Line, at
from tests.analyses.test_flows import DECLARED, declare, lines_of, sequence

StoreOf = Callable[..., Store]
THREE = DECLARED[:3]


def drawn(store: Store, **asked: str) -> DrawnFlows:
    answer = ANALYSIS.details["drawing"].run(store, Params(**asked))
    assert isinstance(answer, DrawnFlows)
    return answer


def one(store: Store, **asked: str) -> DrawnSequence:
    (found,) = drawn(store, **asked).sequences
    return found


def timed_lines(events: list[str], run: str, start: int, durations: list[int]) -> list[Line]:
    """A run without handlers, whose beats take so many milliseconds, each beginning where the last one ended."""
    lines: list[Line] = [(start, run, "begin checkout")]
    now = start
    for number, (event, duration) in enumerate(zip(events, durations, strict=True), start=1):
        lines.append((now, run, f"beat {number} {event}"))
        now += duration
        lines.append((now, run, f"beat {number} over"))
    return [*lines, (now, run, "end checkout")]


def quantile(values: list[float], share: float) -> float:
    """Between the two values that are nearest to it, in proportion."""
    place = share * (len(values) - 1)
    below, ordered = int(place), sorted(values)
    return ordered[below] + (ordered[min(below + 1, len(values) - 1)] - ordered[below]) * (place - below)


def test_counts_and_percentiles_are_those_of_the_lines(store_of: StoreOf, tmp_path: Path) -> None:
    chance = random.Random(7)
    events = [event for event, _, _ in THREE]
    runs, lines = [], []
    for number in range(40):
        course = [event for event in events if chance.random() < 0.8] + ["cart:other"] * (chance.random() < 0.2)
        durations = [chance.randint(1, 90) for _ in course]
        runs.append((course, durations, 1000 * number))
        lines += timed_lines(course, f"r{number}", 1000 * number, durations)
    store = store_of(lines)
    index_definitions(store, [declare(tmp_path / "definitions", sequence("checkout", THREE))])
    found = one(store)

    took: dict[str, list[float]] = defaultdict(list)
    for course, durations, _ in runs:
        for event, duration in zip(course, durations, strict=True):
            took[event].append(duration)
    assert {
        node.event: (node.visits, node.p50_ms, node.p95_ms) for node in found.nodes if node.kind in ("step", "event")
    } == {
        event: (len(times), round(quantile(times, 0.5), 6), round(quantile(times, 0.95), 6))
        for event, times in took.items()
    }
    courses = Counter(tuple(course) for course, _, _ in runs)
    assert {tuple(course.beats): course.count for course in found.courses} == courses
    sums: dict[tuple[str, ...], list[int]] = defaultdict(list)
    for course, durations, _ in runs:
        sums[tuple(course)].append(sum(durations))
    assert {tuple(course.beats): course.mean_ms for course in found.courses} == {
        beats: round(sum(times) / len(times), 6) for beats, times in sums.items()
    }
    longest = sorted((sum(durations) for _, durations, _ in runs), reverse=True)[:LONGEST]
    assert [run.duration_ms for run in found.longest] == longest


def test_declared_ways_have_the_counts_of_pairs_that_follow_each_other(store_of: StoreOf, tmp_path: Path) -> None:
    courses = [THREE, THREE, [THREE[0], THREE[2]], THREE[:2]]
    lines = [line for n, beats in enumerate(courses) for line in lines_of(beats, f"r{n}", 1000 * n)]
    store = store_of(lines)
    index_definitions(store, [declare(tmp_path / "definitions", sequence("checkout", THREE))])
    found = one(store)
    names = {node.id: node.event for node in found.nodes if node.kind == "step"}
    ways = {
        (names[way.source], names[way.target]): way.count
        for way in found.ways
        if way.kind == "declared" and way.source in names and way.target in names
    }
    pairs = Counter(pair for beats in courses for pair in pairwise(event for event, _, _ in beats))
    assert ways == {pair: pairs[pair] for pair in pairwise(event for event, _, _ in THREE)}


def test_what_is_odd_stands_at_its_place_with_the_runs_that_show_it(store_of: StoreOf, tmp_path: Path) -> None:
    failing = [*THREE[:2], (THREE[2][0], THREE[2][1], True)]
    courses = [THREE, failing, failing, [THREE[1], THREE[0], THREE[2]], [THREE[0], THREE[2]]]
    lines = [line for n, beats in enumerate(courses) for line in lines_of(beats, f"r{n}", 1000 * n)]
    store = store_of(lines)
    index_definitions(store, [declare(tmp_path / "definitions", sequence("checkout", THREE))])
    told = {
        tuple(event[-1] for event in course.beats): (
            course.count,
            course.is_conforming,
            sorted((mark.kind, (mark.event or "")[-1], mark.position, mark.runs) for mark in course.marks),
        )
        for course in one(store).courses
    }
    assert told == {
        ("1", "2", "3"): (3, False, [("failed-beat", "3", 2, 2)]),
        ("1", "3"): (1, False, [("missing-beat", "2", 1, 1)]),
        ("2", "1", "3"): (1, False, [("out-of-order", "1", 1, 1)]),
    }


def test_periods_hold_every_run_once(store_of: StoreOf) -> None:
    starts = [0, 10, 20, 500, 70_000, 70_010]
    lines = [line for n, start in enumerate(starts) for line in timed_lines(["a:b"], f"r{n}", start, [n + 1])]
    answer = drawn(store_of(lines))
    (found,) = answer.sequences
    assert answer.period_ms == (starts[-1] * 10**6 // PERIODS + 1) / 10**6
    assert sum(period.runs for period in found.periods) == len(starts)
    first = nanoseconds(found.periods[0].start_time)
    assert [(period.runs, nanoseconds(period.start_time) - first) for period in found.periods] == [
        (4, 0),
        (2, (PERIODS - 1) * round(answer.period_ms * 10**6)),
    ]


def test_one_run_is_one_period(store_of: StoreOf) -> None:
    found = one(store_of(timed_lines(["a:b"], "r", 0, [5])))
    assert [(period.runs, period.p50_ms, period.p95_ms) for period in found.periods] == [(1, 5.0, 5.0)]
    assert found.periods[0].start_time == iso_time(nanoseconds(at(0)))


def test_the_logs_of_runs_are_named_with_the_line_of_the_first(store_of: StoreOf, tmp_path: Path) -> None:
    store_of(timed_lines(["a:b"], "r", 0, [5]), "1.0")
    store = store_of(timed_lines(["a:b"], "r", 0, [5]) + timed_lines(["a:b"], "s", 100, [5]), "2.0")
    assert [(seen.place, seen.runs) for seen in one(store).sources] == [
        (Place(str(tmp_path / "2.0.log"), 1), 2),
        (Place(str(tmp_path / "1.0.log"), 1), 1),
    ]
    assert [(seen.place.source, seen.runs) for seen in one(store, build="1.0").sources] == [
        (str(tmp_path / "1.0.log"), 1)
    ]


def test_of_many_variants_the_commonest_are_told(store_of: StoreOf) -> None:
    lines: list[Line] = []
    for number in range(MOST_COURSES + 5):
        lines += timed_lines([f"a:{number}"], f"r{number}", 100 * number, [1])
    lines += timed_lines(["a:54"], "again", 100_000, [1])
    found = one(store_of(lines))
    assert len(found.courses) == MOST_COURSES
    assert (found.courses[0].beats, found.courses[0].count) == (["a:54"], 2)


def test_what_never_ran_is_drawn_without_runs(store_of: StoreOf, tmp_path: Path) -> None:
    store = store_of([])
    index_definitions(store, [declare(tmp_path / "definitions", sequence("checkout", THREE))])
    found = one(store)
    assert [(node.kind, node.runs) for node in found.nodes] == [("start", 0), *[("step", 0)] * 3, ("end", 0)]
    assert {way.count for way in found.ways} == {0}
    assert (found.courses, found.periods, found.longest, found.sources) == ([], [], [], [])


def test_a_report_has_it_for_all_builds_and_for_each(store_of: StoreOf) -> None:
    store_of(timed_lines(["a:b"], "r", 0, [5]), "1.0")
    store = store_of(timed_lines(["a:b"], "r", 0, [5]), "2.0")
    assert list(ANALYSIS.details["drawing"].archived(store)) == [Params(), Params(build="1.0"), Params(build="2.0")]
