"""Jaeger's JSON is read, and written from what OTLP says."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from telemap.traces import to_jaeger
from telemap.traces.jaeger import DEPENDENCIES, TRACES
from telemap.traces.otlp_json import DOCUMENT
from tests.traces.reading import columns, read, rows


def tag(key: str, value: Any) -> dict[str, Any]:
    return {"key": key, "value": value}


def document(*spans: dict[str, Any]) -> dict[str, Any]:
    processes = {"p1": {"serviceName": "shop", "tags": [tag("service.version", "1.4"), tag("ip", "::1")]}}
    return {"data": [{"traceID": "f1", "spans": list(spans), "processes": processes}]}


def span(**said: Any) -> dict[str, Any]:
    return {
        "traceID": "F1",
        "spanID": "a",
        "operationName": "op",
        "startTime": 5,
        "duration": 3,
        "processID": "p1",
    } | said


def test_everything_that_a_span_says_is_in_its_row() -> None:
    said = span(
        references=[
            {"refType": "CHILD_OF", "traceID": "F1", "spanID": "b"},
            {"refType": "FOLLOWS_FROM", "traceID": "F2", "spanID": "c"},
        ],
        tags=[
            tag("span.kind", "client"),
            tag("n", 2),
            tag("twice", 1),
            tag("twice", "x"),
            tag("otel.scope.name", "lib"),
            tag("error", True),
            tag("otel.status_description", "gone"),
        ],
        flags=1,
        warnings=["clock skew"],
        logs=[{"timestamp": 6, "fields": [tag("event", "retry"), tag("message", "again"), tag("attempt", 2)]}],
    )
    batch = read(TRACES, document(said))
    assert batch.problems == ()
    assert rows(batch.spans) == [
        {
            "span_id": "000000000000000a",
            "parent_span_id": "000000000000000b",
            "trace_id": "00000000000000f1",
            "kind": "span",
            "name": "op",
            "start_time_unix_nano": 5000,
            "end_time_unix_nano": 8000,
            "duration_ns": 3000,
            "reported_duration_ns": 3000,
            "status": "error",
            "status_message": "gone",
            "first_line": 1,
            "last_line": 1,
            "service_name": "shop",
            "service_version": "1.4",
            "span_kind": "client",
            "scope_name": "lib",
            "attributes": {"service.version": "1.4", "ip": "::1", "n": "2", "twice": '[1,"x"]'}
            | {"jaeger.flags": "1", "jaeger.warnings": '["clock skew"]'},
            "links": [
                {
                    "trace_id": "00000000000000f2",
                    "span_id": "000000000000000c",
                    "attributes": {"opentracing.ref_type": "follows_from"},
                }
            ],
        }
    ]
    assert rows(batch.records) == [
        {
            "line_number": 1,
            "byte_offset": 0,
            "byte_length": batch.bytes_read,
            "time_unix_nano": 6000,
            "event_name": "retry",
            "body": b"again",
            "attributes": {"attempt": "2"},
            "trace_id": "00000000000000f1",
            "span_id": "000000000000000a",
        }
    ]


def test_a_trace_by_itself_and_a_list_of_traces_are_read_like_a_whole_answer() -> None:
    whole = document(span(), span(spanID="b"))
    expected = read(TRACES, whole).spans
    assert expected.num_rows == 2
    assert read(TRACES, whole["data"][0]).spans == expected
    assert read(TRACES, whole["data"]).spans == expected


def test_a_process_that_is_missing_is_told() -> None:
    batch = read(TRACES, document(span(processID="p9")))
    assert [(problem.place, "p9" in problem.reason) for problem in batch.problems] == [("span a", True)]
    assert columns(batch.spans, "service_name") == [(None,)]


def test_calls_between_services_are_records() -> None:
    calls = [{"parent": "shop", "child": "stock", "callCount": 7}]
    for said in (calls, {"data": calls}):
        (row,) = rows(read(DEPENDENCIES, said).records)
        assert row["attributes"] == {"parent": "shop", "child": "stock", "callCount": "7"}


def test_what_is_written_reads_back_the_same() -> None:
    batch = read(TRACES, document(span(tags=[tag("error", True), tag("a", "b")]), span(spanID="b")))
    again = read(TRACES, to_jaeger(batch.spans, batch.records))
    assert again.spans.select(["status", "span_id", "name", "attributes"]) == batch.spans.select(
        ["status", "span_id", "name", "attributes"]
    )


@pytest.fixture(scope="module")
def pair(shared_data: Path) -> Path:
    return shared_data / "traces_otlp_jaeger" / "otlp_to_jaeger"


def in_order(value: Any) -> Any:
    """``value`` with tags in the order of their keys, for Jaeger gives them none."""
    if isinstance(value, list):
        ordered = [in_order(one) for one in value]
        return sorted(ordered, key=lambda one: one["key"]) if ordered and "key" in ordered[0] else ordered
    return {key: in_order(one) for key, one in value.items()} if isinstance(value, dict) else value


@pytest.mark.shared
def test_otlp_becomes_the_jaeger_document_that_jaeger_makes_of_it(pair: Path) -> None:
    batch = read(DOCUMENT, (pair / "otlp2jaeger-in.json").read_bytes())
    expected = json.loads((pair / "otlp2jaeger-out.json").read_bytes())
    assert in_order(to_jaeger(batch.spans, batch.records)) == in_order(expected)


@pytest.mark.shared
def test_the_jaeger_document_says_what_the_otlp_document_says(pair: Path) -> None:
    otlp = rows(read(DOCUMENT, (pair / "otlp2jaeger-in.json").read_bytes()).spans)
    jaeger = rows(read(TRACES, (pair / "otlp2jaeger-out.json").read_bytes()).spans)
    for ours, theirs in zip(otlp, jaeger, strict=True):
        del theirs["reported_duration_ns"], ours["attributes"]["otel.schema_url"]
        assert ours == theirs


@pytest.mark.shared
def test_a_broken_otlp_document_is_refused_with_a_message(pair: Path) -> None:
    batch = read(DOCUMENT, (pair / "otlp2jaeger-in-error.json").read_bytes())
    assert batch.spans.num_rows == 0
    assert [problem.reason for problem in batch.problems] == [
        "1 spans refused: their resource has no service.name; --service NAME says it"
    ]


@pytest.mark.shared
@pytest.mark.parametrize("folder", ["jaeger", "jaeger_self_time"])
def test_all_spans_references_and_tags_of_recorded_traces_are_kept(shared_data: Path, folder: str) -> None:
    files = [f for f in sorted((shared_data / "traces_otlp_jaeger" / folder).glob("*.json")) if "depend" not in f.name]
    assert len(files) >= 2
    for file in files:
        said = json.loads(file.read_bytes())
        spans = (said.get("data") or said)["spans"]
        found = rows(read(TRACES, file.read_bytes()).spans)
        assert [span["operationName"] for span in spans] == [row["name"] for row in found]
        assert [len(span.get("references", ())) for span in spans] == [
            len(row.get("links", ())) + ("parent_span_id" in row) for row in found
        ]
        columns_of = ("span.kind", "error", "otel.library.name")
        for span, row in zip(spans, found, strict=True):
            tags = {tag["key"]: str(tag["value"]) for tag in span["tags"] if tag["key"] not in columns_of}
            assert row["attributes"].items() >= tags.items()
