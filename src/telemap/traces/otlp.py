"""OTLP traces, logs and metrics, however they were encoded → rows."""

from __future__ import annotations

import base64
import re
from collections.abc import Iterable, Sequence
from typing import Any

import msgspec
import pyarrow as pa
import pyarrow.compute as pc

from telemap.traces.batches import Attributes, Batch, Link, Origin, Problem, Record, record_table, span_table
from telemap.traces.json_documents import text, texts
from telemap.traces.otlp_messages import (
    AnyValue,
    Document,
    KeyValue,
    LogRecord,
    Metric,
    OtlpSpan,
    Point,
    Resource,
    ResourceSpans,
    Scope,
    SpanEvent,
    SpanLink,
)

SCHEMA_URL = "otel.schema_url"
STATUS_CODE = "otel.status_code"
SCOPE_VERSION = "otel.scope.version"
SPAN_KINDS = (None, "internal", "server", "client", "producer", "consumer")

TRACE_DIGITS, SPAN_DIGITS = 32, 16
_KINDS: dict[int | str | None, str | None] = {
    key: kind for number, kind in enumerate(SPAN_KINDS) for key in (number, str(number), f"SPAN_KIND_{kind}".upper())
}
_STATUSES: dict[int | str | None, str] = {
    **dict.fromkeys((1, "1", "STATUS_CODE_OK"), "OK"),
    **dict.fromkeys((2, "2", "STATUS_CODE_ERROR"), "ERROR"),
}
_SEVERITY = re.compile(r"SEVERITY_NUMBER_(TRACE|DEBUG|INFO|WARN|ERROR|FATAL)([2-4]?)")
_SEVERITIES = {"TRACE": 1, "DEBUG": 5, "INFO": 9, "WARN": 13, "ERROR": 17, "FATAL": 21}
# What OTLP tells beside the attributes; named as OpenTelemetry does it for other formats, where it does.
_ODD = {
    "trace_state": "w3c.tracestate",
    "flags": "otel.trace_flags",
    "dropped_attributes_count": "otel.dropped_attributes_count",
    "dropped_events_count": "otel.dropped_events_count",
    "dropped_links_count": "otel.dropped_links_count",
}
POINTS = ("gauge", "sum", "histogram", "exponential_histogram", "summary")


def plain(value: AnyValue | None) -> Any:
    """What ``value`` holds: text, a number, a truth, a list, a dict or nothing."""
    if value is None:
        return None
    if value.array_value is not None:
        return [plain(one) for one in value.array_value.values or ()]
    if value.kvlist_value is not None:
        return {one.key: plain(one.value) for one in value.kvlist_value.values or ()}
    for held in (value.string_value, value.int_value, value.bool_value, value.double_value, value.bytes_value):
        if held is not None:
            return held
    return None


def value_text(value: AnyValue | None) -> str:
    """A value as the text of an attribute."""
    held = plain(value)
    return "" if held is None else text(held)


def _pairs(pairs: Iterable[KeyValue] | None) -> Attributes:
    return {
        pair.key: value.string_value
        if (value := pair.value) is not None and value.string_value is not None
        else value_text(value)
        for pair in pairs or ()
    }


def _own(message: Any) -> Attributes:
    """The attributes of an event, link, log record or scope, with what else OTLP says of it in numbers."""
    return _pairs(message.attributes) | _odd(message)


def _odd(message: Any) -> Attributes:
    return {name: str(value) for field, name in _ODD.items() if (value := getattr(message, field, None))}


def shared_attributes(resource: Resource | None, scope: Scope | None, schema_urls: Iterable[str | None]) -> Attributes:
    """What all spans or log records of a library in a resource have in common."""
    shared: Attributes = {}
    for url in filter(None, schema_urls):
        shared[SCHEMA_URL] = url
    if resource:
        shared |= _pairs(resource.attributes)
    if scope:
        shared |= _own(scope)
        if scope.version:
            shared[SCOPE_VERSION] = scope.version
    return shared


class Collector:
    """Gathers the rows of one batch, document by document."""

    def __init__(self, origin: Origin) -> None:
        self._origin = origin
        self._spans: list[OtlpSpan] = []
        self._attributes: list[Attributes] = []
        self._groups: dict[str, list[Any]] = {"service_name": [], "scope_name": [], "first_line": []}
        self._records: list[Record] = []
        self.problems: list[Problem] = []

    def add(self, document: Document, place: str, line: int = 1, byte_offset: int = 0, byte_length: int = 0) -> None:
        """Take in a document that stands at ``place``; its first record answers for its bytes."""
        before = len(self._records)
        for number, group in enumerate(document.resource_spans or ()):
            self._add_spans(group, f"{place}, resourceSpans[{number}]", line)
        for logs in document.resource_logs or ():
            for scoped in logs.scope_logs or ():
                shared = shared_attributes(logs.resource, scoped.scope, (logs.schema_url, scoped.schema_url))
                name = scoped.scope.name if scoped.scope else None
                self._records += [_log(log, shared, name) for log in scoped.log_records or ()]
        for metrics in document.resource_metrics or ():
            for metered in metrics.scope_metrics or ():
                shared = shared_attributes(metrics.resource, metered.scope, (metrics.schema_url, metered.schema_url))
                for metric in metered.metrics or ():
                    try:
                        self._records += _points(metric, shared)
                    except msgspec.ValidationError as error:
                        self.problems.append(Problem(f"{place}, metric {metric.name}", str(error)))
        added = self._records[before:]
        for record in added:
            record.line_number, record.byte_offset = line, byte_offset
        if added:
            added[0].byte_length = byte_length

    def add_unread(self, problem: Problem, line: int, byte_offset: int, byte_length: int) -> None:
        """Take in a line that says nothing; its text is kept in its file only."""
        self.problems.append(problem)
        self._records.append(
            Record(
                event_name=None,
                attributes={},
                line_number=line,
                byte_offset=byte_offset,
                byte_length=byte_length,
                unparsed_reason=problem.reason,
            )
        )

    def _add_spans(self, group: ResourceSpans, place: str, line: int) -> None:
        for scoped in group.scope_spans or ():
            spans, shared = (
                scoped.spans or [],
                shared_attributes(group.resource, scoped.scope, (group.schema_url, scoped.schema_url)),
            )
            service = shared.pop("service.name", None) or self._origin.service_name
            if not service:  # OpenTelemetry requires it; whoever lacks it lost more on the way
                reason = f"{len(spans)} spans refused: their resource has no service.name; --service NAME says it"
                self.problems.append(Problem(place, reason))
                continue
            self._spans += spans
            self._attributes += [{**shared, **_own_of_span(span)} for span in spans]
            for span in spans:
                if span.events:
                    self._records += _events(span)
            said = {
                "service_name": service,
                "scope_name": (scoped.scope and scoped.scope.name) or None,
                "first_line": line,
            }
            for name, value in said.items():
                self._groups[name] += [value] * len(spans)

    def batch(self, bytes_read: int) -> Batch:
        """The rows of what was added."""
        spans = self._spans
        start = [span.start_time_unix_nano or None for span in spans]
        end = [span.end_time_unix_nano or None for span in spans]
        codes = [_STATUSES.get(status.code) if (status := span.status) else None for span in spans]
        columns: dict[str, Any] = {
            **self._groups,
            "span_id": ids([span.span_id for span in spans], SPAN_DIGITS),
            "parent_span_id": ids([span.parent_span_id for span in spans], SPAN_DIGITS),
            "trace_id": ids([span.trace_id for span in spans], TRACE_DIGITS),
            "kind": ["span"] * len(spans),
            "name": [span.name or None for span in spans],
            "start_time_unix_nano": start,
            "end_time_unix_nano": end,
            "duration_ns": [b - a if a and b else None for a, b in zip(start, end, strict=True)],
            "status": [
                "error" if code == "ERROR" else "ok" if b else "incomplete" for code, b in zip(codes, end, strict=True)
            ],
            "status_message": [span.status.message or None if span.status else None for span in spans],
            "last_line": self._groups["first_line"],
            "span_kind": [_KINDS.get(span.kind) for span in spans],
            "attributes": self._attributes,
            "links": [[link_to(link) for link in span.links] if span.links else () for span in spans],
        }
        return Batch(
            span_table(columns, self._origin),
            record_table(self._records, self._origin),
            bytes_read,
            tuple(self.problems),
        )


def _own_of_span(span: OtlpSpan) -> Attributes:
    own = _pairs(span.attributes)
    if (
        span.flags
        or span.trace_state
        or span.dropped_attributes_count
        or span.dropped_events_count
        or span.dropped_links_count
    ):
        own |= _odd(span)
    if span.status and _STATUSES.get(span.status.code) == "OK":  # the column does not tell it from not set
        own[STATUS_CODE] = "OK"
    return own


def event_record(event: SpanEvent, trace_id: str | None, span_id: str | None) -> Record:
    """The record of an event of the span that has these ids."""
    return Record(
        event_name=event.name,
        attributes=_own(event),
        time_unix_nano=event.time_unix_nano or None,
        trace_id=trace_id,
        span_id=span_id,
    )


def _events(span: OtlpSpan) -> list[Record]:
    trace_id, span_id = hex_id(span.trace_id, TRACE_DIGITS), hex_id(span.span_id, SPAN_DIGITS)
    return [event_record(event, trace_id, span_id) for event in span.events or ()]


def link_to(link: SpanLink) -> Link:
    """The link as the span table has it."""
    return Link(hex_id(link.trace_id, TRACE_DIGITS), hex_id(link.span_id, SPAN_DIGITS), _own(link))


def _log(log: LogRecord, shared: Attributes, logger_name: str | None) -> Record:
    own = _own(log)
    return Record(
        event_name=log.event_name or own.get("event.name"),
        attributes={**shared, **own},
        time_unix_nano=log.time_unix_nano or log.observed_time_unix_nano or None,
        trace_id=hex_id(log.trace_id, TRACE_DIGITS),
        span_id=hex_id(log.span_id, SPAN_DIGITS),
        severity_text=log.severity_text or None,
        severity_number=_severity(log.severity_number),
        logger_name=logger_name or None,
        body=value_text(log.body) if log.body else None,
    )


def _severity(number: int | str | None) -> int | None:
    if isinstance(number, str):
        named = _SEVERITY.fullmatch(number)
        return _SEVERITIES[named[1]] + int(named[2] or 1) - 1 if named else None
    return number or None


def _points(metric: Metric, shared: Attributes) -> list[Record]:
    """A record for each point of ``metric``: its values are attributes as well."""
    records = []
    for points in filter(None, (getattr(metric, kind) for kind in POINTS)):
        told = {
            "unit": metric.unit,
            "description": metric.description,
            "aggregationTemporality": points.aggregation_temporality,
            "isMonotonic": points.is_monotonic,
        }
        described = shared | texts({name: value for name, value in told.items() if value not in (None, "")})
        for said in points.data_points or ():
            point = msgspec.convert(said, Point, strict=False)
            values = texts({name: value for name, value in said.items() if name not in ("attributes", "timeUnixNano")})
            attributes = described | values | _pairs(point.attributes)
            time = point.time_unix_nano or None
            records.append(Record(event_name=metric.name, attributes=attributes, time_unix_nano=time))
    return records


def ids(values: Sequence[str | None] | pa.Array, digits: int) -> pa.Array:
    """Ids as lower-case hexadecimal text, from hexadecimal or base64; null where there is none."""
    column = pc.fill_null(pa.array(values, pa.string()), "")
    lengths, none = pc.binary_length(column), pa.array(["", "0" * digits])
    if not pc.all(pc.is_in(lengths, pa.array([0, digits], lengths.type)), min_count=0).as_py():
        return pa.array([hex_id(value, digits) for value in column.to_pylist()], pa.string())
    return pc.if_else(pc.is_in(column, none), None, pc.ascii_lower(column))


def hex_id(value: str | None, digits: int) -> str | None:
    """One id in lower-case hexadecimal; an id of no known length is kept as it is."""
    if not value:
        return None
    if len(value) == 4 * -(-digits // 6):  # what base64 makes of so many bytes
        try:
            value = base64.b64decode(value, validate=True).hex()
        except ValueError:
            return value
    return value.lower() if value.strip("0") else None
