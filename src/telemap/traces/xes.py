"""XES event logs: a case → a sequence, its events → spans within it."""

from __future__ import annotations

import xml.etree.ElementTree as ElementTree
from collections import defaultdict
from collections.abc import Iterator

from telemap.traces.batches import Attributes, Batch, Origin, Span, TraceFormat, document_batch
from telemap.traces.json_documents import text
from telemap.traces.times import iso_nanoseconds
from telemap.traces.xml_documents import Elements, local_name

_NAME, _TIME, _TRANSITION, _INSTANCE = "concept:name", "time:timestamp", "lifecycle:transition", "concept:instance"
_VALUES = frozenset(("string", "date", "int", "float", "boolean", "id", "list", "container"))
_SPANS_A_BATCH = 50_000


def read(blocks: Iterator[bytes], origin: Origin) -> Iterator[Batch]:
    """Batches of whole cases, in the order of the file; ids of spans rise in the order of events, timed or not."""
    elements = Elements(blocks)
    shared: Attributes = {}
    spans: list[Span] = []
    cases = count = taken = 0
    for element, depth in elements:
        kind = local_name(element)
        if depth == 1 and kind in _VALUES:
            shared |= _attributes([element])
        elif depth == 1 and kind == "trace":
            spans += _case(element, origin, cases, count, shared)
            cases, count = cases + 1, len(spans) + taken
        if depth <= 1:
            element.clear()
        if len(spans) >= _SPANS_A_BATCH:
            taken += len(spans)
            yield document_batch(spans, [], origin, elements.taken_bytes())
            spans = []
    problems = [elements.problem] if elements.problem else []
    yield document_batch(spans, [], origin, elements.taken_bytes(), problems)


def _case(element: ElementTree.Element, origin: Origin, number: int, count: int, shared: Attributes) -> list[Span]:
    told = _attributes(element)
    case = Span(
        span_id=origin.span_id(count),
        trace_id=origin.trace_id(number),
        name=told.get(_NAME),
        kind="sequence",
        sequence_name=shared.get(_NAME),
        attributes={**{f"log.{key}": value for key, value in shared.items()}, **told},
    )
    spans = [case]
    started: dict[tuple[str | None, str | None], list[Span]] = defaultdict(list)
    for event in element:
        if local_name(event) == "event":
            _take(_attributes(event), case, spans, started, origin.span_id(count + len(spans)))
    for waiting in started.values():
        for span in waiting:
            span.status, span.end_time_unix_nano = "incomplete", None
    _enclose(case, spans[1:])
    return spans


def _take(
    told: Attributes,
    case: Span,
    spans: list[Span],
    started: dict[tuple[str | None, str | None], list[Span]],
    span_id: str,
) -> None:
    """A start waits for the completion of its activity; any other event is a span by itself, of unknown duration."""
    time, transition = iso_nanoseconds(told.get(_TIME)), told.get(_TRANSITION, "").lower()
    waiting = started[told.get(_NAME), told.get(_INSTANCE)]
    if transition == "complete" and waiting:
        span = waiting.pop(0)
        kept = span.attributes
        kept |= {key if kept.get(key, value) == value else f"end.{key}": value for key, value in told.items()}
        span.end_time_unix_nano, begin = time, span.start_time_unix_nano
        span.duration_ns = None if time is None or begin is None else time - begin
        return
    span = Span(
        span_id=span_id,
        trace_id=case.trace_id,
        parent_span_id=case.span_id,
        name=told.get(_NAME),
        sequence_name=case.sequence_name,
        start_time_unix_nano=time,
        end_time_unix_nano=time,
        attributes=told,
    )
    spans.append(span)
    if transition == "start":
        waiting.append(span)


def _enclose(case: Span, spans: list[Span]) -> None:
    times = [t for s in spans for t in (s.start_time_unix_nano, s.end_time_unix_nano) if t is not None]
    if times:
        first, last = min(times), max(times)
        case.start_time_unix_nano, case.end_time_unix_nano, case.duration_ns = first, last, last - first


def _attributes(elements: ElementTree.Element | list[ElementTree.Element]) -> Attributes:
    """Keys and values; what is nested in an attribute is named behind it, a list is JSON."""
    found: Attributes = {}
    for element in elements:
        kind = local_name(element)
        if kind not in _VALUES:
            continue
        key = element.get("key", "")
        nested = [child for child in element if local_name(child) in _VALUES or local_name(child) == "values"]
        if kind == "list":
            inner = [child for holder in nested for child in (holder if local_name(holder) == "values" else [holder])]
            found[key] = text([_attributes([child]) for child in inner])
            continue
        if kind != "container":
            found[key] = element.get("value", "")
        found |= {f"{key}.{name}": value for name, value in _attributes(nested).items()}
    return found


LOG = TraceFormat("xes", is_appendable=False, read=read)
