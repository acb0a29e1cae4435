"""OTLP in Protocol Buffers: one message, or a sequence of messages, each behind its length in 4 bytes."""

from __future__ import annotations

from collections.abc import Iterator

import msgspec

from telemap.model.collecting import no_collection
from telemap.traces.batches import Batch, Origin, Problem, TraceFormat
from telemap.traces.otlp import Collector
from telemap.traces.otlp_messages import Document
from telemap.traces.protobuf import MalformedError, fields, message, schema

MESSAGES = schema("""
    Traces: 1 resourceSpans ResourceSpans*
    Logs: 1 resourceLogs ResourceLogs*
    ResourceSpans: 1 resource Resource, 2 scopeSpans ScopeSpans*, 3 schemaUrl text
    ResourceLogs: 1 resource Resource, 2 scopeLogs ScopeLogs*, 3 schemaUrl text
    ScopeSpans: 1 scope Scope, 2 spans Span*, 3 schemaUrl text
    ScopeLogs: 1 scope Scope, 2 logRecords LogRecord*, 3 schemaUrl text
    Resource: 1 attributes KeyValue*, 2 droppedAttributesCount uint
    Scope: 1 name text, 2 version text, 3 attributes KeyValue*, 4 droppedAttributesCount uint
    KeyValue: 1 key text, 2 value AnyValue
    AnyValue: 1 stringValue text, 2 boolValue bool, 3 intValue int, 4 doubleValue double, 5 arrayValue ArrayValue, \
        6 kvlistValue KeyValueList, 7 bytesValue base64
    ArrayValue: 1 values AnyValue*
    KeyValueList: 1 values KeyValue*
    Span: 1 traceId hex, 2 spanId hex, 3 traceState text, 4 parentSpanId hex, 5 name text, 6 kind int, \
        7 startTimeUnixNano fixed, 8 endTimeUnixNano fixed, 9 attributes KeyValue*, 10 droppedAttributesCount uint, \
        11 events Event*, 12 droppedEventsCount uint, 13 links Link*, 14 droppedLinksCount uint, 15 status Status, \
        16 flags fixed
    Event: 1 timeUnixNano fixed, 2 name text, 3 attributes KeyValue*, 4 droppedAttributesCount uint
    Link: 1 traceId hex, 2 spanId hex, 3 traceState text, 4 attributes KeyValue*, 5 droppedAttributesCount uint, \
        6 flags fixed
    Status: 2 message text, 3 code int
    LogRecord: 1 timeUnixNano fixed, 2 severityNumber int, 3 severityText text, 5 body AnyValue, \
        6 attributes KeyValue*, 7 droppedAttributesCount uint, 8 flags fixed, 9 traceId hex, 10 spanId hex, \
        11 observedTimeUnixNano fixed, 12 eventName text
""")
_LENGTH_BYTES = 4
_FIXED64 = 1


def signal(data: bytes) -> str | None:
    """Which message ``data`` is, or begins to be: ``Traces``, ``Logs`` or none of them.

    All requests of OTLP nest alike (resource, scope, item); a span has its start as field 7, a log record its time as
    field 1 or 11, of 64 bits.
    """
    for resource in _within(data, {1}, 1):
        for scope in _within(resource, {1, 2, 3}, 2):
            for item in _within(scope, {1, 2, 3}, 2):
                wires = dict(_as_far(item))
                if wires.get(7) == _FIXED64 or wires.get(8) == _FIXED64:
                    return "Traces"
                return "Logs" if _FIXED64 in (wires.get(1), wires.get(11)) else None
    return None


def _as_far(data: bytes) -> Iterator[tuple[int, int]]:
    """Numbers and wire types of the fields, as far as the bytes reach."""
    try:
        for number, wire, _, _ in fields(data):
            yield number, wire
    except MalformedError:
        return


def _within(data: bytes, allowed: set[int], wanted: int) -> Iterator[bytes]:
    """The messages in field ``wanted``, the last perhaps cut off; none once there is a field that is not allowed."""
    end = 0
    try:
        for number, wire, value, behind in fields(data):
            if number not in allowed or wire != 2:
                return
            if number == wanted:
                yield value
            end = behind
    except MalformedError:
        cut = data[end:]
        if cut.startswith(bytes([wanted << 3 | 2])):
            length_bytes = next((n for n, byte in enumerate(cut[1:], 1) if byte < 0x80), len(cut))
            yield cut[1 + length_bytes :]


def read_message(blocks: Iterator[bytes], origin: Origin) -> Iterator[Batch]:
    """One batch of the one message."""
    data = b"".join(blocks)
    yield _batch([(0, data)], origin, len(data))


def read_sequence(blocks: Iterator[bytes], origin: Origin) -> Iterator[Batch]:
    """A batch for each block, of the messages that end in it."""
    kept, base = b"", 0
    for block in blocks:
        kept += block
        at, found = 0, []
        while at + _LENGTH_BYTES <= len(kept):
            start = at + _LENGTH_BYTES
            end = start + int.from_bytes(kept[at:start], "big")
            if end > len(kept):
                break
            found.append((base + at, kept[start:end]))
            at = end
        kept, base = kept[at:], base + at
        if found:
            yield _batch(found, origin, at)
    if kept:
        collector = Collector(origin)
        collector.problems.append(Problem(f"byte {base}", f"the last message is cut off: {len(kept)} bytes of it"))
        yield collector.batch(len(kept))


def _batch(messages: list[tuple[int, bytes]], origin: Origin, size_bytes: int) -> Batch:
    collector = Collector(origin)
    for offset, data in messages:
        place, of = f"message at byte {offset}", signal(data)
        try:
            with no_collection():
                if of is None and data:
                    raise MalformedError("neither spans nor log records are in it")
                document = msgspec.convert(message(data, of or "Traces", MESSAGES), Document, strict=False)
                collector.add(document, place, byte_offset=offset, byte_length=len(data))
        except (MalformedError, msgspec.ValidationError) as error:
            collector.problems.append(Problem(place, str(error)))
    return collector.batch(size_bytes)


MESSAGE = TraceFormat("otlp-protobuf", is_appendable=False, read=read_message)
SEQUENCE = TraceFormat("otlp-protobuf-sequence", is_appendable=False, read=read_sequence)
