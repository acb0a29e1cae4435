"""The messages of OTLP, as in its JSON."""

from __future__ import annotations

from typing import Any

import msgspec


class Message(msgspec.Struct, rename="camel", gc=False):
    """A message of OTLP; names as in its JSON, all fields may be left out or null."""


class AnyValue(Message, gc=False):
    """One of these."""

    string_value: str | None = None
    int_value: int | None = None
    double_value: float | None = None
    bool_value: bool | None = None
    bytes_value: str | None = None
    array_value: ArrayValue | None = None
    kvlist_value: KeyValueList | None = None


class KeyValue(Message, gc=False):
    """An attribute."""

    key: str = ""
    value: AnyValue | None = None


class ArrayValue(Message, gc=False):
    """A list."""

    values: list[AnyValue] | None = None


class KeyValueList(Message, gc=False):
    """A map."""

    values: list[KeyValue] | None = None


class Resource(Message, gc=False):
    """What emitted."""

    attributes: list[KeyValue] | None = None
    dropped_attributes_count: int | None = None


class Scope(Message, gc=False):
    """The library that emitted."""

    name: str | None = None
    version: str | None = None
    attributes: list[KeyValue] | None = None
    dropped_attributes_count: int | None = None


class Status(Message, gc=False):
    """How a span ended."""

    message: str | None = None
    code: int | str | None = None


class SpanEvent(Message, gc=False):
    """Something that happened during a span."""

    time_unix_nano: int | None = None
    name: str | None = None
    attributes: list[KeyValue] | None = None
    dropped_attributes_count: int | None = None


class SpanLink(Message, gc=False):
    """Another span that this one follows from."""

    trace_id: str | None = None
    span_id: str | None = None
    trace_state: str | None = None
    attributes: list[KeyValue] | None = None
    dropped_attributes_count: int | None = None
    flags: int | None = None


class OtlpSpan(Message, gc=False):
    """A span."""

    trace_id: str | None = None
    span_id: str | None = None
    trace_state: str | None = None
    parent_span_id: str | None = None
    flags: int | None = None
    name: str | None = None
    kind: int | str | None = None
    start_time_unix_nano: int | None = None
    end_time_unix_nano: int | None = None
    attributes: list[KeyValue] | None = None
    dropped_attributes_count: int | None = None
    events: list[SpanEvent] | None = None
    dropped_events_count: int | None = None
    links: list[SpanLink] | None = None
    dropped_links_count: int | None = None
    status: Status | None = None


class LogRecord(Message, gc=False):
    """A log record."""

    time_unix_nano: int | None = None
    observed_time_unix_nano: int | None = None
    severity_number: int | str | None = None
    severity_text: str | None = None
    body: AnyValue | None = None
    attributes: list[KeyValue] | None = None
    dropped_attributes_count: int | None = None
    flags: int | None = None
    trace_id: str | None = None
    span_id: str | None = None
    event_name: str | None = None


class Point(Message, gc=False):
    """What all points of metrics say."""

    attributes: list[KeyValue] | None = None
    time_unix_nano: int | None = None


class Points(Message, gc=False):
    """The points of a metric; what they say beside ``Point`` depends on its kind."""

    data_points: list[dict[str, Any]] | None = None
    aggregation_temporality: int | str | None = None
    is_monotonic: bool | None = None


class Metric(Message, gc=False):
    """A metric, of one of these kinds."""

    name: str | None = None
    unit: str | None = None
    description: str | None = None
    gauge: Points | None = None
    sum: Points | None = None
    histogram: Points | None = None
    exponential_histogram: Points | None = None
    summary: Points | None = None


class ScopeSpans(Message, gc=False):
    """The spans of one library."""

    scope: Scope | None = None
    spans: list[OtlpSpan] | None = None
    schema_url: str | None = None


class ScopeLogs(Message, gc=False):
    """The log records of one library."""

    scope: Scope | None = None
    log_records: list[LogRecord] | None = None
    schema_url: str | None = None


class ScopeMetrics(Message, gc=False):
    """The metrics of one library."""

    scope: Scope | None = None
    metrics: list[Metric] | None = None
    schema_url: str | None = None


class ResourceSpans(Message, gc=False):
    """The spans of one emitter."""

    resource: Resource | None = None
    scope_spans: list[ScopeSpans] | None = None
    schema_url: str | None = None


class ResourceLogs(Message, gc=False):
    """The log records of one emitter."""

    resource: Resource | None = None
    scope_logs: list[ScopeLogs] | None = None
    schema_url: str | None = None


class ResourceMetrics(Message, gc=False):
    """The metrics of one emitter."""

    resource: Resource | None = None
    scope_metrics: list[ScopeMetrics] | None = None
    schema_url: str | None = None


class Document(Message, gc=False):
    """A request of an exporter, a line or a whole file."""

    resource_spans: list[ResourceSpans] | None = None
    resource_logs: list[ResourceLogs] | None = None
    resource_metrics: list[ResourceMetrics] | None = None
