"""Columns of records and spans → rows of the store's tables, committed source by source and in one order."""

from __future__ import annotations

from collections import defaultdict
from typing import Any

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from telemap.model.interning import Interner, as_text
from telemap.model.severity import severity_number
from telemap.model.tables import RECORD, SOURCE, TABLES
from telemap.model.telemetry import UNKNOWN_TIME
from telemap.records.columns import Columns, Ints, Spans, gathered
from telemap.store.parts import Part, stored_schema
from telemap.store.store import Store

FILLED = ("record", "span", "state_change")  # the tables that an ingest fills
ROWS_A_GROUP = 50_000
ROWS_A_COMMIT = 2_000_000
SOURCES_A_COMMIT = 10_000  # what is kept of each until then takes more room than a short source does
SCHEMAS = {name: stored_schema(TABLES[name]) for name in FILLED}
TABLES_WAITING = 200  # tables of a few rows take a hundred times the room of one with all these rows


def record_values(
    columns: Columns, source_id: str, interner: Interner, unparsed_reason: str, *, keeps_text: bool
) -> dict[str, pa.Array]:
    """The columns of the record table that a block says by itself, wherever it stands in its source.

    Args:
        columns: the block.
        source_id: whose block it is.
        interner: of the columns' codes.
        unparsed_reason: said of the records that no pattern fits.
        keeps_text: whether the bodies are stored.
    """
    count = len(columns)
    severity = interner.column(columns.severity)
    known = [severity_number(text) for text in severity.dictionary.to_pylist()]

    def text(group: str) -> pa.Array:
        codes = columns.text.get(group)
        kind = SCHEMAS["record"].field(group).type
        return pa.nulls(count, kind) if codes is None else interner.column(codes).cast(kind)

    return {
        "source_id": _constant(source_id, count),
        "byte_length": pa.array(columns.length),
        "severity_text": severity,
        "severity_number": pa.array(known, pa.int32()).take(severity.indices),
        "logger_name": text("logger_name"),
        "printed_location": text("printed_location"),
        "event_name": interner.column(columns.event),
        "body": columns.bodies() if keeps_text else pa.nulls(count, pa.binary()),
        "attributes": _attributes(columns),
        "trace_id": text("trace_id"),
        "span_id": text("span_id"),
        "unparsed_reason": _constant(unparsed_reason, count, ~columns.unparsed),
    }


def record_table(
    values: dict[str, pa.Array],
    columns: Columns,
    *,
    byte_base: int,
    first_line: int,
    span_and_run: Ints,
    revision: int | None,
) -> pa.Table:
    """The rows of the record table for ``columns``.

    Args:
        values: what ``record_values`` says of them.
        columns: one block.
        byte_base: where the block begins in the source.
        first_line: the line number of its first line.
        span_and_run: the ordinals of the span and the run that each record belongs to, -1 for none.
        revision: marks rows that hold only until the source is read on; None for rows that stay.
    """
    of_span, of_run = np.ascontiguousarray(span_and_run.T)
    placed = {
        "time_unix_nano": pa.array(columns.time, mask=columns.time == UNKNOWN_TIME),
        "line_number": pa.array(columns.line + first_line),
        "byte_offset": pa.array(columns.offset + byte_base),
        "run_ordinal": pa.array(of_run, mask=of_run < 0),
        "span_ordinal": pa.array(of_span, mask=of_span < 0),
        "revision": pa.repeat(pa.scalar(revision, pa.int64()), len(columns)),
    }
    told = values | placed
    return pa.table([told[name] for name in RECORD.names], RECORD.names)


def _constant(text: str, count: int, is_absent: npt.NDArray[np.bool_] | None = None) -> pa.DictionaryArray:
    return pa.DictionaryArray.from_arrays(
        pa.array(np.zeros(count, np.int32), mask=is_absent), pa.array([text], pa.string())
    )


def _attributes(columns: Columns) -> pa.MapArray:
    """The named groups that have no column of their own, as a map a record."""
    count = len(columns)
    names = sorted(columns.attributes)
    parts = [(place, spans) for place, name in enumerate(names) for spans in columns.attributes[name]]
    counts = np.zeros(count + 1, np.int64)
    for _, spans in parts:
        counts[spans.rows + 1] += 1
    offsets = np.cumsum(counts)
    keys = np.empty(offsets[-1], np.int32)
    entries = [np.empty(0, np.int64)]  # where the values of each part go
    free = offsets[:-1].copy()
    for place, spans in parts:
        entry = free[spans.rows]
        keys[entry] = place
        entries.append(entry)
        free[spans.rows] += 1
    values = as_text(_values([spans for _, spans in parts], entries[1:], int(offsets[-1])))
    return pa.MapArray.from_arrays(pa.array(offsets.astype(np.int32)), pa.array(names, pa.string()).take(keys), values)


def _values(parts: list[Spans], entries: list[Ints], count: int) -> pa.BinaryArray:
    """The value of each entry, of which every part has some."""
    if all(spans.data is parts[0].data for spans in parts):
        begins, ends, escaped = np.empty(count, np.int64), np.empty(count, np.int64), np.zeros(count, np.bool_)
        for spans, entry in zip(parts, entries, strict=True):
            begins[entry], ends[entry] = spans.begins, spans.ends
            if spans.escaped is not None:
                escaped[entry] = spans.escaped
        data = parts[0].data if parts else memoryview(b"")
        return gathered(data, begins, ends, escaped)
    order = np.empty(count, np.int64)
    order[np.concatenate(entries)] = np.arange(count)
    return pa.concat_arrays([spans.values() for spans in parts]).take(pa.array(order))


class Writer:
    """Writes rows of several sources and commits them together: the source table last, since it says what is in.

    A run that is cut short between two tables is made good at the next: each table notes how far it has come in each
    source, and takes only what lies behind that.
    """

    def __init__(self, store: Store) -> None:
        self._store = store
        self._waiting: dict[str, list[pa.Table]] = defaultdict(list)
        self._waiting_rows: dict[str, int] = defaultdict(int)
        self._parts: dict[str, Part] = {}
        self._positions: dict[str, dict[str, int]] = defaultdict(dict)
        self._sources: list[dict[str, Any]] = []

    def add(self, name: str, rows: pa.Table, source_id: str, position: int) -> None:
        """Take rows of a table; ``position`` is how far they bring it in the source."""
        self._positions[name][source_id] = position
        if not rows.num_rows:
            return
        waiting = self._waiting[name]
        waiting.append(rows if rows.schema == SCHEMAS[name] else rows.cast(SCHEMAS[name]))
        self._waiting_rows[name] += rows.num_rows
        if self._waiting_rows[name] >= ROWS_A_GROUP:
            self._write(name)
        elif len(waiting) > TABLES_WAITING:
            waiting[:] = [pa.concat_tables(waiting).combine_chunks()]

    def finish_source(self, row: dict[str, Any]) -> None:
        """Take the row of a source up to here; commits when much has been written."""
        self._sources.append(row)
        if self.is_full:
            self.commit()

    @property
    def is_full(self) -> bool:
        """Whether so much has been written that the current source should give its row now."""
        return len(self._sources) >= SOURCES_A_COMMIT or any(p.rows >= ROWS_A_COMMIT for p in self._parts.values())

    def commit(self) -> None:
        """Make all that was taken part of the store."""
        for name in list(self._waiting):
            self._write(name)
        for name, positions in self._positions.items():
            parts = [self._parts.pop(name)] if name in self._parts else []
            self._store.append(name, parts, positions)
        if self._sources:
            part = self._store.part("source")
            part.write(pa.Table.from_pylist(self._sources, schema=SOURCE))
            self._store.append("source", [part], {name: self._store.table(name).version() for name in FILLED})
        self._positions.clear()
        self._sources.clear()

    def discard(self) -> None:
        """Leave the store as the last commit left it."""
        for part in self._parts.values():
            part.discard()

    def _write(self, name: str) -> None:
        """Write what waits as one row group; rows of small sources share one."""
        if name not in self._parts:
            self._parts[name] = self._store.part(name)
        self._parts[name].write(pa.concat_tables(self._waiting.pop(name)))
        del self._waiting_rows[name]
