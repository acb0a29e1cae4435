"""Critical paths of what a store holds: which spans belong together, and what comes of it for handlers."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Callable
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest

from benchmarks.made_spans import make
from telemap.analyses import heatmap, timeline
from telemap.analyses.trace_trees import CriticalTime, HandlerKey, critical_times
from telemap.model.documents import milliseconds
from telemap.store.declaring import index_definitions
from telemap.store.store import Store
from tests.analyses.conftest import Line, call
from tests.builders import ingested

MS = 10**6
StoreOf = Callable[..., Store]


def otlp(folder: Path, *spans: tuple[str, str | None, int, int, str, int], name: str = "traces") -> Store:
    """A store of spans: name (and id), parent, start and end in ms, service, kind."""
    resources = [
        {
            "resource": {"attributes": [{"key": "service.name", "value": {"stringValue": service}}]},
            "scopeSpans": [{"spans": [_span(*times, kind) for *times, of, kind in spans if of == service]}],
        }
        for service in sorted({span[4] for span in spans})
    ]
    (folder / f"{name}.json").write_text(json.dumps({"resourceSpans": resources}))
    return ingested(folder, folder / f"{name}.json")[0]


def _span(name: str, parent: str | None, start: int, end: int, kind: int) -> dict[str, Any]:
    return {
        "traceId": "1" * 32,
        "spanId": name.encode().hex().rjust(16, "0"),
        "parentSpanId": "" if parent is None else parent.encode().hex().rjust(16, "0"),
        "name": name,
        "kind": kind,
        "startTimeUnixNano": str(10**18 + start * MS),
        "endTimeUnixNano": str(10**18 + end * MS),
    }


def on_path(store: Store) -> dict[str, tuple[int, int, int]]:
    """Least and most milliseconds on paths, and self time, by handler."""
    return {
        of.key.handler: (of.least_ns // MS, of.most_ns // MS, of.self_ns // MS) for of in critical_times(store).handlers
    }


def agrees_with_heatmap(store: Store) -> bool:
    """Whether the heatmap tells the same runs and self times."""
    mine, told = Counter[tuple[Any, ...]](), Counter[tuple[Any, ...]]()
    for of in critical_times(store).handlers:
        key = of.key.handler, of.key.service
        mine.update({(*key, "runs"): of.runs, (*key, "ns"): of.self_ns})
    for one in heatmap.run(store, heatmap.Params()).handlers:
        key = one.name, one.service
        told.update({(*key, "runs"): one.executions, (*key, "ns"): round(one.self_time * MS)})
    return mine == told


def test_what_runs_of_handlers_have_to_do_with_the_length_of_their_traces(tmp_path: Path) -> None:
    store = otlp(
        tmp_path,
        ("get", None, 0, 100, "shop", 2),
        ("query", "get", 10, 40, "shop", 3),
        ("price", "get", 20, 90, "shop", 1),
        ("serve", "price", 30, 80, "prices", 2),
        ("late", "lost", 500, 510, "prices", 1),
    )
    get, query, price = (HandlerKey(name, None, "shop", None, None) for name in ("get", "query", "price"))
    serve, late = (HandlerKey(name, None, "prices", None, None) for name in ("serve", "late"))
    found = critical_times(store)
    assert found.handlers == [
        CriticalTime(serve, 1, 1, 1, 1, 50 * MS, 50 * MS, 50 * MS),
        CriticalTime(get, 1, 1, 1, 1, 20 * MS, 30 * MS, 20 * MS),
        CriticalTime(price, 1, 1, 1, 1, 20 * MS, 20 * MS, 20 * MS),
        CriticalTime(late, 1, 1, 1, 1, 10 * MS, 10 * MS, 10 * MS),
        CriticalTime(query, 1, 0, 1, 1, 0, 10 * MS, 30 * MS),
    ]
    assert (found.paths, found.path_ns, found.ambiguous, found.orphaned) == (2, 110 * MS, 1, 1)
    assert (found.cyclic, found.skewed, found.clamped) == (0, 0, 0)
    assert agrees_with_heatmap(store)


def test_a_consumer_is_asynchronous_to_the_producer_of_its_message_alone(tmp_path: Path) -> None:
    spans = ("send", None, 0, 100, "shop", 4), ("take", "send", 50, 90, "shop", 5), ("look", "take", 60, 80, "shop", 5)
    assert on_path(otlp(tmp_path, *spans)) == {"send": (60, 100, 60), "look": (0, 20, 20), "take": (0, 20, 20)}


def test_a_consumer_that_goes_on_has_a_path_of_its_own(tmp_path: Path) -> None:
    store = otlp(tmp_path, ("send", None, 0, 10, "shop", 4), ("take", "send", 8, 90, "mail", 5))
    found = critical_times(store)
    assert (found.paths, found.path_ns, found.ambiguous, found.clamped) == (2, 92 * MS, 0, 0)
    assert on_path(store) == {"take": (82, 82, 82), "send": (10, 10, 8)}
    assert agrees_with_heatmap(store)


@pytest.mark.parametrize(
    "spans",
    [
        [("send", None, 0, 100, "shop", 4), ("take", "send", 50, 90, "shop", 5), ("look", "take", 60, 80, "shop", 5)],
        [("send", None, 0, 10, "shop", 4), ("take", "send", 8, 90, "mail", 5)],
        [("get", None, 0, 100, "shop", 2), ("a", "get", 10, 60, "shop", 3), ("b", "get", 50, 90, "shop", 3)],
        [("late", "b", 0, 40, "shop", 1), ("b", "c", 12, 30, "shop", 1), ("c", "b", 10, 38, "shop", 1)],
    ],
    ids=["consumer", "consumer that goes on", "overlapping", "circle"],
)
def test_the_timeline_of_a_trace_has_the_critical_path_of_the_graph(
    spans: list[tuple[str, str | None, int, int, str, int]], tmp_path: Path
) -> None:
    store = otlp(tmp_path, *spans)
    told = timeline.run(store, timeline.Params(trace="1" * 32)).spans
    assert {one.name: (one.least_path_ms, one.most_path_ms) for one in told} == {
        name: (float(least), float(most)) for name, (least, most, _) in on_path(store).items()
    }


def test_the_clock_of_another_service_is_set_and_told(tmp_path: Path) -> None:
    store = otlp(tmp_path, ("get", None, 0, 100, "shop", 3), ("serve", "get", -300, -240, "prices", 2))
    assert on_path(store) == {"serve": (60, 60, 60), "get": (40, 40, 40)}
    assert critical_times(store).skewed == 1


def test_parents_in_a_cycle_and_ends_before_starts_are_told_and_hold_nothing_up(tmp_path: Path) -> None:
    store = otlp(
        tmp_path,
        ("a", "b", 0, 10, "shop", 1),
        ("b", "a", 2, 8, "shop", 1),
        ("c", None, 9, 3, "shop", 1),
        ("d", "c", 4, 5, "shop", 1),
    )
    found = critical_times(store)
    assert (found.cyclic, found.orphaned, found.paths) == (1, 1, 2)
    assert on_path(store) == {"b": (6, 6, 6), "a": (4, 4, 4), "d": (1, 1, 1), "c": (0, 0, 0)}


def test_a_trace_that_is_there_twice_is_two_paths(tmp_path: Path) -> None:
    spans = ("a", None, 0, 100, "shop", 1), ("b", "a", 10, 50, "shop", 1)
    otlp(tmp_path, *spans)
    (tmp_path / "traces.json").rename(tmp_path / "copy.json")
    store = otlp(tmp_path, *spans)
    found = critical_times(store)
    assert (found.paths, found.ambiguous) == (2, 0)
    assert on_path(store) == {"a": (120, 120, 120), "b": (80, 80, 80)}
    assert agrees_with_heatmap(store)


def payment(run: str, start: int, end: int) -> list[Line]:
    return [
        (start, run, "begin payment for pay of r1"),
        (start, run, "beat 1 card:charged"),
        (start, run, "call charge"),
        (end, run, "done charge"),
        (end, run, "beat 1 over"),
        (end, run, "end payment"),
    ]


def test_a_run_that_a_handler_asked_for_may_have_held_it_up_unless_it_went_on(store_of: StoreOf) -> None:
    lines = [*call("pay", 0, 100), *payment("r2", 20, 60), *payment("r3", 90, 150)]
    store = store_of(sorted(lines, key=lambda line: line[0]))
    found = critical_times(store)
    assert on_path(store) == {"charge": (60, 100, 100), "pay": (60, 100, 50)}
    assert (found.paths, found.path_ns, found.ambiguous) == (2, 160 * MS, 1)
    assert {of.key.handler: of.runs for of in found.handlers} == {"pay": 1, "charge": 2}
    assert agrees_with_heatmap(store)


def test_a_handler_that_goes_on_after_its_beat_keeps_its_self_time(store_of: StoreOf) -> None:
    lines = [
        *[(0, "r1", text) for text in ("begin checkout", "beat 1 cart:filled", "call pay")],
        *[(50, "r1", text) for text in ("beat 1 over", "end checkout")],
        *payment("r2", 30, 80),
        (100, "r1", "done pay"),
    ]
    store = store_of(sorted(lines, key=lambda line: line[0]))
    assert on_path(store)["pay"] == (50, 50, 50)
    assert agrees_with_heatmap(store)


@pytest.mark.parametrize(("timing", "least_ms"), [("immediate", 40), ("after-beat", 0)])
def test_nobody_has_to_wait_for_a_beat_that_is_declared_to_come_later(
    timing: str, least_ms: int, store_of: StoreOf, tmp_path: Path
) -> None:
    store = store_of([*call("pay", 0, 40)[:-1], (100, "r1", "end checkout")])
    beat = {"beat": 1, "event": "cart:filled", "handler": "pay", "timing": timing}
    declared = {"id": "checkout", "name": "Checkout", "movements": [{"id": "m", "name": "M", "beats": [beat]}]}
    (tmp_path / "checkout.json").write_text(json.dumps(declared))
    index_definitions(store, [tmp_path / "checkout.json"])
    assert on_path(store) == {"pay": (least_ms, 40, 40)}


def test_a_build_counts_its_own_runs(store_of: StoreOf) -> None:
    store_of([*call("price", 0, 10), *call("pay", 1000, 1020, "r2")], build="1")
    store = store_of(call("price", 5000, 5060), build="2")
    counted = [(of.key.handler, of.runs, of.least_ns // MS) for of in critical_times(store, "1").handlers]
    assert counted == [("pay", 1, 20), ("price", 1, 10)]
    assert critical_times(store, "3").handlers == []


def test_an_empty_store_has_no_paths(tmp_path: Path) -> None:
    found = critical_times(Store(tmp_path / "store", create=True))
    assert (found.handlers, found.paths, found.path_ns) == ([], 0, 0)


def test_of_made_runs_every_handler_is_on_the_path_with_all_of_its_time(tmp_path: Path) -> None:
    store, made = make(tmp_path, 20_000, 1)
    found = critical_times(store)
    assert (found.paths, found.ambiguous, found.clamped) == (made.runs, 0, 0)
    assert sum(of.runs for of in found.handlers) == made.beats
    assert all(of.least_ns == of.most_ns == of.self_ns and of.paths <= of.runs for of in found.handlers)
    told = {of.name: of.self_time for of in heatmap.run(store, heatmap.Params()).handlers}
    assert told == {of.key.handler: milliseconds(of.self_ns) for of in found.handlers}


# ---- recorded traces


@pytest.mark.shared
def test_self_times_of_recorded_traces_are_what_the_heatmap_says_and_what_no_child_covers(
    shared_data: Path, tmp_path: Path
) -> None:
    recorded = sorted((shared_data / "traces_otlp_jaeger" / "jaeger_self_time").glob("*.json"))
    assert len(recorded) >= 7
    for file in recorded:
        store, _ = ingested(tmp_path / file.stem, file)
        found = critical_times(store)
        assert {(of.key.handler, of.key.service): of.self_ns for of in found.handlers} == swept(store), file.name
        assert agrees_with_heatmap(store), file.name


@pytest.mark.shared
def test_self_times_of_recorded_logs_are_what_the_heatmap_says(shared_data: Path, tmp_path: Path) -> None:
    store, _ = ingested(tmp_path, shared_data / "renderx" / "logs")
    found = critical_times(store)
    assert len(found.handlers) > 50
    assert sum(of.least_ns for of in found.handlers) <= found.path_ns
    assert agrees_with_heatmap(store)


def swept(store: Store) -> dict[tuple[str, str], int]:
    """Self times by operation and service: between any two times, a span is alone or a child of it is there."""
    spans = store.rows("SELECT *, start_time_unix_nano AS a, end_time_unix_nano AS b FROM told_span")
    points = sorted({span[name] for span in spans for name in "ab"})
    own: dict[tuple[str, str], int] = {}
    for span in spans:
        children = [
            child for child in spans
            if (child["trace_id"], child["parent_span_id"]) == (span["trace_id"], span["span_id"])
        ]  # fmt: skip
        key = span["name"], span["service_name"]
        own[key] = own.get(key, 0) + sum(
            end - start
            for start, end in pairwise(points)
            if span["a"] <= start < span["b"] and not any(child["a"] <= start < child["b"] for child in children)
        )
    return own
