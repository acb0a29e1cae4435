"""Blocks of bytes → columns of records: shapes are resolved once, then captured natively; JSON is read by its keys."""

from __future__ import annotations

import re
from collections import defaultdict
from dataclasses import dataclass
from itertools import pairwise

import numpy as np
import numpy.typing as npt

from telemap.model.collecting import no_collection
from telemap.model.interning import Interner
from telemap.model.telemetry import SPAN_NUMBERS, UNKNOWN_CODE, UNKNOWN_TIME
from telemap.records import scan, times
from telemap.records.columns import NO_TEXT, Columns, Flags, Ints, Spans, first_lines, gathered, tiles
from telemap.records.formats import EventRule, Format, Pattern, attribute_name
from telemap.records.json_rows import JsonReader, JsonRows
from telemap.records.lines import LineRedactor, Lines, split
from telemap.records.redaction import Redactor, unfinished_key
from telemap.records.resolve import CONSTANT_GROUPS, MOST_SHAPES, Resolver
from telemap.records.singles import Singles
from telemap.records.stack import Stack

ANY_BODY = Pattern("body", rb"(?P<body>.*)")
BLANKS = np.frombuffer(b" \t\r\n", np.uint8)
NANOSECOND_DIGITS = {"beat": 0, "duration_ms": 6, "clock_ms": 6}
LINES_LOOKED_BACK = 10_000  # for the start of the last record of a block; more is one record that is still open
BLANK_LINES = re.compile(rb"(?:\r?\n)*")


@dataclass(slots=True)
class _Records:
    """What a block's records are: the lines at which they begin, the format of each, those that have no format, and the
    lines that were matched one by one."""

    starts: Ints
    formats: npt.NDArray[np.int8]
    unparsed: Flags
    singles: Singles
    json: JsonRows


class BlockReader:
    """Reads blocks of one source after the other; keeps what it has learnt of the shapes of lines.

    Args:
        stack: the formats that the lines can be in.
        interner: shared by all that goes into one store.
        redactor: overwrites secrets before anything else is done; None to leave them.
        layouts: how the times of this source are written, where its main format does not say so.
    """

    def __init__(
        self, stack: Stack, interner: Interner, redactor: Redactor | None = None, layouts: tuple[str, ...] = ()
    ) -> None:
        self.stack = stack
        self.resolver = Resolver(stack, interner, () if redactor is None else redactor.marks)
        self._secrets = None if redactor is None else LineRedactor(redactor, self.resolver)
        self.interner = interner
        self._json = JsonReader(stack.json)
        self._layouts = [times.Layouts((*f.layouts, *times.GENERAL)) for f in stack.formats]
        if layouts:
            self._layouts[0] = times.Layouts(layouts)
        self._bodies = {
            number: BlockReader(Stack(Format(f.name, f.title, f.origin, (ANY_BODY,), f.events)), interner)
            for number, f in stack.json
            if f.events
        }
        names = [interner.code(rule.name) for rule in stack.events]
        severities = [interner.code(r.severity_text) if r.severity_text else UNKNOWN_CODE for r in stack.events]
        self._event_names = np.array([*names, UNKNOWN_CODE], np.int32)
        self._severities = np.array([*severities, UNKNOWN_CODE], np.int32)

    @property
    def events(self) -> tuple[EventRule, ...]:
        """The events that the rules of its columns are numbers of."""
        return self.stack.events

    def read(self, data: memoryview) -> Columns:
        """The records of ``data``, which begins at a record start (or where the stream does) and ends at one."""
        with no_collection():
            lines = split(data, self.resolver.classes)
            if self._secrets is not None:
                lines = self._secrets.removed(lines)
            records = self._records(lines)
            columns = tiles(lines.data, lines.offsets, lines.lengths, records.starts, records.unparsed)
            columns.secrets = lines.secrets
            self._fill(columns, lines, records)
            return columns

    def last_record_start(self, data: bytes) -> int:
        """Where the last record of ``data`` begins, which may go on in what follows; 0 if no start is near the end.

        What stands behind the last line end is no line yet, and may turn out to go on with the record above it. Blank
        lines are no record if one follows, and no private key is cut.
        """
        end = data.rfind(b"\n") + 1
        first = BLANK_LINES.match(data).end()  # type: ignore[union-attr]  # matches anything
        last = len(data) if self._secrets is None else unfinished_key(data)
        for _ in range(LINES_LOOKED_BACK):
            start = data.rfind(b"\n", 0, end - 1 if end else 0) + 1
            if start <= first:
                return 0
            if start <= last and self.begins_record(data[start : end - 1 - data.endswith(b"\r\n", start, end)]):
                return start
            end = start
        return 0

    def begins_record(self, line: bytes) -> bool:
        """Whether a record begins at ``line``, whatever stands above it."""
        if self._is_own_line and line and not line[:1].isspace():
            return True
        return self._json.takes(line) or self.stack.match(line) is not None

    @property
    def _is_own_line(self) -> bool:
        """Whether a line that no format fits is a record of its own: only text formats let records go on."""
        return not self.stack.main.patterns

    # ---- which lines begin a record, and in which format

    def _records(self, lines: Lines) -> _Records:
        resolver = self.resolver
        json = self._json.read(lines.data, lines.offsets, lines.lengths)
        self._look_at_new_shapes(lines)
        begins, formats = resolver.begins[lines.classes], resolver.format[lines.classes]
        is_alone = ~resolver.is_planned[lines.classes]
        is_alone[json.lines] = False
        singles = Singles()
        for line in np.flatnonzero(is_alone).tolist():
            match = self.stack.match(lines.text(line))
            if match is not None:
                singles.add(line, match)
        matched, formats_told, _ = singles.lines
        begins[matched] = True
        formats[matched] = formats_told
        begins[json.lines] = True
        formats[json.lines] = json.formats
        unparsed = self._unparsed(lines, begins, json.lines)
        starts = np.flatnonzero(begins | unparsed).astype(np.int64)
        if not len(starts) and len(begins):  # nothing but blank lines
            starts = np.zeros(1, np.int64)
        return _Records(starts, formats[starts], unparsed[starts], singles, json)

    def _look_at_new_shapes(self, lines: Lines) -> None:
        due = self.resolver.count(lines.classes)
        for class_id, line in zip(due.tolist(), lines.first_of(due), strict=True):
            self.resolver.look_at(class_id, line)

    def _unparsed(self, lines: Lines, begins: Flags, json: Ints) -> Flags:
        """The lines that begin a record which no format fits.

        Lines before the first record belong to nothing above; nor does what follows a JSON object go on with it. Where
        lines are records of their own, those that are indented go on with the one above, in whatever format that is.
        """
        is_text = lines.lengths > 0
        outer = np.zeros(len(begins), np.bool_)
        if self._is_own_line:
            first = np.frombuffer(lines.data, np.uint8)[np.minimum(lines.offsets, max(len(lines.data) - 1, 0))]
            outer |= (first != ord(" ")) & (first != ord("\t"))
            outer[np.flatnonzero(is_text)[:1]] = True
        else:
            outer[: int(np.argmax(begins)) if begins.any() else len(begins)] = True
        outer[json[json + 1 < len(begins)] + 1] = True
        return outer & is_text & ~begins

    # ---- what the records say

    def _fill(self, columns: Columns, lines: Lines, records: _Records) -> None:
        starts = records.starts
        classes = lines.classes[starts]
        is_json = np.zeros(len(starts), np.bool_)
        is_json[np.searchsorted(starts, records.json.lines)] = True
        columns.rule[:] = np.where(is_json, UNKNOWN_CODE, self.resolver.rule[classes])
        classes[is_json] = MOST_SHAPES  # which has no plan
        found = self._captured(lines, starts, classes)
        self._add_single(found, columns, lines, records)
        self._add_json(found, columns, records)
        for group in sorted(found, key=lambda group: group != "timestamp"):
            for spans in found[group]:
                self._store(columns, group, spans, records.formats)
        self._store_constants(columns, classes)
        self._store_severity(columns, records.formats)
        self._add_json_events(columns, records)
        columns.event[:] = self._event_names[columns.rule]
        severity = self._severities[columns.rule]
        told = columns.text.pop("severity_text", severity)
        columns.severity[:] = np.where(severity < 0, told, severity)

    def _captured(self, lines: Lines, starts: Ints, classes: Ints) -> dict[str, list[Spans]]:
        """Where the groups stand that the plans of the shapes find."""
        steps = self.resolver.steps
        asked = steps.spans(np.bincount(classes[classes < MOST_SHAPES]), len(self.resolver.groups))
        places = np.concatenate([[0], np.cumsum(asked)]).astype(np.int64)
        rows, begins, ends = np.empty((3, places[-1]), np.int64)
        scan.capture_all(
            lines.data, lines.offsets, lines.lengths, starts, lines.shapes, steps.first, steps.steps, places,
            rows, begins, ends, self.resolver.has_values, lines.heads,
        )  # fmt: skip
        told = [slice(first, last) for first, last in pairwise(places.tolist())]
        groups = zip(self.resolver.groups, told, strict=True)
        spans = {
            group: [Spans(rows[at], begins[at], ends[at], lines.data)] for group, at in groups if at.stop > at.start
        }
        return defaultdict(list, spans)

    def _add_single(self, found: dict[str, list[Spans]], columns: Columns, lines: Lines, records: _Records) -> None:
        """Add what the lines say that were matched one by one."""
        matched, _, rules = records.singles.lines
        columns.rule[np.searchsorted(records.starts, matched)] = rules
        for group, which, begins, ends in records.singles.spans:
            rows, offsets = np.searchsorted(records.starts, which), lines.offsets[which]
            found[group].append(Spans(rows, begins + offsets, ends + offsets, lines.data))

    def _add_json(self, found: dict[str, list[Spans]], columns: Columns, records: _Records) -> None:
        """Add what the members of JSON objects say."""
        rows = np.searchsorted(records.starts, records.json.lines)
        columns.body_start[rows] = NO_TEXT
        for group, spans in records.json.groups:
            found[group].append(spans._replace(rows=rows[spans.rows]))
        for name, spans in records.json.attributes:
            add_attribute(columns, name, spans._replace(rows=rows[spans.rows]))

    def _add_json_events(self, columns: Columns, records: _Records) -> None:
        """Find the events that the bodies of JSON objects tell: bodies are read like lines."""
        rows = np.searchsorted(records.starts, records.json.lines)
        for number, reader in self._bodies.items():
            own = rows[(records.json.formats == number) & (columns.body_start[rows] != NO_TEXT)]
            if not len(own):
                continue
            begins, ends = columns.body_start[own], columns.body_end[own]
            inner = reader.read(first_lines(gathered(columns.data, begins, ends, columns.body_escaped[own])))
            first_rule = self.stack.number(self.stack.formats[number].events[0])
            columns.rule[own] = np.where(inner.rule >= 0, inner.rule + first_rule, UNKNOWN_CODE)
            for group, codes in inner.text.items():
                told = columns.text.setdefault(group, np.full(len(columns), UNKNOWN_CODE, np.int32))
                told[own] = np.where(codes >= 0, codes, told[own])
            for group, values in inner.numbers.items():
                numbers = columns.numbers.setdefault(group, np.full(len(columns), UNKNOWN_TIME, np.int64))
                numbers[own] = np.where(values != UNKNOWN_TIME, values, numbers[own])
            for name, parts in inner.attributes.items():
                for spans in parts:
                    add_attribute(columns, name, spans._replace(rows=own[spans.rows]))

    def _store(self, columns: Columns, group: str, spans: Spans, formats: npt.NDArray[np.int8]) -> None:
        rows = spans.rows
        if group == "timestamp":
            self._store_times(columns, spans, formats[rows])
        elif group == "body":
            columns.body_start[rows] = spans.begins
            single = columns.line_count[rows] == 1
            columns.body_end[rows[single]] = spans.ends[single]
            _skip_blanks(columns, rows[~single & (spans.begins == spans.ends)])
            if spans.escaped is not None:
                columns.body_end[rows] = spans.ends
                columns.body_escaped[rows] = spans.escaped
        elif group in SPAN_NUMBERS:
            numbers = columns.numbers.setdefault(group, np.full(len(columns), UNKNOWN_TIME, np.int64))
            values, valid = np.empty(len(rows), np.int64), np.empty(len(rows), np.uint8)
            scan.decimals(spans.data, spans.begins, spans.ends, NANOSECOND_DIGITS[group], values, valid)
            numbers[rows] = np.where(valid, values, UNKNOWN_TIME)
        elif group in CONSTANT_GROUPS:
            codes = columns.text.setdefault(group, np.full(len(columns), UNKNOWN_CODE, np.int32))
            codes[rows] = self.interner.codes(spans.values())
        else:
            add_attribute(columns, attribute_name(group), spans)

    def _store_times(self, columns: Columns, spans: Spans, formats: npt.NDArray[np.int8]) -> None:
        read, kinds = np.empty(len(formats), np.int64), np.empty(len(formats), np.uint8)
        for number in np.flatnonzero(np.bincount(formats)).tolist():
            of = formats == number
            here = spans if of.all() else spans.only(of)
            part, kind = np.empty(len(here.rows), np.int64), np.empty(len(here.rows), np.uint8)
            times.parse(here.data, here.begins, here.ends, self._layouts[number], part, kind)
            read[of], kinds[of] = part, kind
        columns.time[spans.rows], columns.time_kind[spans.rows] = read, kinds
        is_unread = (kinds == times.UNREADABLE) | (kinds == times.OUT_OF_RANGE)
        if is_unread.any():  # it is told as it was printed, since it says no time
            add_attribute(columns, "timestamp", spans.only(is_unread))

    def _store_constants(self, columns: Columns, classes: Ints) -> None:
        """Store text that the shapes themselves spell out."""
        for group, constants in self.resolver.constants.items():
            codes = constants[classes]
            told = columns.text.get(group)
            columns.text[group] = codes if told is None else np.where(told >= 0, told, codes)

    def _store_severity(self, columns: Columns, formats: npt.NDArray[np.int8]) -> None:
        """Put OpenTelemetry's words for those that a format has of its own, or where it tells one by saying nothing."""
        codes = columns.text.setdefault("severity_text", np.full(len(columns), UNKNOWN_CODE, np.int32))
        for number in np.flatnonzero(np.bincount(formats)).tolist():
            log_format = self.stack.formats[number]
            if log_format.severities:
                own = (formats == number) & ~columns.unparsed
                if "" in log_format.severities:
                    codes[own & (codes < 0)] = self.interner.code("")
                rows = np.flatnonzero(own & (codes >= 0))
                counts = np.bincount(codes[rows])
                named = np.zeros(len(counts), np.int32)
                for code in np.flatnonzero(counts).tolist():
                    word = self.interner.texts[code]
                    named[code] = self.interner.code(log_format.severities.get(word, word))
                codes[rows] = named[codes[rows]]


def _skip_blanks(columns: Columns, rows: Ints) -> None:
    """Let the bodies begin with the next line, whose first one is empty: loggers put the message there, indented."""
    data = np.frombuffer(columns.data, np.uint8)
    while len(rows):
        rows = rows[columns.body_start[rows] < columns.body_end[rows]]
        rows = rows[np.isin(data[columns.body_start[rows]], BLANKS)]
        columns.body_start[rows] += 1


def add_attribute(columns: Columns, name: str, spans: Spans) -> None:
    """Note an attribute; of two values of one record the first that is noted counts."""
    known = columns.attributes.setdefault(name, [])
    for other in known:
        spans = spans.only(~np.isin(spans.rows, other.rows))
    if len(spans.rows):
        known.append(spans)
