"""Lines that wrap lines of another format (container runtimes, journals) → the records that are inside."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from telemap.model.interning import Interner
from telemap.model.telemetry import UNKNOWN_CODE
from telemap.records import times
from telemap.records.blocks import BlockReader, add_attribute
from telemap.records.columns import Columns, Flags, Ints
from telemap.records.formats import EventRule

TAIL_BYTES = 2**16


class EnvelopeReader:
    """Reads blocks of wrapped lines: the wrapper gives what the line inside does not say itself.

    Args:
        outer: reads the wrapping lines.
        inner: reads what is inside.
    """

    def __init__(self, outer: BlockReader, inner: BlockReader) -> None:
        self.outer = outer
        self.inner = inner
        self._edges = BlockReader(outer.stack, Interner())  # a reader can serve one thread, and that reads blocks

    @property
    def events(self) -> tuple[EventRule, ...]:
        """The events that the rules of its columns are numbers of."""
        return self.inner.events

    def read(self, data: memoryview) -> Columns:
        """The records of ``data``, which begins and ends where a record inside begins."""
        outer = self.outer.read(data)
        text, begins = _unwrapped(outer, self.outer)
        inner = self.inner.read(text if len(text) else memoryview(b"\n"[: len(outer)]))
        row_of = _rows_at(begins, inner.offset)
        return _rewrapped(outer, inner, row_of, _lines_below(outer, text, begins[row_of], inner.offset))

    def last_record_start(self, data: bytes) -> int:
        """Where the last record of ``data`` begins, which may go on in what follows; 0 if no start is near the end."""
        size, whole = TAIL_BYTES, data.rfind(b"\n") + 1
        while True:
            tail = data.find(b"\n", whole - size) + 1 if size < whole else 0
            outer = self._edges.read(memoryview(data)[tail:whole])
            text, begins = _unwrapped(outer, self._edges)
            start = self.inner.last_record_start(bytes(text))
            while start and start not in begins:  # it stands in a row that begins with the end of another record
                start = self.inner.last_record_start(bytes(text[:start]))
            if start:
                return tail + int(outer.offset[_rows_at(begins, start)])
            if tail == 0:
                return 0
            size *= 4

    def lines(self, data: bytes) -> Iterator[bytes]:
        """The lines that are inside of ``data``."""
        text, _ = _unwrapped(self.outer.read(memoryview(data)), self.outer)
        yield from bytes(text).split(b"\n")


def _rows_at(begins: Ints, places: Ints | int) -> Any:
    """The row in which each of some places is, of rows that begin at ``begins``."""
    return np.searchsorted(begins, places, side="right") - 1


def _goes_on(outer: Columns, reader: BlockReader) -> Flags:
    """Whether what each row holds goes on in the next one."""
    wrapper = reader.stack.main
    goes_on = np.zeros(len(outer), np.bool_)
    if wrapper.wraps == "chunks":
        is_whole = pc.ends_with(outer.bodies().fill_null(b"\n"), b"\n")
        return ~np.asarray(is_whole) & ~outer.unparsed
    for group, value in wrapper.joins.items():
        for spans in outer.attributes.get(group, ()):
            goes_on[spans.rows] |= pc.equal(spans.values(), value.encode()).to_numpy(zero_copy_only=False)
    return goes_on


def _unwrapped(outer: Columns, reader: BlockReader) -> tuple[memoryview, Ints]:
    """The lines inside, one after the other, and where in them the body of each row begins."""
    bodies = outer.bodies().fill_null(b"")
    lines = pc.binary_join_element_wise(
        pc.replace_substring_regex(bodies, "\r?\n$", "") if _has_line_ends(bodies) else bodies,
        pa.array([b"\n", b""]).take(pa.array(_goes_on(outer, reader).astype(np.int8))),
        pa.scalar(b"", pa.binary()),
    )
    if isinstance(lines, pa.ChunkedArray):
        lines = lines.combine_chunks()
    offsets = np.frombuffer(lines.buffers()[1], np.int32)[lines.offset : lines.offset + len(lines) + 1].astype(np.int64)
    text = memoryview(lines.buffers()[2] or b"")[offsets[0] : offsets[-1]]
    return text, offsets[:-1] - offsets[0]


def _has_line_ends(bodies: pa.BinaryArray) -> bool:
    return bool(pc.any(pc.ends_with(bodies, b"\n")).as_py())


def _lines_below(outer: Columns, text: memoryview, begins: Ints, offsets: Ints) -> Ints:
    """How many lines below the first of its row each record begins: lines that nothing wraps go on with one that is."""
    below = np.zeros(len(offsets), np.int64)
    for record in np.flatnonzero(offsets != begins).tolist() if outer.lines > len(outer) else ():
        below[record] = bytes(text[begins[record] : offsets[record]]).count(b"\n")
    return below


def _rewrapped(outer: Columns, inner: Columns, row_of: Ints, below: Ints) -> Columns:
    """``inner`` as records of the block that ``outer`` stands for.

    Args:
        outer: rows of the wrapper.
        inner: records of what is inside.
        row_of: the row in which each record begins.
        below: and how many lines below the first of that row.
    """
    line = outer.line[row_of]
    offset = outer.offset[row_of].copy()
    for record in np.flatnonzero((below > 0) & (below < outer.line_count[row_of])).tolist():
        start, size = int(offset[record]), int(outer.length[row_of[record]])
        *above, _ = bytes(outer.data[start : start + size]).split(b"\n", int(below[record]))
        offset[record] += sum(len(text) + 1 for text in above)
        line[record] += below[record]
    if len(offset):
        offset[0] = 0
    inner.size, inner.lines = outer.size, outer.lines
    inner.secrets += outer.secrets
    inner.offset, inner.length = offset, np.diff(np.append(offset, outer.size))
    inner.line, inner.line_count = line, np.diff(np.append(line, outer.lines))
    inner.unparsed &= outer.unparsed[row_of]
    untimed = inner.time_kind == times.UNREADABLE
    inner.time = np.where(untimed, outer.time[row_of], inner.time)
    inner.time_kind = np.where(untimed, outer.time_kind[row_of], inner.time_kind)
    inner.severity = np.where(inner.severity == UNKNOWN_CODE, outer.severity[row_of], inner.severity)
    for group, codes in outer.text.items():
        told = inner.text.get(group)
        wrapped = codes[row_of]
        inner.text[group] = wrapped if told is None else np.where(told == UNKNOWN_CODE, wrapped, told)
    for name, parts in outer.attributes.items():
        for spans in parts:
            first = np.searchsorted(row_of, spans.rows)
            begins_one = (first < len(row_of)) & (row_of[np.minimum(first, len(row_of) - 1)] == spans.rows)
            add_attribute(inner, name, spans.only(begins_one)._replace(rows=first[begins_one]))
    return inner
