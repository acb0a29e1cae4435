"""Self time of the spans of traces, as the heatmap tells it: what no child covers, of each span once."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from telemap.analyses.heatmap import HandlerHeat, Params, run
from telemap.traces.jaeger import TRACES
from tests.builders import ingested
from tests.traces.reading import read

START_NS, MS = 1_767_323_045 * 10**9, 10**6
TRACE, OTHER_TRACE = "1" * 32, "2" * 32
ROOT = 100  # milliseconds that the root takes

Times = tuple[int, int]


def span(name: str, times: Times, parent: str | None = None, trace: str = TRACE, **said: Any) -> dict[str, Any]:
    """A span of OTLP; its id is its name in hexadecimal, its times are in milliseconds."""
    return {
        "traceId": trace,
        "spanId": span_id(name),
        "parentSpanId": "" if parent is None else span_id(parent),
        "name": name,
        "startTimeUnixNano": str(START_NS + times[0] * MS),
        "endTimeUnixNano": str(START_NS + times[1] * MS),
        **said,
    }


def span_id(name: str) -> str:
    return name.encode().hex().rjust(16, "0")


def handlers(folder: Path, *spans: dict[str, Any], service: str = "shop") -> dict[str, HandlerHeat]:
    """What the heatmap of a store says once these spans of a service are in it too."""
    file = folder / f"{service}.json"
    resource = {"attributes": [{"key": "service.name", "value": {"stringValue": service}}]}
    file.write_text(json.dumps({"resourceSpans": [{"resource": resource, "scopeSpans": [{"spans": spans}]}]}))
    store, _ = ingested(folder, file)
    return {handler.name: handler for handler in run(store, Params()).handlers}


@pytest.mark.parametrize(
    ("children", "self_ms"),
    [
        ([], 100),
        ([(10, 30), (40, 90)], 30),
        ([(0, 100)], 0),
        ([(10, 60), (40, 80)], 30),  # at the same time
        ([(10, 80), (20, 30), (40, 50), (70, 90)], 20),  # within another
        ([(10, 40), (10, 40), (10, 20)], 70),  # begun together
        ([(20, 30), (30, 40), (40, 40)], 80),  # one after the other, and one that takes no time
        ([(90, 250)], 90),  # goes on when its parent has ended
        ([(-50, 20)], 80),  # by another clock
        ([(100, 150), (-9, 0), (300, 400)], 100),  # after and before its parent
        ([(50, 20)], 100),  # ends before it begins
    ],
)
def test_self_time_is_what_no_child_covers(children: list[Times], self_ms: int, tmp_path: Path) -> None:
    spans = [span(f"c{number}", times, "root") for number, times in enumerate(children)]
    assert handlers(tmp_path, span("root", (0, ROOT)), *spans)["root"].self_time == self_ms


def test_of_nested_spans_only_the_next_level_is_taken_off(tmp_path: Path) -> None:
    found = handlers(tmp_path, span("a", (0, 100)), span("b", (10, 90), "a"), span("c", (20, 50), "b"))
    assert {name: (of.total_time, of.self_time) for name, of in found.items()} == {
        "a": (100, 20),
        "b": (80, 50),
        "c": (30, 30),
    }


def test_a_span_of_no_length_has_no_self_time(tmp_path: Path) -> None:
    found = handlers(tmp_path, span("a", (5, 5)), span("b", (0, 10), "a"))
    assert (found["a"].total_time, found["a"].self_time) == (0, 0)


def test_children_in_another_trace_with_the_same_ids_are_not_its_children(tmp_path: Path) -> None:
    found = handlers(
        tmp_path,
        span("a", (0, 100)),
        span("b", (10, 20), "a"),
        span("a", (0, 100), trace=OTHER_TRACE),
        span("b", (30, 70), "a", OTHER_TRACE),
    )
    assert (found["a"].total_time, found["a"].self_time) == (200, 150)


def test_a_trace_that_is_there_twice_counts_twice_in_all_times(tmp_path: Path) -> None:
    spans = span("a", (0, 100)), span("b", (10, 50), "a")
    handlers(tmp_path, *spans)
    (tmp_path / "shop.json").rename(tmp_path / "copy.json")  # so that the next file is another
    found = handlers(tmp_path, *spans)
    assert (found["a"].executions, found["a"].total_time, found["a"].self_time) == (2, 200, 120)


def test_two_halves_with_one_id_have_their_own_self_times(tmp_path: Path) -> None:
    handlers(tmp_path, span("get", (0, 100)), service="client")
    found = handlers(tmp_path, span("get", (20, 80)) | {"name": "serve"}, span("query", (30, 60), "get"))
    assert {name: of.self_time for name, of in found.items()} == {"get": 70, "serve": 30, "query": 30}


def test_an_end_before_the_start_is_no_duration(tmp_path: Path) -> None:
    found = handlers(tmp_path, span("a", (10, 0)), span("a", (0, 30), trace=OTHER_TRACE))
    assert (found["a"].executions, found["a"].untimed_executions, found["a"].total_time) == (2, 1, 30)


def test_equal_names_of_two_services_are_two_handlers_unless_they_name_their_function(tmp_path: Path) -> None:
    code = {"attributes": [{"key": "code.function.name", "value": {"stringValue": "Cart.price"}}]}
    handlers(tmp_path, span("GET", (0, 10), trace=OTHER_TRACE), service="cart")
    handlers(tmp_path, span("GET", (0, 30)), span("price", (5, 10), "GET", **code))
    store, _ = ingested(tmp_path)
    found = run(store, Params()).handlers
    assert [(of.name, of.service, of.total_time, of.self_time) for of in found] == [
        ("GET", "shop", 30, 25),
        ("GET", "cart", 10, 10),
        ("Cart.price", "shop", 5, 5),
    ]
    assert store.rows("SELECT handler, executions FROM handler") == [{"handler": "Cart.price", "executions": 1}]


# ---- recorded traces


@pytest.fixture(scope="module")
def folder(shared_data: Path) -> Path:
    return shared_data / "traces_otlp_jaeger" / "jaeger_self_time"


def self_times(folder: Path, file: Path) -> dict[tuple[str, str | None], float]:
    """By operation and service, in milliseconds."""
    store, _ = ingested(folder, file)
    return {(of.name, of.service): of.self_time for of in run(store, Params()).handlers}


def expected(file: Path) -> dict[tuple[str, str], float]:
    """The same, counted plainly: of each span, what no child covers."""
    spans = read(TRACES, file.read_bytes()).spans.to_pylist()
    found: dict[tuple[str, str], int] = {}
    for one in spans:
        own = free_time(one, [child for child in spans if is_child(child, one)])
        key = one["name"], one["service_name"]
        found[key] = found.get(key, 0) + own
    return {key: round(own / MS, 6) for key, own in found.items()}


def is_child(child: dict[str, Any], parent: dict[str, Any]) -> bool:
    return (child["trace_id"], child["parent_span_id"]) == (parent["trace_id"], parent["span_id"])


def free_time(parent: dict[str, Any], children: list[dict[str, Any]]) -> int:
    own, reached = 0, parent["start_time_unix_nano"]
    for child in sorted(children, key=lambda child: child["start_time_unix_nano"]):
        own += max(0, min(child["start_time_unix_nano"], parent["end_time_unix_nano"]) - reached)
        reached = max(reached, child["end_time_unix_nano"])
    return own + max(0, int(parent["end_time_unix_nano"]) - reached)


@pytest.mark.shared
@pytest.mark.parametrize(
    ("name", "own_us"),
    [
        ("traceWithOverlappingChildrenLongerThanParent", 30),  # of 40; one child of 10 within, two after its end
        ("traceWithThreeShortChildren", 5),  # of 36; children from 3 to 13, 9 to 17 and 16 to 34
        ("traceWithTwoChildrenStartedAtTraceStart", 0),  # one child lasts longer than the whole
        ("traceWithMultipleSpansWithTheSameValueInDifferentTags", 40),  # no children
    ],
)
def test_children_that_overlap_or_outlive_their_parent_count_once_and_within_it(
    folder: Path, name: str, own_us: int, tmp_path: Path
) -> None:
    found = self_times(tmp_path, folder / f"{name}.json")
    assert sum(own for (handler, _), own in found.items() if handler == "send") == own_us / 1000


@pytest.mark.shared
def test_self_times_of_all_recorded_traces_are_what_no_child_covers(folder: Path, tmp_path: Path) -> None:
    recorded = sorted(folder.glob("*.json"))
    assert len(recorded) >= 4
    for file in recorded:
        found = self_times(tmp_path / file.stem, file)
        assert found == expected(file), file.name
        assert min(found.values()) >= 0
