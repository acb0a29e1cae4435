"""Zipkin's JSON, version 2: a list of spans, or of traces that are lists of spans → rows."""

from __future__ import annotations

from collections.abc import Iterator

import msgspec

from telemap.traces.batches import Attributes, Batch, Origin, Record, Span, TraceFormat, document_batch
from telemap.traces.jaeger import padded
from telemap.traces.json_documents import decoded_document
from telemap.traces.otlp import SPAN_KINDS, STATUS_CODE
from telemap.traces.times import from_microseconds


class Endpoint(msgspec.Struct, rename="camel"):
    """One side of a call."""

    service_name: str | None = None
    ipv4: str | None = None
    ipv6: str | None = None
    port: int | None = None


class Annotation(msgspec.Struct):
    """Something that happened during a span; the time in µs."""

    timestamp: int | float
    value: str


class ZipkinSpan(msgspec.Struct, rename="camel"):
    """A span; times in µs."""

    trace_id: str
    id: str
    parent_id: str | None = None
    name: str | None = None
    kind: str | None = None
    timestamp: int | float | None = None
    duration: int | float | None = None
    local_endpoint: Endpoint | None = None
    remote_endpoint: Endpoint | None = None
    annotations: list[Annotation] | None = None
    tags: dict[str, str] | None = None
    debug: bool | None = None
    shared: bool | None = None


_SPANS = msgspec.json.Decoder(list[ZipkinSpan], strict=False)
_TRACES = msgspec.json.Decoder(list[list[ZipkinSpan]], strict=False)


def _decode(data: bytes) -> list[ZipkinSpan]:
    if data.lstrip().removeprefix(b"[").lstrip().startswith(b"["):
        return [span for trace in _TRACES.decode(data) for span in trace]
    return _SPANS.decode(data)


def read(blocks: Iterator[bytes], origin: Origin) -> Iterator[Batch]:
    """One batch of the one document."""
    document, size_bytes, problems = decoded_document(_decode, blocks, list[ZipkinSpan]())
    spans = [_span(said) for said in document]
    records = [
        Record(
            event_name=annotation.value,
            attributes={},
            time_unix_nano=from_microseconds(annotation.timestamp),
            trace_id=span.trace_id,
            span_id=span.span_id,
        )
        for said, span in zip(document, spans, strict=True)
        for annotation in said.annotations or ()
    ]
    yield document_batch(spans, records, origin, size_bytes, problems)


def _span(said: ZipkinSpan) -> Span:
    attributes = _endpoint(said.local_endpoint, "network.local") | _endpoint(said.remote_endpoint, "network.peer")
    if said.remote_endpoint and said.remote_endpoint.service_name:
        attributes["peer.service"] = said.remote_endpoint.service_name
    attributes |= {f"zipkin.{name}": "true" for name in ("debug", "shared") if getattr(said, name)}
    attributes |= said.tags or {}
    error = attributes.pop("error", None)
    if error is not None or attributes.get(STATUS_CODE) == "ERROR":
        attributes.pop(STATUS_CODE, None)
        status = "error"
    else:
        status = "incomplete" if said.duration is None else "ok"
    scopes = [attributes.pop(name) for name in ("otel.scope.name", "otel.library.name") if name in attributes]
    start, duration = from_microseconds(said.timestamp), from_microseconds(said.duration)
    kind = (said.kind or "").lower()
    return Span(
        span_id=padded(said.id),
        trace_id=padded(said.trace_id),
        parent_span_id=padded(said.parent_id) if said.parent_id else None,
        name=said.name,
        start_time_unix_nano=start,
        end_time_unix_nano=None if start is None or duration is None else start + duration,
        duration_ns=duration,
        reported_duration_ns=duration,
        status=status,
        status_message=error or None,
        service_name=said.local_endpoint.service_name if said.local_endpoint else None,
        span_kind=kind if kind in SPAN_KINDS else None,
        scope_name=scopes[0] if scopes else None,
        attributes=attributes,
    )


def _endpoint(endpoint: Endpoint | None, prefix: str) -> Attributes:
    if endpoint is None:
        return {}
    told = {"address": endpoint.ipv4 or endpoint.ipv6, "port": endpoint.port and str(endpoint.port)}
    return {f"{prefix}.{name}": value for name, value in told.items() if value}


SPANS = TraceFormat("zipkin-json", is_appendable=False, read=read)
