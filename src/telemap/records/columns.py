"""Blocks of bytes → columns of records: where each begins, when, which event, what it says; no object a line."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass, field

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from telemap.model.interning import Codes, Interner
from telemap.model.telemetry import RECORD_TEXT, SPAN_NUMBERS, SPAN_TEXT, UNKNOWN_CODE, UNKNOWN_TIME
from telemap.records import scan
from telemap.records.formats import Format
from telemap.records.resolve import Match, Plan, Resolver

Ints = npt.NDArray[np.int64]

NO_RECORD_ABOVE = "no record start above this line"
NANOSECOND_DIGITS = {"beat": 0, "duration_ms": 6, "clock_ms": 6}
AVERAGE_LINE_BYTES = 32  # output arrays are sized for lines this short; a denser block is split in several calls


@dataclass(slots=True)
class Columns:
    """The records of one block, in order; spans of bytes are positions in ``data``.

    ``offset`` and ``length`` tile the block; ``text`` and ``numbers`` hold interned text and numbers by group;
    ``attributes`` has, by group, the rows that have it and where their values stand.
    """

    data: memoryview
    offset: Ints
    length: Ints
    line_number: Ints
    line_count: Ints
    time: Ints
    event: Codes
    severity: Codes
    unparsed: npt.NDArray[np.bool_]
    body_start: Ints
    body_end: Ints
    text: dict[str, Codes] = field(default_factory=dict)
    numbers: dict[str, Ints] = field(default_factory=dict)
    attributes: dict[str, tuple[Ints, Ints, Ints]] = field(default_factory=dict)

    def __len__(self) -> int:
        return len(self.offset)


class BlockReader:
    """Reads the blocks of one stream of one format; keeps what it has learnt of the shapes of lines.

    Args:
        log_format: how records begin and what events they tell.
        interner: shared by all that goes into one store.
    """

    def __init__(self, log_format: Format, interner: Interner) -> None:
        self.resolver = Resolver(log_format)
        self.interner = interner
        self.rule_codes = {id(rule): code for code, rule in enumerate(log_format.events)}
        self._event_names = np.array([interner.code(r.name) for r in log_format.events] + [UNKNOWN_CODE], np.int32)
        self._severities = np.array(
            [interner.code(r.severity_text) if r.severity_text else UNKNOWN_CODE for r in log_format.events]
            + [UNKNOWN_CODE],
            np.int32,
        )
        self._classes = scan.ClassTable()

    def read(self, data: memoryview, first_line: int, final: bool) -> tuple[Columns, Ints, int]:
        """The records of ``data``, the rule of each (index into the format's events, -1 for none), and what is left.

        ``data`` begins at a record start or at the beginning of the stream. Unless ``final``, the last record is not
        read: it may go on in what follows.

        Returns:
            the columns, the rule numbers, and the number of bytes of ``data`` that the columns cover.
        """
        lines, consumed = self._split(data, final)
        self._learn(lines)
        begins, matches = self._begins(lines)
        starts, unparsed = self._records(lines.lengths, begins)
        if not final:
            consumed = int(lines.offsets[starts[-1]]) if len(starts) else 0
            starts, unparsed = starts[:-1], unparsed[:-1]
            lines = lines.before(consumed)
        columns = self._columns(lines, starts, unparsed, consumed, first_line)
        if len(columns):  # blank lines before the first record are part of it
            columns.length[0] += columns.offset[0]
            columns.offset[0] = 0
        return columns, self._fill(columns, lines, starts, matches), consumed

    # ---- lines and records

    def _split(self, data: memoryview, final: bool) -> tuple[_Lines, int]:
        size = max(len(data) // AVERAGE_LINE_BYTES, 16)
        parts: list[tuple[Ints, Ints, npt.NDArray[np.uint32]]] = []
        place, count = 0, size
        while count == size:
            part = np.empty(size, np.int64), np.empty(size, np.int64), np.empty(size, np.uint32)
            count, place = scan.split(data, place, len(data), final, self._classes, *part)
            parts.append((part[0][:count], part[1][:count], part[2][:count]))
        offsets, lengths, classes = parts[0] if len(parts) == 1 else map(np.concatenate, zip(*parts, strict=True))
        return _Lines(data, offsets, lengths, classes), place

    def _learn(self, lines: _Lines) -> None:
        ids, first, counts = np.unique(lines.classes, return_index=True, return_counts=True)
        for class_id, line, count in zip(ids.tolist(), first.tolist(), counts.tolist(), strict=True):
            if class_id != scan.OVERFLOW:
                if class_id >= len(self.resolver.by_class):
                    self.resolver.learn(class_id, lines.text(line))
                self.resolver.count(class_id, count)

    def _begins(self, lines: _Lines) -> tuple[npt.NDArray[np.bool_], dict[int, Match]]:
        """Whether a record begins at each line, and what the lines mean that had to be matched one by one."""
        capped = np.minimum(lines.classes, len(self.resolver.by_class))
        begins = np.frombuffer(self.resolver.begins + b"\0", np.bool_)[capped]
        uniform = np.frombuffer(self.resolver.is_uniform + b"\0", np.bool_)[capped]
        matches = {}
        for line in np.flatnonzero(~uniform).tolist():
            match = self.resolver.match(lines.text(line))
            begins[line] = match is not None
            if match is not None:
                matches[line] = match
        return begins, matches

    @staticmethod
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

    @staticmethod
    def _columns(
        lines: _Lines, starts: Ints, unparsed: npt.NDArray[np.bool_], consumed: int, first_line: int
    ) -> Columns:
        count = len(starts)
        offset = lines.offsets[starts]
        line_ends = np.append(starts, len(lines.offsets))[1:]
        filled = np.maximum.accumulate(np.where(lines.lengths > 0, np.arange(len(lines.lengths)), 0))
        last = np.maximum(filled[line_ends - 1], starts)  # blank lines at the end are the record's, not its body's
        return Columns(
            data=lines.data,
            offset=offset,
            length=np.diff(np.append(offset, consumed)),
            line_number=starts + first_line,
            line_count=line_ends - starts,
            time=np.full(count, UNKNOWN_TIME, np.int64),
            event=np.full(count, UNKNOWN_CODE, np.int32),
            severity=np.full(count, UNKNOWN_CODE, np.int32),
            unparsed=unparsed,
            body_start=offset.copy(),
            body_end=lines.offsets[last] + lines.lengths[last],
        )

    # ---- what the records say

    def _fill(self, columns: Columns, lines: _Lines, starts: Ints, matches: dict[int, Match]) -> Ints:
        rules = np.full(len(starts), -1, np.int64)
        found = _Found()
        classes = lines.classes[starts]
        order = np.argsort(classes, kind="stable")
        ids, firsts = np.unique(classes[order], return_index=True)
        for class_id, rows in zip(ids.tolist(), np.split(order, firsts[1:]), strict=False):
            resolution = None if class_id == scan.OVERFLOW else self.resolver.by_class[class_id]
            if resolution is not None and resolution.plan is not None and resolution.match is not None:
                if resolution.match.rule is not None:
                    rules[rows] = self.rule_codes[id(resolution.match.rule)]
                self._carry_out(resolution.plan, rows, starts[rows], lines, found)
        self._single(matches, lines, starts, found, rules)
        self._store(columns, lines.data, found, rules)
        return rules

    def _carry_out(self, plan: Plan, rows: Ints, places: Ints, lines: _Lines, found: _Found) -> None:
        for group, value in plan.constants.items():
            found.constants[group].append((rows, self.interner.code(value.decode(errors="replace"))))
        count, groups = len(rows), len(plan.groups)
        begins, ends = np.empty(groups * count, np.int64), np.empty(groups * count, np.int64)
        scan.capture(lines.data, lines.offsets, lines.lengths, places, plan.boundaries, begins, ends)
        line_ends = lines.offsets[places] + lines.lengths[places]
        for place, (group, to_end) in enumerate(zip(plan.groups, plan.to_line_end, strict=True)):
            span = slice(place * count, (place + 1) * count)
            found.spans[group].append((rows, begins[span], line_ends if to_end else ends[span]))

    def _single(self, matches: dict[int, Match], lines: _Lines, starts: Ints, found: _Found, rules: Ints) -> None:
        spans: dict[str, list[tuple[int, int, int]]] = defaultdict(list)
        row_of_line = dict(zip(starts.tolist(), range(len(starts)), strict=True)) if matches else {}
        for line, match in matches.items():
            row = row_of_line.get(line)
            if row is None:  # the last record of a block that is not final
                continue
            if match.rule is not None:
                rules[row] = self.rule_codes[id(match.rule)]
            start = int(lines.offsets[line])
            for group, (first, last) in match.spans.items():
                spans[group].append((row, start + first, start + last))
        for group, triples in spans.items():
            table = np.array(triples, np.int64)
            found.spans[group].append((table[:, 0], table[:, 1], table[:, 2]))

    def _store(self, columns: Columns, data: memoryview, found: _Found, rules: Ints) -> None:
        count = len(columns)
        columns.event[:] = self._event_names[rules]
        for group, parts in found.spans.items():
            rows, begins, ends = (np.concatenate(column) for column in zip(*parts, strict=True))
            if group == "timestamp":
                times = np.empty(len(rows), np.int64)
                scan.timestamps(data, np.ascontiguousarray(begins), np.ascontiguousarray(ends), times)
                columns.time[rows] = times
            elif group == "body":
                columns.body_start[rows] = begins
                single = columns.line_count[rows] == 1
                columns.body_end[rows[single]] = ends[single]
            elif group in SPAN_NUMBERS:
                columns.numbers[group] = _numbers(data, rows, begins, ends, NANOSECOND_DIGITS[group], count)
            elif group in SPAN_TEXT or group in RECORD_TEXT:
                self._text_column(columns, group)[rows] = self.interner.codes(gathered(data, begins, ends))
            else:
                columns.attributes[group] = (rows.astype(np.int64), begins, ends)
        for group, constants in found.constants.items():
            column = self._text_column(columns, group)
            for rows, code in constants:
                column[rows] = code
        severity = columns.text.pop("severity_text", None)
        columns.severity[:] = self._severities[rules]
        if severity is not None:
            columns.severity[:] = np.where(columns.severity < 0, severity, columns.severity)

    def _text_column(self, columns: Columns, group: str) -> Codes:
        return columns.text.setdefault(group, np.full(len(columns), UNKNOWN_CODE, np.int32))


@dataclass(slots=True)
class _Lines:
    """The lines of a block: where each begins in ``data``, its length without the line end, the class of its shape."""

    data: memoryview
    offsets: Ints
    lengths: Ints
    classes: npt.NDArray[np.uint32]

    def text(self, line: int) -> bytes:
        """One line."""
        start = int(self.offsets[line])
        return bytes(self.data[start : start + int(self.lengths[line])])

    def before(self, place: int) -> _Lines:
        """The lines that begin before ``place``."""
        kept = int(np.searchsorted(self.offsets, place))
        return _Lines(self.data, self.offsets[:kept], self.lengths[:kept], self.classes[:kept])


@dataclass(slots=True)
class _Found:
    spans: dict[str, list[tuple[npt.NDArray[np.int64], Ints, Ints]]] = field(default_factory=lambda: defaultdict(list))
    constants: dict[str, list[tuple[npt.NDArray[np.int64], int]]] = field(default_factory=lambda: defaultdict(list))


def _numbers(data: memoryview, rows: Ints, begins: Ints, ends: Ints, digits: int, count: int) -> Ints:
    values, valid = np.empty(len(rows), np.int64), np.empty(len(rows), np.uint8)
    scan.decimals(data, np.ascontiguousarray(begins), np.ascontiguousarray(ends), digits, values, valid)
    column = np.full(count, UNKNOWN_TIME, np.int64)
    column[rows] = np.where(valid, values, UNKNOWN_TIME)
    return column


def gathered(data: memoryview, begins: Ints, ends: Ints) -> pa.BinaryArray:
    """The bytes of each span as one Arrow column."""
    begins, ends = np.ascontiguousarray(begins), np.ascontiguousarray(ends)
    offsets = np.zeros(len(begins) + 1, np.int32)
    np.cumsum(ends - begins, out=offsets[1:])
    out = np.empty(int(offsets[-1]), np.uint8)
    scan.gather(data, begins, ends, out)
    return pa.BinaryArray.from_buffers(pa.binary(), len(begins), [None, pa.py_buffer(offsets), pa.py_buffer(out)])
