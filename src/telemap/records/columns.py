"""Blocks of bytes → columns of records: where each begins, when, which event, what it says; no object a line."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass, field
from itertools import pairwise

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from telemap.model.interning import Codes, Interner
from telemap.model.telemetry import SPAN_NUMBERS, UNKNOWN_CODE, UNKNOWN_TIME
from telemap.records import scan
from telemap.records.formats import Format
from telemap.records.resolve import CONSTANT_GROUPS, MOST_SHAPES, Match, Resolver

Ints = npt.NDArray[np.int64]
_Spans = tuple[Ints, Ints, Ints]  # rows, and where in the data something begins and ends

NO_RECORD_ABOVE = "no record start above this line"
NANOSECOND_DIGITS = {"beat": 0, "duration_ms": 6, "clock_ms": 6}
AVERAGE_LINE_BYTES = 32  # output arrays are sized for lines this short; a denser block is split in several calls

LINES_LOOKED_BACK = 10_000  # for the start of the last record of a block; more is one record that is still open


@dataclass(slots=True)
class Columns:
    """The records of one block, in order; spans of bytes are positions in ``data``.

    ``offset`` and ``length`` tile the block; ``line`` is where in its ``lines`` a record begins, from 0; ``rule`` is
    the number of the event in the format, -1 for none; ``text`` and ``numbers`` hold interned text and numbers by
    group; ``attributes`` has, by group, the rows that have it and where their values stand.
    """

    data: memoryview
    lines: int
    offset: Ints
    length: Ints
    line: Ints
    line_count: Ints
    unparsed: npt.NDArray[np.bool_]
    rule: Ints
    time: Ints
    event: Codes
    severity: Codes
    body_start: Ints
    body_end: Ints
    text: dict[str, Codes] = field(default_factory=dict)
    numbers: dict[str, Ints] = field(default_factory=dict)
    attributes: dict[str, tuple[Ints, Ints, Ints]] = field(default_factory=dict)

    def __len__(self) -> int:
        return len(self.offset)


@dataclass(slots=True)
class _Lines:
    """The lines of a block: where each begins in ``data``, its length without the line end, the class of its shape, and
    where its first masks end."""

    data: memoryview
    offsets: Ints
    lengths: Ints
    classes: npt.NDArray[np.uint32]
    heads: npt.NDArray[np.uint16]

    def text(self, line: int) -> bytes:
        start = int(self.offsets[line])
        return bytes(self.data[start : start + int(self.lengths[line])])


class BlockReader:
    """Reads blocks of one format; keeps what it has learnt of the shapes of lines.

    Args:
        log_format: how records begin and what events they tell.
        interner: shared by all that goes into one store.
    """

    def __init__(self, log_format: Format, interner: Interner) -> None:
        self.resolver = Resolver(log_format, interner)
        self.interner = interner
        names = [interner.code(rule.name) for rule in log_format.events]
        severities = [interner.code(r.severity_text) if r.severity_text else UNKNOWN_CODE for r in log_format.events]
        self._event_names = np.array([*names, UNKNOWN_CODE], np.int32)
        self._severities = np.array([*severities, UNKNOWN_CODE], np.int32)

    def read(self, data: memoryview) -> Columns:
        """The records of ``data``, which begins at a record start (or where the stream does) and ends at one."""
        lines = self._split(data)
        begins, matches = self._begins(lines)
        starts, unparsed = _records(lines.lengths, begins)
        columns = _tiles(lines, starts, unparsed)
        self._fill(columns, lines, starts, matches)
        return columns

    def last_record_start(self, data: bytes) -> int:
        """Where the last record of ``data`` begins, which may go on in what follows; 0 if no start is near the end.

        In a format without patterns every line is a record.
        """
        end = len(data)
        for _ in range(LINES_LOOKED_BACK):
            start = data.rfind(b"\n", 0, end - 1 if end else 0) + 1
            line = data[start:end].removesuffix(b"\n").removesuffix(b"\r")
            if start == 0 or not self.resolver.format.patterns or self.resolver.match(line) is not None:
                return start
            end = start
        return 0

    def _split(self, data: memoryview) -> _Lines:
        size = max(len(data) // AVERAGE_LINE_BYTES, 16)
        parts: list[tuple[Ints, Ints, npt.NDArray[np.uint32], npt.NDArray[np.uint16]]] = []
        place, count = 0, size
        while count == size:
            classes, heads = np.empty(size, np.uint32), np.empty((size, scan.HEADS), np.uint16)
            part = np.empty(size, np.int64), np.empty(size, np.int64), classes, heads
            count, place = scan.split(data, place, len(data), True, self.resolver.classes, *part)
            parts.append((part[0][:count], part[1][:count], classes[:count], heads[:count]))
        return _Lines(data, *(parts[0] if len(parts) == 1 else map(np.concatenate, zip(*parts, strict=True))))

    def _begins(self, lines: _Lines) -> tuple[npt.NDArray[np.bool_], dict[int, Match]]:
        """Whether a record begins at each line, and what the lines mean that have to be matched one by one."""
        resolver = self.resolver
        classes = np.minimum(lines.classes, MOST_SHAPES).astype(np.int64)
        due = resolver.count(classes)
        if len(due):
            first = np.full(MOST_SHAPES + 1, -1, np.int64)
            first[classes[::-1]] = np.arange(len(classes) - 1, -1, -1)
            for class_id in due.tolist():
                resolver.look_at(class_id, lines.text(int(first[class_id])))
        begins = resolver.begins[classes]
        matches = {}
        for line in np.flatnonzero(~resolver.is_planned[classes]).tolist():
            match = resolver.match(lines.text(line))
            if match is not None:
                matches[line] = match
        begins[list(matches)] = True
        return begins, matches

    # ---- what the records say

    def _fill(self, columns: Columns, lines: _Lines, starts: Ints, matches: dict[int, Match]) -> None:
        resolver = self.resolver
        classes = np.minimum(lines.classes[starts], MOST_SHAPES).astype(np.int64)
        columns.rule[:] = resolver.rule[classes]
        spans = self._captured(columns, lines, starts, classes)
        self._add_single(spans, columns, lines, starts, matches)
        for group, (rows, begins, ends) in spans.items():
            self._store(columns, group, rows, begins, ends)
        self._store_constants(columns, classes)
        columns.event[:] = self._event_names[columns.rule]
        severity = self._severities[columns.rule]
        told = columns.text.pop("severity_text", severity)
        columns.severity[:] = np.where(severity < 0, told, severity)

    def _captured(self, columns: Columns, lines: _Lines, starts: Ints, classes: Ints) -> dict[str, _Spans]:
        """Where the groups stand that the plans of the shapes find: rows, begins and ends by group."""
        steps = self.resolver.steps
        counts = np.bincount(classes, minlength=MOST_SHAPES + 1)
        occurring = np.flatnonzero(counts)
        asked = counts[occurring] @ self.resolver.has_group[occurring]
        places = np.concatenate([[0], np.cumsum(asked)]).astype(np.int64)
        rows, begins, ends = np.empty((3, places[-1]), np.int64)
        scan.capture_all(
            lines.data, lines.offsets, lines.lengths, starts, lines.classes, steps.first, steps.steps, places,
            rows, begins, ends, self.resolver.has_values, lines.heads,
        )  # fmt: skip
        told = [slice(first, last) for first, last in pairwise(places.tolist())]
        groups = zip(self.resolver.groups, told, strict=True)
        return {group: (rows[at], begins[at], ends[at]) for group, at in groups if at.stop > at.start}

    def _add_single(
        self, spans: dict[str, _Spans], columns: Columns, lines: _Lines, starts: Ints, matches: dict[int, Match]
    ) -> None:
        """Add what the lines say that were matched one by one."""
        found: dict[str, list[tuple[int, int, int]]] = defaultdict(list)
        rows = np.searchsorted(starts, list(matches))
        for row, (line, match) in zip(rows.tolist(), matches.items(), strict=True):
            columns.rule[row] = match.rule
            offset = int(lines.offsets[line])
            for group, (first, last) in match.spans.items():
                found[group].append((row, offset + first, offset + last))
        for group, singles in found.items():
            more = np.ascontiguousarray(np.array(singles, np.int64).T)
            known = spans.get(group)
            merged = more if known is None else np.concatenate([np.stack(known), more], axis=1)
            spans[group] = merged[0], merged[1], merged[2]

    def _store(self, columns: Columns, group: str, rows: Ints, begins: Ints, ends: Ints) -> None:
        data = columns.data
        if group == "timestamp":
            times = np.empty(len(rows), np.int64)
            scan.timestamps(data, begins, ends, times)
            columns.time[rows] = times
        elif group == "body":
            columns.body_start[rows] = begins
            single = columns.line_count[rows] == 1
            columns.body_end[rows[single]] = ends[single]
        elif group in SPAN_NUMBERS:
            values, valid = np.empty(len(rows), np.int64), np.empty(len(rows), np.uint8)
            scan.decimals(data, begins, ends, NANOSECOND_DIGITS[group], values, valid)
            columns.numbers[group] = np.full(len(columns), UNKNOWN_TIME, np.int64)
            columns.numbers[group][rows] = np.where(valid, values, UNKNOWN_TIME)
        elif group in CONSTANT_GROUPS:
            codes = columns.text[group] = np.full(len(columns), UNKNOWN_CODE, np.int32)
            codes[rows] = self.interner.codes(gathered(data, begins, ends))
        else:
            columns.attributes[group] = rows, begins, ends

    def _store_constants(self, columns: Columns, classes: Ints) -> None:
        """Store text that the shapes themselves spell out."""
        for group, constants in self.resolver.constants.items():
            codes = constants[classes]
            told = columns.text.get(group)
            columns.text[group] = codes if told is None else np.where(told >= 0, told, codes)


def _records(lengths: Ints, begins: npt.NDArray[np.bool_]) -> tuple[Ints, npt.NDArray[np.bool_]]:
    """The lines at which records begin, and which of these are unparsed.

    Lines before the first record start belong to nothing above: each is a record of its own, kept as unparsed.
    """
    starts = np.flatnonzero(begins).astype(np.int64)
    first = int(starts[0]) if len(starts) else len(lengths)
    orphans = np.flatnonzero(lengths[:first] > 0).astype(np.int64)
    if not len(orphans) and not len(starts) and len(lengths):  # nothing but blank lines
        orphans = np.zeros(1, np.int64)
    merged = np.concatenate([orphans, starts])
    return merged, (np.arange(len(merged)) < len(orphans)) & (lengths[merged] > 0)


def _tiles(lines: _Lines, starts: Ints, unparsed: npt.NDArray[np.bool_]) -> Columns:
    """The columns of the records that begin at the lines ``starts``, with nothing but their places known."""
    count = len(starts)
    offset = lines.offsets[starts]
    line_ends = np.append(starts, len(lines.offsets))[1:]
    filled = np.maximum.accumulate(np.where(lines.lengths > 0, np.arange(len(lines.lengths)), 0))
    last = np.maximum(filled[line_ends - 1], starts)  # blank lines at the end are the record's, not its body's
    body_start = offset.copy()
    if count:  # blank lines before the first record are part of it
        offset[0] = 0
    return Columns(
        data=lines.data,
        lines=len(lines.offsets),
        offset=offset,
        length=np.diff(np.append(offset, len(lines.data))),
        line=starts,
        line_count=line_ends - starts,
        unparsed=unparsed,
        rule=np.full(count, -1, np.int64),
        time=np.full(count, UNKNOWN_TIME, np.int64),
        event=np.full(count, UNKNOWN_CODE, np.int32),
        severity=np.full(count, UNKNOWN_CODE, np.int32),
        body_start=body_start,
        body_end=lines.offsets[last] + lines.lengths[last],
    )


def gathered(data: memoryview, begins: Ints, ends: Ints) -> pa.BinaryArray:
    """The bytes of each span as one Arrow column."""
    offsets = np.zeros(len(begins) + 1, np.int32)
    np.cumsum(ends - begins, out=offsets[1:])
    out = np.empty(int(offsets[-1]), np.uint8)
    scan.gather(data, begins, ends, out)  # type: ignore[arg-type]  # arrays are buffers, which Python 3.11 cannot say
    return pa.BinaryArray.from_buffers(pa.binary(), len(begins), [None, pa.py_buffer(offsets), pa.py_buffer(out)])
