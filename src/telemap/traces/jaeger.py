"""Jaeger's JSON, as its user interface and its HTTP interface write it ↔ rows."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator
from typing import Any

import msgspec
import pyarrow as pa

from telemap.traces.batches import (
    Attributes,
    Batch,
    Link,
    Origin,
    Problem,
    Record,
    Span,
    TraceFormat,
    document_batch,
)
from telemap.traces.json_documents import decoded_document, text
from telemap.traces.otlp import SCHEMA_URL, SPAN_KINDS, STATUS_CODE
from telemap.traces.times import from_microseconds

_FLAGS, _WARNINGS = "jaeger.flags", "jaeger.warnings"
_REFERENCE = "opentracing.ref_type"
_SCOPES = ("otel.scope.name", "otel.library.name")
_STATUS_MESSAGE = "otel.status_description"


class Tag(msgspec.Struct):
    """An attribute."""

    key: str
    value: Any = None


class Log(msgspec.Struct):
    """Something that happened during a span; the time in µs."""

    timestamp: int | float = 0
    fields: list[Tag] | None = None


class Reference(msgspec.Struct, rename={"kind": "refType", "trace_id": "traceID", "span_id": "spanID"}):
    """The span that one was caused by."""

    trace_id: str
    span_id: str
    kind: str = "CHILD_OF"


class Process(msgspec.Struct, rename="camel"):
    """What emitted."""

    service_name: str | None = None
    tags: list[Tag] | None = None


class JaegerSpan(
    msgspec.Struct,
    rename={"trace_id": "traceID", "span_id": "spanID", "process_id": "processID"}
    | {"parent_span_id": "parentSpanID", "name": "operationName", "start": "startTime"},
):
    """A span; times in µs."""

    trace_id: str
    span_id: str
    name: str | None = None
    parent_span_id: str | None = None
    references: list[Reference] | None = None
    start: int | float | None = None
    duration: int | float | None = None
    tags: list[Tag] | None = None
    logs: list[Log] | None = None
    process_id: str | None = None
    process: Process | None = None
    flags: int | None = None
    warnings: list[str] | None = None


class Trace(msgspec.Struct):
    """A trace, and in the same shape a document that holds traces as its data."""

    spans: list[JaegerSpan] | None = None
    processes: dict[str, Process] | None = None
    warnings: list[str] | None = None
    data: list[Trace] | Trace | None = None


class Dependency(msgspec.Struct, rename="camel"):
    """How often one service called another."""

    parent: str
    child: str
    call_count: int


class Dependencies(msgspec.Struct):
    """Dependencies, as the HTTP interface answers with them."""

    data: list[Dependency]


_TRACES = msgspec.json.Decoder(list[Trace] | Trace, strict=False)
_DEPENDENCIES = msgspec.json.Decoder(list[Dependency] | Dependencies)


def read(blocks: Iterator[bytes], origin: Origin) -> Iterator[Batch]:
    """One batch of the one document."""
    document, size_bytes, problems = decoded_document(_TRACES.decode, blocks, Trace())
    spans: list[Span] = []
    records: list[Record] = []
    for trace in _traces(document):
        for said in trace.spans or ():
            process = said.process or (trace.processes or {}).get(said.process_id or "")
            if process is None:
                problems.append(
                    Problem(f"span {said.span_id}", f"its process {said.process_id} is not in the document")
                )
            spans.append(_span(said, process or Process()))
            records += [_record(log, spans[-1]) for log in said.logs or ()]
        records += [Record(event_name=_WARNINGS, attributes={}, body=warning) for warning in trace.warnings or ()]
    yield document_batch(spans, records, origin, size_bytes, problems)


def _traces(document: list[Trace] | Trace) -> Iterator[Trace]:
    for trace in document if isinstance(document, list) else [document]:
        yield trace
        yield from _traces(trace.data or [])


def _span(said: JaegerSpan, process: Process) -> Span:
    tags = _texts(said.tags)
    parent, links = _parent(said)
    start, duration = from_microseconds(said.start), from_microseconds(said.duration)
    has_failed = "ERROR" in (tags.get(STATUS_CODE), tags.get("error", "").upper().replace("TRUE", "ERROR"))
    if has_failed:
        tags = {key: value for key, value in tags.items() if key not in ("error", STATUS_CODE)}
    kind = tags.get("span.kind")
    if kind in SPAN_KINDS:
        tags.pop("span.kind", None)
    scope = [tags.pop(name) for name in _SCOPES if name in tags]
    if said.flags is not None:
        tags[_FLAGS] = str(said.flags)
    if said.warnings:
        tags[_WARNINGS] = text(said.warnings)
    return Span(
        span_id=padded(said.span_id),
        trace_id=padded(said.trace_id),
        parent_span_id=parent,
        name=said.name,
        start_time_unix_nano=start,
        end_time_unix_nano=None if start is None or duration is None else start + duration,
        duration_ns=duration,
        reported_duration_ns=duration,
        status="error" if has_failed else "incomplete" if duration is None else "ok",
        status_message=tags.pop(_STATUS_MESSAGE, None),
        service_name=process.service_name,
        span_kind=kind if kind in SPAN_KINDS else None,
        scope_name=scope[0] if scope else None,
        attributes={**_texts(process.tags), **tags},
        links=links,
    )


def _parent(said: JaegerSpan) -> tuple[str | None, list[Link]]:
    """The first of the same trace that it is a child of; all other references are links."""
    parent, links = said.parent_span_id and padded(said.parent_span_id), []
    for at in said.references or ():
        if at.kind == "CHILD_OF" and at.trace_id == said.trace_id and not parent:
            parent = padded(at.span_id)
        elif padded(at.span_id) != parent:
            links.append(Link(padded(at.trace_id), padded(at.span_id), {_REFERENCE: at.kind.lower()}))
    return parent or None, links


def _texts(tags: Iterable[Tag] | None) -> Attributes:
    """Tags as text; Jaeger lets one key stand more than once, which makes a list of its values."""
    values: dict[str, list[Any]] = defaultdict(list)
    for tag in tags or ():
        values[tag.key].append(tag.value)
    return {key: text(found[0] if len(found) == 1 else found) for key, found in values.items()}


def _record(log: Log, span: Span) -> Record:
    fields = _texts(log.fields)
    return Record(
        event_name=fields.pop("event", None),
        body=fields.pop("message", None),
        attributes=fields,
        time_unix_nano=from_microseconds(log.timestamp),
        trace_id=span.trace_id,
        span_id=span.span_id,
    )


def padded(identity: str) -> str:
    """An id in lower case, with the leading zeros of 64 or 128 bits that Jaeger leaves out; of no number, as it is."""
    try:
        int(identity, 16)
    except ValueError:
        return identity
    return identity.lower().zfill(16 if len(identity) <= 16 else 32)


def read_dependencies(blocks: Iterator[bytes], origin: Origin) -> Iterator[Batch]:
    """One batch of records, one for each pair of services."""
    document, size_bytes, problems = decoded_document(_DEPENDENCIES.decode, blocks, Dependencies([]))
    found = document.data if isinstance(document, Dependencies) else document
    records = [
        Record(
            event_name="jaeger.dependency",
            attributes={"parent": at.parent, "child": at.child, "callCount": str(at.call_count)},
        )
        for at in found
    ]
    yield document_batch([], records, origin, size_bytes, problems)


def to_jaeger(spans: pa.Table, records: pa.Table) -> dict[str, Any]:
    """The document that Jaeger's user interface reads; what belonged to the process is written as tags of the span."""
    logs: dict[tuple[str, str], list[dict[str, Any]]] = defaultdict(list)
    for record in records.to_pylist():
        logs[record["trace_id"], record["span_id"]].append(_log(record))
    traces: dict[str, list[dict[str, Any]]] = defaultdict(list)
    for span in spans.to_pylist():
        traces[span["trace_id"]].append(span)
    data = [_trace(trace_id, members, logs) for trace_id, members in traces.items()]
    return {"data": data, "total": 0, "limit": 0, "offset": 0, "errors": None}


def _trace(trace_id: str, spans: list[dict[str, Any]], logs: dict[Any, list[dict[str, Any]]]) -> dict[str, Any]:
    services = dict.fromkeys(span["service_name"] or "unknown_service" for span in spans)
    processes = {service: f"p{number}" for number, service in enumerate(services, 1)}
    return {
        "traceID": trace_id,
        "spans": [
            {
                "traceID": trace_id,
                "spanID": span["span_id"],
                "operationName": span["name"],
                "references": _references(span),
                "startTime": (span["start_time_unix_nano"] or 0) // 1000,
                "duration": (span["duration_ns"] or 0) // 1000,
                "tags": _tags(_span_tags(span)),
                "logs": logs.get((trace_id, span["span_id"]), []),
                "processID": processes[span["service_name"] or "unknown_service"],
                "warnings": None,
            }
            for span in spans
        ],
        "processes": {identity: {"serviceName": service, "tags": []} for service, identity in processes.items()},
        "warnings": None,
    }


def _references(span: dict[str, Any]) -> list[dict[str, str]]:
    found = [("CHILD_OF", span["trace_id"], span["parent_span_id"])] if span["parent_span_id"] else []
    for link in span["links"] or ():
        kind = dict(link["attributes"]).get(_REFERENCE, "follows_from").upper()
        found.append((kind, link["trace_id"], link["span_id"]))
    return [{"refType": kind, "traceID": trace_id, "spanID": span_id} for kind, trace_id, span_id in found]


def _span_tags(span: dict[str, Any]) -> dict[str, Any]:
    tags: dict[str, Any] = {"otel.library.name": span["scope_name"]} | dict(span["attributes"])
    tags.pop(SCHEMA_URL, None)  # Jaeger has no place for it, and its own conversion leaves it out
    tags["span.kind"] = span["span_kind"]
    if span["status"] == "error":
        tags |= {"error": True, STATUS_CODE: "ERROR", _STATUS_MESSAGE: span["status_message"]}
    return tags


def _log(record: dict[str, Any]) -> dict[str, Any]:
    body = record["body"]
    fields = {"event": record["event_name"], "message": body and body.decode(errors="replace")}
    fields |= dict(record["attributes"])
    return {"timestamp": (record["time_unix_nano"] or 0) // 1000, "fields": _tags(fields)}


def _tags(values: dict[str, Any]) -> list[dict[str, Any]]:
    return [
        {"key": key, "type": "bool" if value is True else "string", "value": value}
        for key, value in values.items()
        if value is not None
    ]


TRACES = TraceFormat("jaeger-json", is_appendable=False, read=read)
DEPENDENCIES = TraceFormat("jaeger-dependencies", is_appendable=False, read=read_dependencies)
