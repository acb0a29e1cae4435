"""A trace in the JSON of Google Cloud Trace's first interface → rows."""

from __future__ import annotations

from collections.abc import Iterator

import msgspec

from telemap.traces.batches import Batch, Origin, Span, TraceFormat, document_batch
from telemap.traces.json_documents import decoded_document
from telemap.traces.times import iso_nanoseconds

_KINDS = {"RPC_CLIENT": "client", "RPC_SERVER": "server"}


class CloudSpan(msgspec.Struct, rename="camel"):
    """A span; its ids are decimal."""

    span_id: int
    name: str | None = None
    kind: str | None = None
    start_time: str | None = None
    end_time: str | None = None
    parent_span_id: int | None = None
    labels: dict[str, str] | None = None


class CloudTrace(msgspec.Struct, rename="camel"):
    """A trace."""

    trace_id: str | None = None
    project_id: str | None = None
    spans: list[CloudSpan] = []


_DECODER = msgspec.json.Decoder(CloudTrace, strict=False)


def read(blocks: Iterator[bytes], origin: Origin) -> Iterator[Batch]:
    """One batch of the one document."""
    trace, size_bytes, problems = decoded_document(_DECODER.decode, blocks, CloudTrace())
    shared = {"gcp.project_id": trace.project_id} if trace.project_id else {}
    spans = []
    for said in trace.spans:
        start, end = iso_nanoseconds(said.start_time), iso_nanoseconds(said.end_time)
        spans.append(
            Span(
                span_id=f"{said.span_id:016x}",
                trace_id=trace.trace_id and trace.trace_id.lower(),
                parent_span_id=f"{said.parent_span_id:016x}" if said.parent_span_id else None,
                name=said.name,
                start_time_unix_nano=start,
                end_time_unix_nano=end,
                duration_ns=None if start is None or end is None else end - start,
                status="incomplete" if end is None else "ok",
                span_kind=_KINDS.get(said.kind or ""),
                attributes={**shared, **(said.labels or {})},
            )
        )
    yield document_batch(spans, [], origin, size_bytes, problems)


TRACE = TraceFormat("google-cloud-trace", is_appendable=False, read=read)
