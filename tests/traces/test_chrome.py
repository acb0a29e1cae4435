"""Chrome's trace events: slices, asynchronous slices, flows, and all else as records."""

from __future__ import annotations

import gzip
import json
from collections import Counter
from pathlib import Path
from typing import Any

import pytest

from telemap.traces.chrome import EVENTS
from tests.traces.reading import columns, read, rows


def event(ph: str, ts: float, name: str = "", **said: Any) -> dict[str, Any]:
    return {"ph": ph, "ts": ts, "name": name, "pid": 1, "tid": 2} | said


def parents(*events: dict[str, Any]) -> dict[str, str | None]:
    """The name of each span's parent."""
    spans = read(EVENTS, list(events)).spans.to_pylist()
    names = {span["span_id"]: span["name"] for span in spans}
    return {span["name"]: names.get(span["parent_span_id"]) for span in spans}


def test_a_slice_says_its_thread_its_arguments_and_its_time_to_the_nanosecond() -> None:
    batch = read(
        EVENTS,
        {
            "traceEvents": [
                event("M", 0, "process_name", args={"name": "browser"}),
                event("M", 0, "thread_name", args={"name": "main"}),
                event("X", 1.5, "paint", dur=0.25, cat="ui", args={"size": {"w": 3}}, sf="2"),
            ],
            "stackFrames": {"1": {"name": "main"}, "2": {"name": "draw", "parent": "1"}},
            "displayTimeUnit": "ns",
        },
    )
    assert rows(batch.spans) == [
        {
            "span_id": "0123456700000000",
            "trace_id": "0123456789abcdef0000000000000000",
            "kind": "span",
            "name": "paint",
            "start_time_unix_nano": 1500,
            "end_time_unix_nano": 1750,
            "duration_ns": 250,
            "reported_duration_ns": 250,
            "status": "ok",
            "first_line": 1,
            "last_line": 1,
            "service_name": "browser",
            "attributes": {
                "chrome.cat": "ui",
                "chrome.sf": "2",
                "process.pid": "1",
                "thread.id": "2",
                "code.stacktrace": "draw\nmain",
                "size": '{"w":3}',
                "thread.name": "main",
            },
        }
    ]
    assert columns(batch.records, "event_name", "body") == [("displayTimeUnit", b"ns")]


def test_slices_nest_by_time_whether_told_whole_or_in_two() -> None:
    assert parents(
        event("B", 0, "outer"),
        event("X", 1, "whole", dur=5),
        event("B", 2, "inner"),
        event("E", 3, "inner"),
        event("E", 10, "outer"),
        event("X", 10, "next", dur=1),
        event("X", 2, "elsewhere", dur=1, tid=3),
    ) == {"outer": None, "whole": "outer", "inner": "whole", "next": None, "elsewhere": None}


def test_events_out_of_order_are_put_in_order() -> None:
    told = [event("E", 9, "a"), event("B", 3, "b"), event("B", 1, "a"), event("E", 4, "b")]
    assert columns(read(EVENTS, told).spans, "name", "duration_ns") == [("a", 8000), ("b", 1000)]


def test_ends_that_are_missing_or_too_many_are_told_and_nothing_else_suffers() -> None:
    batch = read(EVENTS, [event("B", 0, "outer"), event("B", 1, "lost"), event("E", 5, "outer"), event("E", 6, "odd")])
    assert columns(batch.spans, "name", "status", "end_time_unix_nano") == [
        ("outer", "ok", 5000),
        ("lost", "incomplete", None),
    ]
    assert [problem.reason for problem in batch.problems] == ["the end of 'odd' has no begin"]
    assert columns(batch.records, "event_name") == [("odd",)]


def test_a_slice_that_lost_its_end_is_not_around_what_came_after_its_parent() -> None:
    assert parents(
        event("B", 0, "outer"), event("B", 1, "lost"), event("E", 5, "outer"), event("X", 6, "later", dur=1)
    ) == {"outer": None, "lost": "outer", "later": None}


def test_asynchronous_slices_are_told_apart_by_category_and_id_and_nest_by_it() -> None:
    batch = read(
        EVENTS,
        [
            event("b", 0, "request", cat="net", id="0x1"),
            event("b", 1, "request", cat="net", id="0x2"),
            event("b", 2, "dns", cat="net", id="0x1", tid=9),
            event("n", 3, "cache miss", cat="net", id="0x1"),
            event("e", 4, "dns", cat="net", id="0x1"),
            event("e", 5, "request", cat="net", id="0x1"),
            event("e", 9, "request", cat="net", id="0x2"),
        ],
    )
    first, second, dns = rows(batch.spans)
    assert [span["duration_ns"] for span in (first, second, dns)] == [5000, 8000, 2000]
    assert dns["parent_span_id"] == first["span_id"]
    assert columns(batch.records, "event_name", "span_id") == [("cache miss", dns["span_id"])]


def test_steps_of_old_asynchronous_slices_are_records_of_them() -> None:
    batch = read(EVENTS, [event("S", 0, "load", id=1), event("T", 1, "load", id=1), event("F", 4, "load", id=1)])
    (span,) = rows(batch.spans)
    assert (span["name"], span["duration_ns"]) == ("load", 4000)
    assert columns(batch.records, "event_name", "span_id") == [("load", span["span_id"])]


def test_flows_link_the_later_slice_to_the_earlier() -> None:
    batch = read(
        EVENTS,
        [
            event("X", 0, "send", dur=5),
            event("s", 1, "ipc", id=7),
            event("X", 10, "relay", dur=5, tid=3),
            event("t", 11, "ipc", id=7, tid=3),
            event("f", 19, "ipc", id=7, tid=4),
            event("X", 20, "receive", dur=5, tid=4),
        ],
    )
    spans = rows(batch.spans)
    names = {span["span_id"]: span["name"] for span in spans}
    linked = {span["name"]: [names[link["span_id"]] for link in span.get("links", ())] for span in spans}
    assert linked == {"send": [], "relay": ["send"], "receive": ["relay"]}
    assert batch.records.num_rows == 0


def test_instants_counters_and_objects_are_records() -> None:
    told = [event("i", 1, "click", s="t"), event("C", 2, "memory", args={"used": 5}), event("N", 3, "layer", id="0x5")]
    records = rows(read(EVENTS, told).records)
    assert [(row["event_name"], row["time_unix_nano"]) for row in records] == [
        ("click", 1000),
        ("memory", 2000),
        ("layer", 3000),
    ]
    assert records[1]["attributes"]["used"] == "5"


@pytest.mark.parametrize("end", ["", ",", ",\n", "\n", "]", ",]"])
def test_the_array_need_not_be_closed(end: str) -> None:
    batch = read(EVENTS, "[" + json.dumps(event("X", 1, "a", dur=2)) + end)
    assert columns(batch.spans, "name", "duration_ns") == [("a", 2000)]
    assert batch.problems == ()


def test_of_a_file_that_breaks_off_within_an_event_the_events_before_are_kept() -> None:
    whole = json.dumps({"traceEvents": [event("X", 1, "a", dur=2), event("X", 5, "b", dur=2)]})
    batch = read(EVENTS, whole[: whole.index('"b"')])
    assert columns(batch.spans, "name") == [("a",)]
    assert len(batch.problems) == 1


@pytest.mark.shared
def test_no_event_of_the_trace_viewers_own_files_is_lost(shared_data: Path) -> None:
    files = [f for f in sorted((shared_data / "chrome_traces").glob("*.json*")) if "google" not in f.name]
    assert len(files) >= 9
    for file in files:
        data = gzip.decompress(file.read_bytes()) if file.suffix == ".gz" else file.read_bytes()
        document = json.loads(data)
        events = document if isinstance(document, list) else document["traceEvents"]
        phases = Counter(event["ph"] for event in events)
        batch = read(EVENTS, data)
        assert batch.spans.num_rows == sum(phases[phase] for phase in "XBbS"), file.name
        ended = phases["E"] + phases["e"] + phases["F"]
        told = batch.spans["status"].to_pylist()
        whole = sum(span["reported_duration_ns"] is not None for span in batch.spans.to_pylist())
        assert ended - len(batch.problems) == told.count("ok") - whole, file.name
