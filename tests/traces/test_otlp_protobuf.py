"""OTLP in Protocol Buffers says what the same OTLP in JSON says."""

from __future__ import annotations

import base64
import json
from pathlib import Path
from typing import Any

import pytest
from google.protobuf import json_format
from opentelemetry.proto.logs.v1 import logs_pb2
from opentelemetry.proto.trace.v1 import trace_pb2

from telemap.traces import Batch
from telemap.traces.otlp_json import DOCUMENT
from telemap.traces.otlp_protobuf import MESSAGE, SEQUENCE
from telemap.traces.protobuf import MalformedError, fields, message, schema
from tests.traces.reading import columns, read

VALUES = [
    {"stringValue": "grün"},
    {"intValue": "-7"},
    {"doubleValue": 2.5},
    {"boolValue": True},
    {"bytesValue": "AQI="},
    {"arrayValue": {"values": [{"intValue": "1"}, {"stringValue": "x"}]}},
    {"kvlistValue": {"values": [{"key": "k", "value": {"doubleValue": 0.5}}]}},
]
ATTRIBUTES = [{"key": f"a{n}", "value": value} for n, value in enumerate(VALUES)]
RESOURCE = {"attributes": [{"key": "service.name", "value": {"stringValue": "shop"}}]}
SCOPE = {"name": "lib", "version": "2", "attributes": ATTRIBUTES[:1]}
SPAN = {
    "traceId": "5b8efff798038103d269b633813fc60c",
    "spanId": "eee19b7ec3c1b174",
    "parentSpanId": "eee19b7ec3c1b173",
    "traceState": "a=b",
    "name": "GET",
    "kind": "SPAN_KIND_CLIENT",
    "startTimeUnixNano": "1544712660000000000",
    "endTimeUnixNano": "1544712661000000000",
    "attributes": ATTRIBUTES,
    "events": [{"timeUnixNano": "9", "name": "retry", "attributes": ATTRIBUTES}],
    "links": [{"traceId": "5b8efff798038103d269b633813fc60c", "spanId": "eee19b7ec3c1b175", "flags": 3}],
    "status": {"code": "STATUS_CODE_ERROR", "message": "gone"},
    "flags": 257,
    "droppedLinksCount": 4,
}
LOG = {
    "timeUnixNano": "7",
    "observedTimeUnixNano": "8",
    "severityNumber": "SEVERITY_NUMBER_WARN",
    "severityText": "warn",
    "eventName": "sold.out",
    "body": {"stringValue": "none left"},
    "attributes": ATTRIBUTES,
    "traceId": "5b8efff798038103d269b633813fc60c",
    "spanId": "eee19b7ec3c1b174",
}
TRACES = {"resourceSpans": [{"resource": RESOURCE, "scopeSpans": [{"scope": SCOPE, "spans": [SPAN, SPAN]}]}]}
LOGS = {"resourceLogs": [{"resource": RESOURCE, "scopeLogs": [{"scope": SCOPE, "logRecords": [LOG, LOG]}]}]}


def protobuf(said: dict[str, Any]) -> bytes:
    """``said`` as the official library writes it; its JSON wants ids in base64."""

    def packed(value: Any) -> Any:
        if isinstance(value, list):
            return [packed(one) for one in value]
        if not isinstance(value, dict):
            return value
        return {
            key: base64.b64encode(bytes.fromhex(one)).decode()
            if key.lower().endswith(("traceid", "spanid"))
            else packed(one)
            for key, one in value.items()
        }

    of = trace_pb2.TracesData if "resourceSpans" in said else logs_pb2.LogsData
    return bytes(json_format.ParseDict(packed(said), of()).SerializeToString())


def without_bytes(batch: Batch) -> tuple[Any, ...]:
    return batch.spans, batch.records.drop(["byte_offset", "byte_length"]), batch.problems


@pytest.mark.parametrize("said", [TRACES, LOGS])
def test_a_message_says_what_the_document_says(said: dict[str, Any]) -> None:
    expected = read(DOCUMENT, said)
    assert expected.spans.num_rows + expected.records.num_rows >= 2
    assert without_bytes(read(MESSAGE, protobuf(said))) == without_bytes(expected)


@pytest.mark.parametrize("block_bytes", [1, 5, 1 << 20])
def test_a_sequence_of_messages_is_read_wherever_blocks_are_cut(block_bytes: int) -> None:
    packed = protobuf(TRACES)
    data = (len(packed).to_bytes(4, "big") + packed) * 3
    batch = read(SEQUENCE, data, block_bytes)
    assert columns(batch.spans, "name") == [("GET",)] * 6
    assert batch.problems == ()


def test_of_a_sequence_that_breaks_off_the_whole_messages_are_kept() -> None:
    packed = protobuf(TRACES)
    whole = len(packed).to_bytes(4, "big") + packed
    batch = read(SEQUENCE, whole + whole[:-1])
    assert batch.spans.num_rows == 2
    assert [problem.place for problem in batch.problems] == [f"byte {len(whole)}"]


def test_a_message_that_breaks_off_is_one_problem() -> None:
    batch = read(MESSAGE, protobuf(TRACES)[:-1])
    assert batch.spans.num_rows == 0
    assert len(batch.problems) == 1
    assert "goes beyond the message" in batch.problems[0].reason


def test_packed_numbers_unknown_fields_and_negative_numbers_are_read() -> None:
    known = schema("Point: 1 many int*, 3 one int")
    data = b"\x0a\x03\x01\x96\x01" + b"\x08\x05" + b"\x12\x01x" + b"\x18" + b"\xff" * 9 + b"\x01"
    assert message(data, "Point", known) == {"many": [1, 150, 5], "one": -1}


@pytest.mark.parametrize("data", [b"\x08", b"\x08" + b"\xff" * 11, b"\x0a\x05ab", b"\x0b", b"\x02\x00", b"\x09\x01"])
def test_bytes_that_are_no_message_are_told(data: bytes) -> None:
    with pytest.raises(MalformedError):
        list(fields(data))


@pytest.mark.shared
@pytest.mark.parametrize("name", ["trace", "logs", "events"])
def test_the_examples_of_the_specification_are_the_same_in_both_forms(shared_data: Path, name: str) -> None:
    said = json.loads((shared_data / "traces_otlp_jaeger" / "otlp" / f"{name}.json").read_bytes())
    assert without_bytes(read(MESSAGE, protobuf(said))) == without_bytes(read(DOCUMENT, said))
