"""The words of telemetry that several stages share: kinds of spans, edges of events, columns of a parsed block."""

from __future__ import annotations

from enum import IntEnum

Nanoseconds = int

UNKNOWN_TIME: Nanoseconds = -(2**63)
"""What a time column holds where the record tells none (Arrow writes it as null)."""

UNKNOWN_CODE = -1
"""What a column of interned text holds where the record says nothing."""


class SpanKind(IntEnum):
    """What a span is a run of, outermost first."""

    SEQUENCE = 0
    MOVEMENT = 1
    BEAT = 2
    HANDLER = 3
    SPAN = 4


class Edge(IntEnum):
    """What an event says of a span; the meaning of each stands in ``docs/reference/formats.md``."""

    START = 1
    NOTE = 2
    ENTER = 3
    SETTLE = 4
    END = 5
    FAIL = 6
    REQUEST = 7
    QUEUE = 8
    RESET = 9


class Status(IntEnum):
    """How a span ended."""

    OPEN = 0
    OK = 1
    ERROR = 2
    INCOMPLETE = 3


class Rule(IntEnum):
    """By which rule something of a span was concluded that its own lines do not say; NONE: they say it all."""

    NONE = 0
    LATEST_OPEN = 1
    OLDEST_OPEN = 2
    START_NOT_SEEN = 3
    IMPLIED_BY_CHILD = 4
    REQUESTED_BY_RUNNING_HANDLER = 5
    SAME_CORRELATION = 6
    AFTER_PREDECESSOR = 7


SPAN_TEXT = (
    "request_id",
    "sequence_id",
    "sequence_name",
    "movement",
    "event_name",
    "handler",
    "plugin",
    "title",
    "parent_request_id",
    "parent_handler",
    "handler_sequence",
    "correlation_id",
    "status_message",
)
"""Named groups of a format whose text the correlation uses, interned to codes."""

RECORD_TEXT = ("severity_text", "logger_name", "printed_location", "trace_id", "span_id")
"""Named groups of a format that are columns of a record, interned as well."""

SPAN_NUMBERS = ("beat", "duration_ms", "clock_ms")
"""Named groups of a format that are numbers: beat as it is, the two others from milliseconds to nanoseconds."""
