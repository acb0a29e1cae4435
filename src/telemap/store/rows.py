"""What was read of sources → rows of the store's tables, of one block or of many short sources at once."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import pyarrow as pa

from telemap.executions.runs import Rows
from telemap.executions.spans import Sources, span_table
from telemap.executions.state import state_table
from telemap.model.interning import Interner, as_text
from telemap.model.severity import severity_number
from telemap.model.tables import RECORD
from telemap.model.telemetry import UNKNOWN_TIME
from telemap.records.columns import Columns, Ints, Spans, gathered, joined
from telemap.store.parts import stored_schema

_STORED = stored_schema(RECORD)


@dataclass(frozen=True, slots=True)
class Piece:
    """What was read of a block, and where that stands.

    Args:
        columns: its records.
        source_id: whose block it is.
        unparsed_reason: said of the records that no pattern fits.
        byte_base: where the block begins in the source.
        first_line: the line number of its first line.
        span_and_run: the ordinals of the span and the run that each record belongs to, -1 for none.
        spans: those to be stored with it.
        revision: marks rows that hold only until the source is read on; None for rows that stay.
        service_version: noted of its spans.
    """

    columns: Columns
    source_id: str
    unparsed_reason: str
    byte_base: int
    first_line: int
    span_and_run: Ints
    spans: Rows
    revision: int | None
    service_version: str | None


def record_values(columns: Columns, interner: Interner, *, keeps_text: bool) -> dict[str, pa.Array]:
    """The columns of the record table that records say by themselves, wherever they stand.

    Args:
        columns: the records.
        interner: of their codes.
        keeps_text: whether the bodies are stored.
    """
    count = len(columns)
    severity = interner.column(columns.severity)
    known = [severity_number(text) for text in severity.dictionary.to_pylist()]

    def text(group: str) -> pa.Array:
        codes, kind = columns.text.get(group), _STORED.field(group).type
        return pa.nulls(count, kind) if codes is None else interner.column(codes).cast(kind)

    return {
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
    }


def tables_of(
    pieces: Sequence[Piece],
    interner: Interner,
    *,
    keeps_text: bool,
    values: dict[str, pa.Array] | None = None,
) -> dict[str, pa.Table]:
    """The rows of each table that an ingest fills; those of many short pieces cost little more than those of one.

    Args:
        pieces: in the order of their rows.
        interner: of the codes of all of them.
        keeps_text: whether the bodies are stored.
        values: what ``record_values`` says of the pieces, if that is known already.
    """
    columns = joined([piece.columns for piece in pieces])
    spans = np.concatenate([piece.spans for piece in pieces])
    span_and_run = np.concatenate([piece.span_and_run for piece in pieces])
    ids = [piece.source_id for piece in pieces]
    of_records = Sources(ids, _repeated([len(piece.columns) for piece in pieces]))
    of_spans = Sources(ids, _repeated([len(piece.spans) for piece in pieces]))
    of_row = pa.array(of_spans.of_row)
    versions = pa.array([piece.service_version for piece in pieces], pa.string())
    revisions = pa.array([piece.revision for piece in pieces], pa.int64())
    revision = revisions.take(pa.array(of_records.of_row))
    if values is None:
        values = record_values(columns, interner, keeps_text=keeps_text)
    placed = _placed(pieces, columns, of_records, span_and_run)
    told = values | placed | {"revision": revision}
    return {
        "record": pa.table([told[name] for name in RECORD.names], _STORED),
        "span": span_table(spans, of_spans, interner, *(noted.take(of_row) for noted in (versions, revisions))),
        "state_change": state_table(columns, of_records, span_and_run[:, 0], revision),
    }


def _repeated(counts: Sequence[int]) -> Ints:
    return np.repeat(np.arange(len(counts)), counts)


def _placed(pieces: Sequence[Piece], columns: Columns, sources: Sources, span_and_run: Ints) -> dict[str, pa.Array]:
    """The columns of the record table that say where a record stands."""
    of_row = sources.of_row
    bytes_before = np.cumsum([0, *(piece.columns.size for piece in pieces)])[:-1]
    lines_before = np.cumsum([0, *(piece.columns.lines for piece in pieces)])[:-1]
    byte_base = np.array([piece.byte_base for piece in pieces]) - bytes_before
    first_line = np.array([piece.first_line for piece in pieces]) - lines_before
    of_span, of_run = np.ascontiguousarray(span_and_run.T)
    reasons = {reason: place for place, reason in enumerate({piece.unparsed_reason: None for piece in pieces})}
    reason = np.array([reasons[piece.unparsed_reason] for piece in pieces], np.int32)[of_row]
    return {
        "source_id": sources.column(),
        "line_number": pa.array(columns.line + first_line[of_row]),
        "byte_offset": pa.array(columns.offset + byte_base[of_row]),
        "time_unix_nano": pa.array(columns.time, mask=columns.time == UNKNOWN_TIME),
        "run_ordinal": pa.array(of_run, mask=of_run < 0),
        "span_ordinal": pa.array(of_span, mask=of_span < 0),
        "unparsed_reason": pa.DictionaryArray.from_arrays(
            pa.array(reason, mask=~columns.unparsed), pa.array(list(reasons), pa.string())
        ),
    }


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
