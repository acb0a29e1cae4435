"""OTLP in JSON: what a span, an event, a link, a log record and a metric become."""

from __future__ import annotations

import base64
import json
from typing import Any

import pytest

from telemap.traces import Origin, Problem, TraceFormat
from telemap.traces.otlp_json import DOCUMENT, LINES
from tests.traces.reading import ORIGIN, columns, read, rows

TRACE, SPAN, PARENT = "5b8efff798038103d269b633813fc60c", "eee19b7ec3c1b174", "eee19b7ec3c1b173"


def attribute(key: str, **value: Any) -> dict[str, Any]:
    return {"key": key, "value": value}


def traces(*spans: dict[str, Any], resource: list[dict[str, Any]] | None = None) -> dict[str, Any]:
    service = [attribute("service.name", stringValue="shop")]
    return {
        "resourceSpans": [
            {
                "resource": {"attributes": service + (resource or [])},
                "scopeSpans": [{"scope": {"name": "http", "version": "2.1"}, "spans": list(spans)}],
            }
        ]
    }


def span(**said: Any) -> dict[str, Any]:
    return {"traceId": TRACE.upper(), "spanId": SPAN.upper(), "name": "GET /cart"} | said


def test_everything_that_a_span_says_is_in_its_row() -> None:
    said = span(
        parentSpanId=PARENT,
        kind=2,
        startTimeUnixNano="1544712660000000000",
        endTimeUnixNano=1544712661000000000,
        traceState="a=b",
        droppedEventsCount=3,
        status={"code": "STATUS_CODE_ERROR", "message": "out of stock"},
        attributes=[
            attribute("text", stringValue="one"),
            attribute("empty", stringValue=""),
            attribute("whole", intValue="9007199254740993"),
            attribute("part", doubleValue=637.5),
            attribute("truth", boolValue=True),
            attribute("bytes", bytesValue="AQI="),
            attribute("list", arrayValue={"values": [{"stringValue": "a"}, {"intValue": 2}]}),
            attribute("map", kvlistValue={"values": [attribute("k", boolValue=False)]}),
            attribute("nothing"),
            attribute("code.function.name", stringValue="shop.cart.get"),
            attribute("host.name", stringValue="of the span"),
        ],
    )
    resource = [attribute("service.version", stringValue="1.4"), attribute("host.name", stringValue="of the resource")]
    batch = read(DOCUMENT, traces(said, resource=resource))
    assert batch.problems == ()
    assert rows(batch.spans) == [
        {
            "span_id": SPAN,
            "parent_span_id": PARENT,
            "trace_id": TRACE,
            "kind": "span",
            "name": "GET /cart",
            "handler": "shop.cart.get",
            "start_time_unix_nano": 1544712660000000000,
            "end_time_unix_nano": 1544712661000000000,
            "duration_ns": 1000000000,
            "status": "error",
            "status_message": "out of stock",
            "first_line": 1,
            "last_line": 1,
            "service_name": "shop",
            "service_version": "1.4",
            "span_kind": "server",
            "scope_name": "http",
            "attributes": {
                "service.version": "1.4",
                "host.name": "of the span",
                "otel.scope.version": "2.1",
                "text": "one",
                "empty": "",
                "whole": "9007199254740993",
                "part": "637.5",
                "truth": "true",
                "bytes": "AQI=",
                "list": '["a",2]',
                "map": '{"k":false}',
                "nothing": "",
                "code.function.name": "shop.cart.get",
                "w3c.tracestate": "a=b",
                "otel.dropped_events_count": "3",
            },
        }
    ]


def test_events_and_links_of_a_span_become_records_and_links() -> None:
    event = {"timeUnixNano": "7", "name": "retry", "attributes": [attribute("attempt", intValue=2)]}
    link = {"traceId": TRACE, "spanId": PARENT, "attributes": [attribute("why", stringValue="queue")]}
    batch = read(DOCUMENT, traces(span(events=[event], links=[link])))
    (record,) = rows(batch.records)
    assert record == {
        "line_number": 1,
        "byte_offset": 0,
        "byte_length": batch.bytes_read,
        "time_unix_nano": 7,
        "event_name": "retry",
        "attributes": {"attempt": "2"},
        "trace_id": TRACE,
        "span_id": SPAN,
    }
    assert rows(batch.spans)[0]["links"] == [{"trace_id": TRACE, "span_id": PARENT, "attributes": {"why": "queue"}}]


@pytest.mark.parametrize(
    ("said", "status", "attributes"),
    [
        ({"endTimeUnixNano": 2}, "ok", {}),
        ({"endTimeUnixNano": 2, "status": {"code": 1}}, "ok", {"otel.status_code": "OK"}),
        ({"endTimeUnixNano": 2, "status": {"code": 2}}, "error", {}),
        ({"status": None, "endTimeUnixNano": "0"}, "incomplete", {}),
    ],
)
def test_a_status_that_is_not_set_is_ok_and_a_span_without_end_is_incomplete(
    said: dict[str, Any], status: str, attributes: dict[str, str]
) -> None:
    (row,) = rows(read(DOCUMENT, traces(span(startTimeUnixNano=1, **said))).spans)
    assert (row["status"], row["attributes"]) == (status, {"otel.scope.version": "2.1"} | attributes)


def test_ids_in_base64_and_in_hexadecimal_are_the_same_and_zeros_are_none() -> None:
    def packed(digits: str) -> str:
        return base64.b64encode(bytes.fromhex(digits)).decode()

    batch = read(
        DOCUMENT,
        traces(
            span(parentSpanId="0" * 16),
            {"traceId": packed(TRACE), "spanId": packed(SPAN), "parentSpanId": packed(PARENT)},
        ),
    )
    assert columns(batch.spans, "trace_id", "span_id", "parent_span_id") == [(TRACE, SPAN, None), (TRACE, SPAN, PARENT)]


def test_names_in_snake_case_and_those_of_old_say_the_same() -> None:
    now = traces(span(startTimeUnixNano="1", endTimeUnixNano="3", attributes=[attribute("a_b", intValue="1")]))
    snake, old = json.dumps(now), json.dumps(now)
    for camel in (
        "resourceSpans",
        "scopeSpans",
        "traceId",
        "spanId",
        "startTimeUnixNano",
        "endTimeUnixNano",
        "intValue",
    ):
        snake = snake.replace(camel, "".join(f"_{c.lower()}" if c.isupper() else c for c in camel))
    old = old.replace("scopeSpans", "instrumentationLibrarySpans").replace('"scope"', '"instrumentationLibrary"')
    expected = rows(read(DOCUMENT, now).spans)
    assert rows(read(DOCUMENT, snake).spans) == expected
    assert rows(read(DOCUMENT, old).spans) == expected


def test_log_records_keep_severity_body_and_resource() -> None:
    logs = {
        "observedTimeUnixNano": "5",
        "timeUnixNano": "0",
        "severityNumber": "SEVERITY_NUMBER_WARN2",
        "severityText": "Warning",
        "eventName": "cart.full",
        "traceId": TRACE,
        "spanId": SPAN,
        "body": {"kvlistValue": {"values": [attribute("items", intValue=7)]}},
        "attributes": [attribute("user", stringValue="ann")],
    }
    resource = {"attributes": [attribute("service.name", stringValue="shop")]}
    said = {"resourceLogs": [{"resource": resource, "scopeLogs": [{"scope": {"name": "cart"}, "logRecords": [logs]}]}]}
    batch = read(DOCUMENT, said)
    assert rows(batch.records) == [
        {
            "line_number": 1,
            "byte_offset": 0,
            "byte_length": batch.bytes_read,
            "time_unix_nano": 5,
            "severity_text": "Warning",
            "severity_number": 14,
            "logger_name": "cart",
            "event_name": "cart.full",
            "body": b'{"items":7}',
            "attributes": {"service.name": "shop", "user": "ann"},
            "trace_id": TRACE,
            "span_id": SPAN,
        }
    ]


def test_points_of_metrics_are_records_with_their_values() -> None:
    point = {"timeUnixNano": "9", "asInt": "4", "attributes": [attribute("color", stringValue="red")]}
    metric = {"name": "sold", "unit": "1", "sum": {"isMonotonic": True, "dataPoints": [point]}}
    said = {"resourceMetrics": [{"scopeMetrics": [{"scope": {"name": "till"}, "metrics": [metric]}]}]}
    (row,) = rows(read(DOCUMENT, said).records)
    assert (row["event_name"], row["time_unix_nano"]) == ("sold", 9)
    assert row["attributes"] == {"unit": "1", "isMonotonic": "true", "asInt": "4", "color": "red"}


def test_spans_of_a_resource_without_a_name_of_a_service_are_refused_and_counted() -> None:
    said = traces(span(), span())
    del said["resourceSpans"][0]["resource"]
    batch = read(DOCUMENT, said)
    reason = "2 spans refused: their resource has no service.name; --service NAME says it"
    assert batch.problems == (Problem("document, resourceSpans[0]", reason),)
    assert batch.spans.num_rows == 0


@pytest.mark.parametrize("reader", [DOCUMENT, LINES])
def test_spans_without_a_name_of_a_service_are_of_the_one_that_is_given(reader: TraceFormat) -> None:
    said = traces(span())
    del said["resourceSpans"][0]["resource"]
    origin = Origin(ORIGIN.source_id, service_name="till")
    (batch,) = reader.read(iter([json.dumps(said).encode()]), origin)
    assert (columns(batch.spans, "service_name"), batch.problems) == ([("till",)], ())


def test_lines_know_their_number_and_bytes_wherever_blocks_are_cut() -> None:
    event = {"timeUnixNano": "7", "name": "retry"}
    lines = [json.dumps(traces(span(name=f"{n}", events=[event, event]))) for n in range(3)]
    data = "\n".join([lines[0], "", lines[1], "{broken", lines[2], ""]).encode()
    whole = read(LINES, data)
    assert columns(whole.spans, "name", "first_line", "last_line") == [("0", 1, 1), ("1", 3, 3), ("2", 5, 5)]
    texts = [lines[0], lines[1], "{broken", lines[2]]
    starts = [data.index(text.encode()) for text in texts]
    assert columns(whole.records, "line_number", "byte_offset", "byte_length") == [
        place
        for number, start, text in zip((1, 3, 4, 5), starts, texts, strict=True)
        for place in ((number, start, len(text) + 1), (number, start, 0))[: 1 if number == 4 else 2]
    ]
    assert [reason is not None for (reason,) in columns(whole.records, "unparsed_reason")] == [False] * 4 + [
        True,
        False,
        False,
    ]
    assert [problem.place for problem in whole.problems] == ["line 4"]
    for block_bytes in (1, 100, 777):
        cut = read(LINES, data, block_bytes)
        assert (cut.spans, cut.records, cut.problems) == (whole.spans, whole.records, whole.problems)


def test_lines_added_to_a_file_are_read_as_if_it_were_read_whole() -> None:
    lines = [json.dumps(traces(span(name=f"{n}", events=[{"name": "e"}]))).encode() + b"\n" for n in range(4)]
    whole = read(LINES, b"".join(lines))
    base = len(lines[0]) + len(lines[1])
    added = list(LINES.read(iter([b"".join(lines[2:])]), Origin(ORIGIN.source_id, first_line=3, byte_base=base)))
    assert added[0].spans.equals(whole.spans.slice(2))
    assert added[0].records.equals(whole.records.slice(2))


def test_of_a_document_that_is_cut_off_the_whole_spans_are_kept_and_the_place_is_told() -> None:
    data = json.dumps(traces(span(name="first"), span(name="second"))).encode()
    end = data.index(b'"second"')
    batch = read(DOCUMENT, data[:end])
    assert columns(batch.spans, "name") == [("first",)]
    assert batch.problems[0].place == f"byte {data[:end].rindex(b'}') + 1}"


def test_broken_json_is_one_problem_with_its_place() -> None:
    batch = read(DOCUMENT, b'{"resourceSpans": [}')
    assert [(problem.place, "(byte 19)" in problem.reason) for problem in batch.problems] == [("document", True)]
    assert batch.spans.num_rows == batch.records.num_rows == 0


@pytest.mark.parametrize("name", ["trace", "logs", "events", "metrics"])
@pytest.mark.shared
def test_the_examples_of_the_specification_are_read_without_a_problem(shared_data, name: str) -> None:
    batch = read(DOCUMENT, (shared_data / "traces_otlp_jaeger" / "otlp" / f"{name}.json").read_bytes())
    assert batch.problems == ()
    counts = {"trace": (1, 0), "logs": (0, 1), "events": (0, 1), "metrics": (0, 4)}
    assert (batch.spans.num_rows, batch.records.num_rows) == counts[name]
