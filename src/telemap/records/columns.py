"""The records of a block as columns: where each begins, when, which event, what it says; no object a line."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any, NamedTuple

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from telemap.model.interning import Codes
from telemap.model.telemetry import UNKNOWN_CODE, UNKNOWN_TIME
from telemap.records import json_lines, scan, times

Ints = npt.NDArray[np.int64]
Flags = npt.NDArray[np.bool_]

NO_TEXT = -1
"""Where a body begins that is not there."""


class Spans(NamedTuple):
    """Values by the rows that have them: where each begins and ends in ``data``, and which hold JSON escapes."""

    rows: Ints
    begins: Ints
    ends: Ints
    data: memoryview
    escaped: Flags | None = None

    def only(self, which: Flags) -> Spans:
        """Those of some rows."""
        escaped = None if self.escaped is None else self.escaped[which]
        return Spans(self.rows[which], self.begins[which], self.ends[which], self.data, escaped)

    def values(self) -> pa.BinaryArray:
        """The bytes of each."""
        return gathered(self.data, self.begins, self.ends, self.escaped)


@dataclass(slots=True)
class Columns:
    """The records of one block, in order; spans of bytes are positions in ``data``.

    ``offset`` and ``length`` tile the block of ``size`` bytes; ``line`` is where in its ``lines`` a record begins, from
    0; ``rule`` is the number of the event in the source's formats, -1 for none; ``time`` is as printed, and
    ``time_kind`` says what is missing in it; ``body_start`` is NO_TEXT where there is no body; ``text`` and ``numbers``
    hold interned text and numbers by group, ``attributes`` all other values, of no row two of one name; ``secrets`` is
    how many of each name were overwritten.
    """

    data: memoryview
    size: int
    lines: int
    offset: Ints
    length: Ints
    line: Ints
    line_count: Ints
    unparsed: Flags
    rule: Ints
    time: Ints
    time_kind: npt.NDArray[np.uint8]
    event: Codes
    severity: Codes
    body_start: Ints
    body_end: Ints
    body_escaped: Flags
    text: dict[str, Codes] = field(default_factory=dict)
    numbers: dict[str, Ints] = field(default_factory=dict)
    attributes: dict[str, list[Spans]] = field(default_factory=dict)
    secrets: Counter[str] = field(default_factory=Counter)

    def __len__(self) -> int:
        return len(self.offset)

    def bodies(self) -> pa.BinaryArray:
        """The text of each record, null where there is none."""
        is_told = self.body_start != NO_TEXT
        begins = np.where(is_told, self.body_start, 0)
        ends = np.where(is_told, np.maximum(self.body_end, self.body_start), 0)
        values = gathered(self.data, begins, ends, self.body_escaped)
        if is_told.all():
            return values
        _, validity = pa.array(is_told).buffers()
        return pa.BinaryArray.from_buffers(values.type, len(values), [validity, *values.buffers()[1:]])


_AS_THEY_ARE = ("length", "line_count", "unparsed", "rule", "time", "time_kind", "event", "severity", "body_escaped")


def tiles(data: memoryview, offsets: Ints, lengths: Ints, starts: Ints, unparsed: Flags) -> Columns:
    """The columns of the records that begin at the lines ``starts``, with nothing but their places known.

    Args:
        data: the block.
        offsets: where each line begins.
        lengths: of each line, without its end.
        starts: the lines at which records begin.
        unparsed: which of these are not understood.
    """
    count = len(starts)
    offset = offsets[starts]
    line_ends = np.append(starts, len(offsets))[1:]
    filled = np.maximum.accumulate(np.where(lengths > 0, np.arange(len(lengths)), 0))
    last = np.maximum(filled[line_ends - 1], starts)  # blank lines at the end are the record's, not its body's
    body_start = offset.copy()
    if count:  # blank lines before the first record are part of it
        offset[0] = 0
    return Columns(
        data=data,
        size=len(data),
        lines=len(offsets),
        offset=offset,
        length=np.diff(np.append(offset, len(data))),
        line=starts,
        line_count=line_ends - starts,
        unparsed=unparsed,
        rule=np.full(count, -1, np.int64),
        time=np.full(count, UNKNOWN_TIME, np.int64),
        time_kind=np.full(count, times.UNREADABLE, np.uint8),
        event=np.full(count, UNKNOWN_CODE, np.int32),
        severity=np.full(count, UNKNOWN_CODE, np.int32),
        body_start=body_start,
        body_end=offsets[last] + lengths[last],
        body_escaped=np.zeros(count, np.bool_),
    )


def joined(parts: Sequence[Columns]) -> Columns:
    """Several blocks as if they were one, each going on where the one before ends."""
    if len(parts) == 1:
        return parts[0]
    data = memoryview(b"".join(part.data for part in parts))
    counts = [len(part) for part in parts]
    first, base, size, lines = (
        np.cumsum([0, *numbers])[:-1]
        for numbers in (counts, *zip(*((len(p.data), p.size, p.lines) for p in parts), strict=True))
    )
    of_row = np.repeat(np.arange(len(parts)), counts)

    def whole(name: str) -> npt.NDArray[Any]:
        return np.concatenate([getattr(part, name) for part in parts])

    def by_group(name: str, absent: int, kind: type[np.generic]) -> dict[str, npt.NDArray[Any]]:
        told: dict[str, npt.NDArray[Any]] = {}
        for part, begin in zip(parts, first.tolist(), strict=True):
            for group, values in getattr(part, name).items():
                told.setdefault(group, np.full(len(of_row), absent, kind))[begin : begin + len(part)] = values
        return told

    body_start = whole("body_start")
    return Columns(
        data=data,
        size=sum(part.size for part in parts),
        lines=sum(part.lines for part in parts),
        offset=whole("offset") + size[of_row],
        line=whole("line") + lines[of_row],
        body_start=np.where(body_start == NO_TEXT, NO_TEXT, body_start + base[of_row]),
        body_end=whole("body_end") + base[of_row],
        text=by_group("text", UNKNOWN_CODE, np.int32),
        numbers=by_group("numbers", UNKNOWN_TIME, np.int64),
        attributes=_joined_attributes(parts, data, first.tolist(), base.tolist()),
        secrets=sum((part.secrets for part in parts), Counter()),
        **{name: whole(name) for name in _AS_THEY_ARE},
    )


def _joined_attributes(
    parts: Sequence[Columns], data: memoryview, firsts: Sequence[int], bases: Sequence[int]
) -> dict[str, list[Spans]]:
    own: dict[str, list[Spans]] = defaultdict(list)  # in the blocks themselves
    others: dict[str, list[Spans]] = defaultdict(list)
    for part, first, base in zip(parts, firsts, bases, strict=True):
        for name, several in part.attributes.items():
            for spans in several:
                rows = spans.rows + first
                if spans.data is part.data:
                    escaped = np.zeros(len(rows), np.bool_) if spans.escaped is None else spans.escaped
                    own[name].append(Spans(rows, spans.begins + base, spans.ends + base, data, escaped))
                else:
                    others[name].append(spans._replace(rows=rows))
    for name, several in own.items():
        rows, begins, ends = (np.concatenate([spans[place] for spans in several]) for place in range(3))
        others[name].append(Spans(rows, begins, ends, data, np.concatenate([spans.escaped for spans in several])))
    return dict(others)


def gathered(data: memoryview, begins: Ints, ends: Ints, escaped: Flags | None = None) -> pa.BinaryArray:
    """The bytes of each span as one Arrow column; of those that hold JSON escapes, what they stand for."""
    if escaped is not None and escaped.any():
        return json_lines.unescape(data, begins, ends, escaped.view(np.uint8))
    offsets = np.zeros(len(begins) + 1, np.int32)
    np.cumsum(ends - begins, out=offsets[1:])
    out = np.empty(int(offsets[-1]), np.uint8)
    scan.gather(data, begins, ends, out)  # type: ignore[arg-type]  # arrays are buffers, which Python 3.11 cannot say
    return pa.BinaryArray.from_buffers(pa.binary(), len(begins), [None, pa.py_buffer(offsets), pa.py_buffer(out)])


def first_lines(texts: pa.BinaryArray) -> memoryview:
    """The first line of each text, each with a newline at its end."""
    if pc.any(pc.match_substring(texts, "\n")).as_py():
        texts = pa.array([text.partition(b"\n")[0] for text in texts.to_pylist()], pa.binary())
    lines = pc.binary_join_element_wise(texts, pa.scalar(b"\n", pa.binary()), pa.scalar(b"", pa.binary()))
    offsets = np.frombuffer(lines.buffers()[1], np.int32)[: len(lines) + 1]
    return memoryview(lines.buffers()[2])[: offsets[-1]]
