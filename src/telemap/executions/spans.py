"""Rows of the correlation → rows of the span table."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

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
Ordinals = npt.NDArray[np.int64]

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


class Sources(NamedTuple):
    """Of which source each row is: the ids, and by row the place in them."""

    ids: Sequence[str]
    of_row: npt.NDArray[np.int64]

    def only(self, rows: npt.NDArray[np.int64]) -> Sources:
        """Those of some rows."""
        return Sources(self.ids, self.of_row[rows])

    def column(self) -> pa.DictionaryArray:
        """The id of each row; no two of the ids are the same."""
        return _words(self.ids, self.of_row)


def _words(words: Sequence[str], places: npt.NDArray[np.int64]) -> pa.DictionaryArray:
    return pa.DictionaryArray.from_arrays(pa.array(places.astype(np.int32)), pa.array(words, pa.string()))


def _hex_ids(prefixes: Sequence[str], of_row: Ordinals, ordinals: Ordinals, width: int) -> pa.Array:
    """Numbers in hexadecimal digits, each behind a prefix, which are of one length."""
    prefix_bytes = len(prefixes[0])
    table = np.empty((len(ordinals), width), np.uint8)
    table[:, :prefix_bytes] = np.frombuffer("".join(prefixes).encode(), np.uint8).reshape(-1, prefix_bytes)[of_row]
    for place in range(width - prefix_bytes):
        table[:, width - 1 - place] = _HEX[(ordinals >> (4 * place)) & 15]
    offsets = np.arange(0, (len(ordinals) + 1) * width, width, dtype=np.int32)
    ids = pa.StringArray.from_buffers(len(ordinals), pa.py_buffer(offsets), pa.py_buffer(table))
    return pc.if_else(pa.array(ordinals >= 0), ids, pa.scalar(None, pa.string()))


def span_ids(sources: Sources, ordinals: Ordinals) -> pa.Array:
    """16 hexadecimal digits a span, the same at every ingest of the same file; null where the ordinal is negative."""
    return _hex_ids([source_id[:8] for source_id in sources.ids], sources.of_row, ordinals, 16)


def trace_ids(sources: Sources, ordinals: Ordinals) -> pa.Array:
    """32 hexadecimal digits a run; null where the ordinal is negative."""
    return _hex_ids(sources.ids, sources.of_row, ordinals, 32)


def span_table(
    spans: Rows, sources: Sources, interner: Interner, service_version: pa.Array, revision: pa.Array
) -> pa.Table:
    """The rows of the span table for ``spans``.

    Args:
        spans: what the correlation says of them.
        sources: of which source each is.
        interner: of their codes.
        service_version: noted of each.
        revision: marks those that hold only until their source is read on; null for those that stay.
    """
    count = len(spans)
    if not count:  # as in most blocks
        return _NONE
    told = {name: spans[:, column] for column, name in enumerate(SpanRow._fields)}
    columns = {
        "span_id": span_ids(sources, told["ordinal"]),
        "parent_span_id": span_ids(sources, told["parent"]),
        "trace_id": trace_ids(sources, told["run"]),
        "kind": _words(_KINDS, told["kind"]),
        "name": interner.column(_name_codes(told)),
        "status": _words(_STATUSES, told["status"]),
        "inferred_by": pa.array(_RULES, pa.string()).take(
            pa.array(told["inferred_by"], pa.int64(), mask=told["inferred_by"] <= 0)
        ),
        "source_id": sources.column(),
        "service_version": service_version,
        "revision": revision,
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
