"""The rows of plain OTLP documents in JSON by way of columns, where the native kernel is there; None where it is not.

What is not plain (other signals than traces, null, unusual spellings, anything wrong) is left to ``otlp.Collector``,
which says what the rows are: both give the same. ``TELEMAP_PURE_PYTHON=1`` leaves everything to it.
"""

from __future__ import annotations

import os
from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

import msgspec
import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from telemap.traces.batches import TEXT_MAP, Attributes, Batch, Link, Origin, Record, record_table, span_table
from telemap.traces.otlp import (
    SPAN_DIGITS,
    SPAN_KINDS,
    TRACE_DIGITS,
    event_record,
    ids,
    link_to,
    shared_attributes,
    value_text,
)
from telemap.traces.otlp_messages import AnyValue, Resource, Scope, SpanEvent, SpanLink

kernel: Any = None
if not TYPE_CHECKING and not os.environ.get("TELEMAP_PURE_PYTHON"):
    try:
        from telemap.traces import _otlp as kernel
    except ImportError:
        kernel = None

IS_NATIVE: bool = kernel is not None

Ints = npt.NDArray[np.int64]

_STATUSES = pa.array(["ok", "error", "incomplete"])
_KINDS = pa.array(SPAN_KINDS)
_FAILED = 2
_RESOURCE = msgspec.json.Decoder(Resource, strict=False)
_SCOPE = msgspec.json.Decoder(Scope, strict=False)
_EVENTS = msgspec.json.Decoder(list[SpanEvent], strict=False)
_LINKS = msgspec.json.Decoder(list[SpanLink], strict=False)
_VALUE = msgspec.json.Decoder(AnyValue, strict=False)


def plain_batch(data: bytes, origin: Origin, *, is_lines: bool) -> Batch | None:
    """The batch of the documents in ``data``, each on a line of its own if ``is_lines``; None if not all are plain."""
    found = kernel.columns(data, is_lines) if kernel else None
    if found is None:
        return None
    try:
        return _Columns(data, found).batch(origin)
    except (pa.ArrowInvalid, msgspec.MsgspecError, UnicodeDecodeError, RecursionError, _NotPlainError):
        return None


class _NotPlainError(Exception):
    """Something that only the specification knows what to do with."""


class _Columns:
    """What the kernel found, in the order of its enumerations."""

    def __init__(self, data: bytes, found: list[bytes]) -> None:
        self._data = data
        texts = [_text_column(*found[place : place + 2]) for place in range(0, 14, 2)]
        self._trace_id, self._span_id, self._parent_id, self._name, self._message, self._keys, self._values = texts
        ints = [np.frombuffer(column, np.int64) for column in found[14:]]
        self._kind, self._status, self._start, self._end, self._pairs_end = ints[:5]
        self._documents, self._groups = ints[5].reshape(-1, 3), ints[6].reshape(-1, 10)
        self._events, self._links, self._odd_values = (column.reshape(-1, 3) for column in ints[7:])

    def batch(self, origin: Origin) -> Batch:
        """Rows of spans and their events."""
        groups = [self._group(*row.tolist()) for row in self._groups]
        spans_of_group = np.diff(self._groups[:, 1], prepend=0)
        line = np.repeat(self._documents[self._groups[:, 0], 0] + origin.first_line, spans_of_group)
        is_timed = (self._start > 0) & (self._end > 0)
        failed = np.where(self._end > 0, 0, 2)
        trace_id, span_id = ids(self._trace_id, TRACE_DIGITS), ids(self._span_id, SPAN_DIGITS)
        spans = {
            "trace_id": trace_id,
            "span_id": span_id,
            "parent_span_id": ids(self._parent_id, SPAN_DIGITS),
            "kind": pa.repeat(pa.scalar("span"), len(line)),
            "name": _none_if_empty(self._name),
            "start_time_unix_nano": pa.array(self._start, mask=self._start == 0),
            "end_time_unix_nano": pa.array(self._end, mask=self._end == 0),
            "duration_ns": pa.array(self._end - self._start, mask=~is_timed),
            "status": _STATUSES.take(pa.array(np.where(self._status == _FAILED, 1, failed))),
            "status_message": _none_if_empty(self._message),
            "first_line": pa.array(line),
            "last_line": pa.array(line),
            "service_name": _repeated([service for service, _, _ in groups], spans_of_group),
            "scope_name": _repeated([scope for _, scope, _ in groups], spans_of_group),
            "span_kind": _KINDS.take(pa.array(np.where(self._kind < len(SPAN_KINDS), self._kind, 0))),
            "attributes": self._attributes([shared for _, _, shared in groups], spans_of_group),
            "links": self._all_links(len(line)),
        }
        records = list(self._records(trace_id, span_id, origin))
        return Batch(span_table(spans, origin), record_table(records, origin), len(self._data))

    def _group(self, _document: int, _spans: int, *places: int) -> tuple[str, str | None, Attributes]:
        said = [self._data[start:end] for start, end in zip(places[::2], places[1::2], strict=True)]
        resource = _RESOURCE.decode(said[0]) if said[0] else None
        scope = _SCOPE.decode(said[2]) if said[2] else None
        urls = [msgspec.json.decode(url, type=str) if url else None for url in (said[1], said[3])]
        shared = shared_attributes(resource, scope, urls)
        service = shared.pop("service.name", None)
        if not service:
            raise _NotPlainError
        return service, (scope.name if scope else None) or None, shared

    def _attributes(self, shared: list[Attributes], spans_of_group: Ints) -> pa.MapArray:
        """For each span those that it shares with its group, then its own."""
        own_counts = np.diff(self._pairs_end, prepend=0)
        own_starts = self._pairs_end - own_counts
        values = self._whole_values()
        shared_counts = np.array([len(one) for one in shared], np.int64)
        if not shared_counts.any():
            return _maps(own_counts, self._keys, values)
        if set(self._keys.dictionary_encode().dictionary.to_pylist()).intersection(*[set().union(*shared)]):
            raise _NotPlainError
        common_starts = np.repeat(np.cumsum(shared_counts) - shared_counts, spans_of_group)
        common_counts = np.repeat(shared_counts, spans_of_group)
        counts = common_counts + own_counts
        rows = np.repeat(np.arange(len(counts)), counts)
        place = np.arange(len(rows)) - (np.cumsum(counts) - counts)[rows]
        from_common = common_starts[rows] + place
        from_own = (own_starts - common_counts + shared_counts.sum())[rows] + place
        taken = pa.array(np.where(place < common_counts[rows], from_common, from_own))
        common_keys = pa.array([key for one in shared for key in one], pa.string())
        common_values = pa.array([value for one in shared for value in one.values()], pa.string())
        return _maps(
            counts,
            pa.concat_arrays([common_keys, self._keys]).take(taken),
            pa.concat_arrays([common_values, values]).take(taken),
        )

    def _whole_values(self) -> pa.Array:
        """The values of attributes with those that the kernel left out, as lists and maps."""
        if not len(self._odd_values):
            return self._values
        is_odd = np.zeros(len(self._values), bool)
        is_odd[self._odd_values[:, 0]] = True
        texts = [value_text(_VALUE.decode(self._data[start:end])) for _, start, end in self._odd_values.tolist()]
        return pc.replace_with_mask(self._values, pa.array(is_odd), pa.array(texts, pa.string()))

    def _all_links(self, count: int) -> list[list[Link]]:
        links: list[list[Link]] = [[]] * count
        for span, start, end in self._links.tolist():
            links[span] = [link_to(link) for link in _LINKS.decode(self._data[start:end])]
        return links

    def _records(self, trace_ids: pa.Array, span_ids: pa.Array, origin: Origin) -> Iterator[Record]:
        group_of_span = np.searchsorted(self._groups[:, 1], self._events[:, 0], "right")
        before = -1
        for (span, start, end), group in zip(self._events.tolist(), group_of_span.tolist(), strict=True):
            document = int(self._groups[group, 0])
            line, line_start, line_end = self._documents[document].tolist()
            for event in _EVENTS.decode(self._data[start:end]):
                record = event_record(event, trace_ids[span].as_py(), span_ids[span].as_py())
                record.line_number, record.byte_offset = origin.first_line + line, origin.byte_base + line_start
                record.byte_length = line_end - line_start if document != before else 0
                before = document
                yield record


def _text_column(ends: bytes, data: bytes) -> pa.StringArray:
    column = pa.StringArray.from_buffers(len(ends) // 4 - 1, pa.py_buffer(ends), pa.py_buffer(data))
    column.validate(full=True)  # that it is UTF-8: the kernel copies bytes
    return column


def _none_if_empty(column: pa.StringArray) -> pa.Array:
    return pc.if_else(pc.equal(column, ""), None, column)


def _repeated(values: list[str | None], counts: Ints) -> pa.Array:
    return pa.array(values, pa.string()).take(pa.array(np.repeat(np.arange(len(values)), counts)))


def _maps(counts: Ints, keys: pa.Array, values: pa.Array) -> pa.MapArray:
    offsets = np.concatenate([[0], np.cumsum(counts)]).astype(np.int32)
    return pa.MapArray.from_arrays(pa.array(offsets), keys, values, TEXT_MAP)
