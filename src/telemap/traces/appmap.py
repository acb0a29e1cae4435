"""AppMap recordings: calls and their returns → spans with the places of their functions, which know no time of day."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator
from typing import Any

import msgspec

from telemap.traces.batches import Attributes, Batch, Origin, Problem, Span, TraceFormat, document_batch
from telemap.traces.json_documents import decoded_document, text

Event = dict[str, Any]

_READ = frozenset(("id", "event", "parent_id", "elapsed"))
_CODE = {"path": "code.file.path", "lineno": "code.line.number", "thread_id": "thread.id"}
_REQUESTS = {"http_server_request": "server", "http_client_request": "client", "sql_query": "client"}


class Recording(msgspec.Struct, rename="camel"):
    """A whole file."""

    events: list[Event] = []
    event_updates: dict[str, Event] = {}
    metadata: dict[str, Any] = {}


_DECODER = msgspec.json.Decoder(Recording)


def read(blocks: Iterator[bytes], origin: Origin) -> Iterator[Batch]:
    """One batch of the one document; of each thread, what is called while another call goes on is its child."""
    recording, size_bytes, problems = decoded_document(_DECODER.decode, blocks, Recording())
    application = recording.metadata.get("app")
    spans: dict[str, Span] = {}
    running: dict[str, list[str]] = defaultdict(list)
    for event in recording.events:
        event = recording.event_updates.get(str(event.get("id")), event)
        stack = running[text(event.get("thread_id"))]
        if event.get("event") == "call":
            span = _span(event, origin, len(spans))
            span.parent_span_id = spans[stack[-1]].span_id if stack else None
            span.service_name = None if application is None else str(application)
            spans[text(event.get("id"))] = span
            stack.append(text(event.get("id")))
        elif (caller := text(event.get("parent_id"))) in spans:
            _finish(spans[caller], event)
            if caller in stack:
                del stack[stack.index(caller) :]
        else:
            problems.append(Problem(f"event {event.get('id')}", "a return without its call"))
    yield document_batch(list(spans.values()), [], origin, size_bytes, problems)


def _span(event: Event, origin: Origin, number: int) -> Span:
    request = next((kind for kind in _REQUESTS if kind in event), None)
    attributes = _attributes(event)
    if "defined_class" in event and "method_id" in event:
        attributes["code.function.name"] = f"{event['defined_class']}.{event['method_id']}"
    return Span(
        span_id=origin.span_id(number),
        trace_id=origin.trace_id(0),
        name=attributes.get("code.function.name") or (_request_name(event[request]) if request else None),
        status="incomplete",
        span_kind=_REQUESTS[request] if request else "internal",
        attributes=attributes,
    )


def _request_name(request: Any) -> str:
    if not isinstance(request, dict):
        return text(request)
    path = request.get("normalized_path_info") or request.get("path_info") or request.get("url")
    return text(request.get("sql") or " ".join(text(part) for part in (request.get("request_method"), path) if part))


def _attributes(event: Event) -> Attributes:
    return {_CODE.get(key, key): text(value) for key, value in event.items() if key not in _READ}


def _finish(span: Span, event: Event) -> None:
    elapsed = event.get("elapsed")
    exceptions = event.get("exceptions") or []
    span.status = "error" if exceptions else "ok"
    if exceptions and isinstance(exceptions[0], dict):
        span.status_message = text(exceptions[0].get("message", exceptions[0].get("class", "")))
    if isinstance(elapsed, int | float):
        span.duration_ns = span.reported_duration_ns = round(elapsed * 1e9)
    span.attributes |= {key: value for key, value in _attributes(event).items() if key not in span.attributes}


RECORDING = TraceFormat("appmap", is_appendable=False, read=read)
