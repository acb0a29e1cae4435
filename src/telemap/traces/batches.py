"""What a trace reader yields: tables of spans and records, and what it could not read."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import chain
from typing import Any

import msgspec
import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from telemap.model.tables import RECORD, SPAN
from telemap.model.telemetry import Nanoseconds

Attributes = dict[str, str]

TEXT_MAP = pa.map_(pa.string(), pa.string())
_HANDLER = ("code.function.name", "code.function")


@dataclass(frozen=True, slots=True)
class Problem:
    """Something that could not be read: where (line, byte or path in the document) and why."""

    place: str
    reason: str


@dataclass(frozen=True, slots=True)
class Batch:
    """Rows in the shape of the tables ``span`` and ``record``, and how many bytes of the source they came from."""

    spans: pa.Table
    records: pa.Table
    bytes_read: int
    problems: tuple[Problem, ...] = ()


@dataclass(frozen=True, slots=True)
class Origin:
    """Whose bytes a reader gets; ``first_line`` and ``byte_base`` are where they begin in a source that is read on.

    ``service_name`` is that of spans which have to tell their service and do not.
    """

    source_id: str
    first_line: int = 1
    byte_base: int = 0
    service_name: str | None = None

    def span_id(self, ordinal: int) -> str:
        """16 hexadecimal digits for a span whose format gives it no id; the same at every ingest."""
        return f"{self.source_id[:8]}{ordinal:08x}"

    def trace_id(self, ordinal: int) -> str:
        """32 hexadecimal digits for a trace whose format gives it no id; the same at every ingest."""
        return f"{self.source_id}{ordinal:0{32 - len(self.source_id)}x}"


Read = Callable[[Iterator[bytes], Origin], Iterator[Batch]]


@dataclass(frozen=True, slots=True)
class TraceFormat:
    """A format of traces; of an appendable one, what was added to a file can be read by itself, in whole lines."""

    name: str
    is_appendable: bool
    read: Read


class Link(msgspec.Struct, gc=False):
    """Another span that a span follows from."""

    trace_id: str | None
    span_id: str | None
    attributes: Attributes


class Span(msgspec.Struct, kw_only=True, gc=False):
    """A row of the span table, as far as formats of traces tell it; its attributes tell handler and version."""

    span_id: str | None
    trace_id: str | None
    name: str | None
    parent_span_id: str | None = None
    kind: str = "span"
    sequence_name: str | None = None
    start_time_unix_nano: Nanoseconds | None = None
    end_time_unix_nano: Nanoseconds | None = None
    duration_ns: Nanoseconds | None = None
    reported_duration_ns: Nanoseconds | None = None
    status: str = "ok"
    status_message: str | None = None
    first_line: int = 1
    last_line: int = 1
    service_name: str | None = None
    span_kind: str | None = None
    scope_name: str | None = None
    attributes: Attributes
    links: list[Link] = []


class Record(msgspec.Struct, kw_only=True, gc=False):
    """A row of the record table, as far as formats of traces tell it."""

    event_name: str | None
    attributes: Attributes
    time_unix_nano: Nanoseconds | None = None
    trace_id: str | None = None
    span_id: str | None = None
    severity_text: str | None = None
    severity_number: int | None = None
    logger_name: str | None = None
    body: str | None = None
    line_number: int = 1
    byte_offset: int = 0
    byte_length: int = 0
    unparsed_reason: str | None = None


def document_batch(
    spans: Sequence[Span], records: Sequence[Record], origin: Origin, size_bytes: int, problems: Sequence[Problem] = ()
) -> Batch:
    """The batch of a whole document; its first record answers for all its bytes, so that they count once."""
    if records:
        records[0].byte_length = size_bytes
    return Batch(
        span_table(columns_of(Span, spans), origin), record_table(records, origin), size_bytes, tuple(problems)
    )


def columns_of(shape: type[msgspec.Struct], rows: Sequence[Any]) -> dict[str, list[Any]]:
    """The fields of ``rows``, each as a list."""
    return {name: [getattr(row, name) for row in rows] for name in shape.__struct_fields__}


def span_table(columns: Mapping[str, Any], origin: Origin) -> pa.Table:
    """Rows of the span table from lists (or Arrow arrays) of what the format tells."""
    said = columns["attributes"]
    maps = said if isinstance(said, pa.MapArray) else text_maps(said)
    links = [
        [{"trace_id": at.trace_id, "span_id": at.span_id, "attributes": at.attributes} for at in row] if row else None
        for row in columns["links"]
    ]
    told = {
        **columns,
        "attributes": maps,
        "links": links,
        "handler": _said(maps, *_HANDLER),
        "service_version": _said(maps, "service.version"),
    }
    return _table(SPAN, told, len(maps), origin)


def record_table(records: Sequence[Record], origin: Origin) -> pa.Table:
    """Rows of the record table."""
    told: dict[str, Any] = columns_of(Record, records)
    told["attributes"] = text_maps(told["attributes"])
    return _table(RECORD, told, len(records), origin)


def _table(schema: pa.Schema, told: Mapping[str, Any], count: int, origin: Origin) -> pa.Table:
    def column(field: pa.Field) -> pa.Array:
        if field.name == "source_id":
            return pa.repeat(pa.scalar(origin.source_id), count)
        values = told.get(field.name)
        if values is None:
            return pa.nulls(count, field.type)
        return values if isinstance(values, pa.Array) else _array(values, field.type)

    return pa.Table.from_arrays([column(field) for field in schema], schema=schema)


def _array(values: list[Any], kind: pa.DataType) -> pa.Array:
    try:
        return pa.array(values, kind)
    except (OverflowError, pa.ArrowInvalid):  # a number that no column holds, as of a broken clock, is no number
        limit = 1 << (kind.bit_width - 1)
        return pa.array([v if v is None or -limit <= v < limit else None for v in values], kind)


def text_maps(rows: Sequence[Mapping[str, str]]) -> pa.MapArray:
    """``rows`` as an Arrow column, without a Python object an entry."""
    offsets = np.zeros(len(rows) + 1, np.int32)
    np.cumsum(np.fromiter(map(len, rows), np.int32, len(rows)), out=offsets[1:])
    keys = pa.array(list(chain.from_iterable(rows)), pa.string())
    items = pa.array(list(chain.from_iterable([row.values() for row in rows])), pa.string())
    return pa.MapArray.from_arrays(pa.array(offsets), keys, items, TEXT_MAP)


def _said(maps: pa.MapArray, *names: str) -> pa.Array:
    """What each row says under the first of ``names`` that it has; null where it has none."""
    places = np.full(len(maps), -1)
    offsets = maps.offsets.to_numpy()
    for name in reversed(names):
        found = np.flatnonzero(pc.equal(maps.keys, name).to_numpy(zero_copy_only=False))
        places[np.searchsorted(offsets, found, "right") - 1] = found
    return maps.items.take(pa.array(places, mask=places < 0))
