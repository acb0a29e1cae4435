"""Rows of the correlation → rows of the span table."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from telemap.executions.runs import Rows, SpanRow
from telemap.model.interning import Interner
from telemap.model.tables import SPAN
from telemap.model.telemetry import UNKNOWN_CODE, UNKNOWN_TIME, Rule, SpanKind, Status

_KINDS = [kind.name.lower() for kind in SpanKind]
_STATUSES = [status.name.lower() for status in Status]
_RULES = [rule.name.lower().replace("_", "-") for rule in Rule]
_NONE = SPAN.empty_table()
_HEX = np.frombuffer(b"0123456789abcdef", np.uint8)
_TEXT = frozenset(
    (
        "request_id",
        "sequence_id",
        "sequence_name",
        "movement",
        "event_name",
        "title",
        "handler",
        "handler_sequence",
        "plugin",
        "status_message",
    )
)
_NUMBERS = {
    "beat": "beat",
    "start_time_unix_nano": "start_time",
    "end_time_unix_nano": "end_time",
    "duration_ns": "duration",
    "reported_duration_ns": "reported",
    "first_line": "first_line",
    "last_line": "last_line",
}


def _hex_ids(prefix: str, ordinals: npt.NDArray[np.int64], digits: int) -> pa.Array:
    width = len(prefix) + digits
    table = np.empty((len(ordinals), width), np.uint8)
    table[:, : len(prefix)] = np.frombuffer(prefix.encode(), np.uint8)
    for place in range(digits):
        table[:, width - 1 - place] = _HEX[(ordinals >> (4 * place)) & 15]
    offsets = np.arange(0, (len(ordinals) + 1) * width, width, dtype=np.int32)
    ids = pa.StringArray.from_buffers(len(ordinals), pa.py_buffer(offsets), pa.py_buffer(table))
    return pc.if_else(pa.array(ordinals >= 0), ids, pa.scalar(None, pa.string()))


def span_ids(source_id: str, ordinals: npt.NDArray[np.int64]) -> pa.Array:
    """16 hexadecimal digits a span, the same at every ingest of the same file; null where the ordinal is negative."""
    return _hex_ids(source_id[:8], ordinals, 8)


def trace_ids(source_id: str, ordinals: npt.NDArray[np.int64]) -> pa.Array:
    """32 hexadecimal digits a run; null where the ordinal is negative."""
    return _hex_ids(source_id, ordinals, 32 - len(source_id))


def span_table(
    spans: Rows, source_id: str, interner: Interner, service_version: str | None, revision: int | None
) -> pa.Table:
    """The rows of ``spans``, which are of one source; ``revision`` marks rows that hold only until it is read on."""
    count = len(spans)
    if not count:  # as in most blocks
        return _NONE
    told = {name: spans[:, column] for column, name in enumerate(SpanRow._fields)}

    def words(values: list[str], places: npt.NDArray[np.int64]) -> pa.DictionaryArray:
        return pa.DictionaryArray.from_arrays(pa.array(places.astype(np.int32)), pa.array(values, pa.string()))

    def one(value: str | int | None, kind: pa.DataType) -> pa.Array:
        return pa.array([value], kind).take(pa.array(np.zeros(count, np.int64)))

    columns = {
        "span_id": span_ids(source_id, told["ordinal"]),
        "parent_span_id": span_ids(source_id, told["parent"]),
        "trace_id": trace_ids(source_id, told["run"]),
        "kind": words(_KINDS, told["kind"]),
        "name": interner.column(_name_codes(told)),
        "status": words(_STATUSES, told["status"]),
        "inferred_by": pa.array(_RULES, pa.string()).take(
            pa.array(told["inferred_by"], pa.int64(), mask=told["inferred_by"] <= 0)
        ),
        "source_id": one(source_id, pa.string()),
        "service_version": one(service_version, pa.string()),
        "revision": one(revision, pa.int64()),
    }
    for name in _TEXT:
        columns[name] = interner.column(told[name].astype(np.int32))
    for name, column in _NUMBERS.items():
        values = told[column]
        columns[name] = pa.array(values, mask=(values == UNKNOWN_TIME) | (values == UNKNOWN_CODE))
    return pa.table([columns[f.name] if f.name in columns else pa.nulls(count, f.type) for f in SPAN], SPAN.names)


def _name_codes(told: dict[str, npt.NDArray[np.int64]]) -> npt.NDArray[np.int32]:
    """A sequence, movement or handler is called by its name; a beat by its title, else its event."""

    def first(*names: str) -> npt.NDArray[np.int64]:
        return np.where(told[names[0]] >= 0, told[names[0]], told[names[1]])

    by_kind = {
        SpanKind.SEQUENCE: first("sequence_name", "sequence_id"),
        SpanKind.MOVEMENT: told["movement"],
        SpanKind.BEAT: first("title", "event_name"),
    }
    return np.select(
        [told["kind"] == kind for kind in by_kind], list(by_kind.values()), first("handler", "event_name")
    ).astype(np.int32)
