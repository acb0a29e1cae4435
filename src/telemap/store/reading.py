"""One source, read from where it was left to its present end."""

from __future__ import annotations

import time
from collections import deque
from collections.abc import Iterator
from concurrent.futures import Future
from dataclasses import dataclass, field
from itertools import chain
from typing import Any

import numpy as np
from msgspec.structs import replace

from telemap.executions.checkpoint import freeze, thaw
from telemap.executions.correlation import Correlator
from telemap.executions.edges import EdgePicker
from telemap.model.telemetry import UNKNOWN_CODE
from telemap.records import detection
from telemap.records.columns import Columns
from telemap.records.dating import reference_date
from telemap.records.detection import NO_FORMAT, Chosen, named, sample_of
from telemap.sources.files import FileSource, Source
from telemap.sources.identity import Identity
from telemap.sources.text import Blocks, is_binary
from telemap.store.rows import Piece, record_values, tables_of
from telemap.store.session import Block, Session
from telemap.store.source_reports import SourceReport, report_of
from telemap.store.state import State, as_far_as_possible, reason_of, source_row
from telemap.store.trace_reading import TraceReader
from telemap.store.writing import FILLED
from telemap.traces.batches import TraceFormat
from telemap.traces.formats import FORMATS as TRACE_FORMATS
from telemap.traces.formats import detect


@dataclass(slots=True)
class SourceReader:
    """Reads one source from where it was left to its present end."""

    session: Session
    source: Source
    identity: Identity
    chosen: Chosen = field(default=Chosen(NO_FORMAT))
    picker: EdgePicker = field(init=False)
    correlator: Correlator = field(init=False)
    state: State = field(default_factory=State)
    stored: dict[str, int] = field(default_factory=dict)
    handed: int = 0
    reading: deque[Future[Block]] = field(default_factory=deque)

    @property
    def source_id(self) -> str:
        """The id under which the store knows the source."""
        return self.identity.source_id

    def read(self) -> SourceReport:
        """Read on, and say what is known of the source then."""
        before = self.identity.before
        if before is None:
            return self._read_since(None)
        fitting = self._fitting(before["log_format"])
        # Under a new name it is looked at again, for that to be its name in the store too.
        is_same = self.identity.is_unchanged and before["uri"] == self.source.uri
        if is_same and (fitting is None or State.unpacked(before["checkpoint"]).place > 0):
            self.session.tell(self.source.uri, before["read_bytes"], 0)
            report = report_of(before, self.source.uri)
        else:
            report = self._read_since(before)
        return replace(report, fitting_format=fitting if fitting != report.log_format else None)

    def _fitting(self, before: str | None) -> str | None:
        """The format that would be taken now, if the one before was none, generic or not the one asked for.

        None if it is the same.
        """
        known = named(before, self.session.what.formats)
        is_told = known is not None and known.main is not NO_FORMAT and not known.main.is_generic
        if known is None or not isinstance(self.source, FileSource) or (is_told and self.session.forced is None):
            return None
        try:
            sample = sample_of(self.source.beginning(detection.SAMPLE_BYTES))
        except OSError:  # told where it is read
            return None
        chosen = self.session.choose(sample)
        return chosen.name if chosen.name != before else None

    def _read_since(self, before: dict[str, Any] | None) -> SourceReport:
        if isinstance(self.source, FileSource) and self.source.size_bytes == 0:
            return self._skipped("empty file")
        if before is not None:
            state = State.unpacked(before["checkpoint"])
            if state.place > 0:  # else nothing is settled, not even the format
                self.state = state
                trace_format = next((f for f in TRACE_FORMATS if f.name == before["log_format"]), None)
                if trace_format is not None:
                    return self._trace_reader(trace_format).read(self.source.blocks(state.place))
                chosen = named(before["log_format"], self.session.what.formats)
                if chosen is None:
                    reason = f"was read with the log format '{before['log_format']}', which is not known here"
                    return self._skipped(reason)
                self.chosen = chosen._replace(layouts=state.layouts)
        return self._read_on()

    def _skipped(self, reason: str) -> SourceReport:
        return SourceReport(self.source.uri, skipped=reason)

    def _read_on(self) -> SourceReport:
        self.stored = {name: self.session.store.position(name, self.source_id) for name in FILLED}
        # Places at which a run that was cut short left a table further than the source's row says.
        stops = sorted({place for place in self.stored.values() if place > self.state.place})
        self.handed = self.state.place
        self.session.tell(self.source.uri, self.state.place, 0)
        data: bytes = b""
        failed: OSError | None = None
        begun = self.state.place > 0
        if begun:
            self._begin()
        try:
            blocks = self.source.blocks(self.state.place)
            while block := _following(blocks, data):
                data = block
                if not begun and len(data) >= detection.SAMPLE_BYTES:
                    trace_format = detect(data, self.source.uri)
                    if trace_format is not None:
                        return self._trace_reader(trace_format).read(chain([data], blocks))
                    if is_binary(data):
                        break
                    begun = self._choose_format(data)
                if begun:
                    data = self._settle(data, stops)
                if self.session.writer.is_full:
                    self.state.correlation = freeze(self.correlator, self.session.interner)
                    self.session.writer.finish_source(self._row(time.time_ns(), self.state, None, is_whole=False))
        except OSError as error:
            failed = error
        if not begun:
            trace_format = detect(data, self.source.uri)
            if trace_format is not None:
                return self._trace_reader(trace_format).read(_then(data, failed))
            if not data or is_binary(data):
                return self._skipped(reason_of(failed) or ("binary file" if data else "empty file"))
            # Too little to be sure of the format: nothing is settled, and it is looked at again when there is more.
            self._choose_format(data)
        return self._finish(data, failed)

    def _choose_format(self, data: bytes) -> bool:
        sample = sample_of(data)
        self.chosen = self.session.choose(sample)
        modified = self.source.modified_unix_nano if isinstance(self.source, FileSource) else time.time_ns()
        self.state.reference = reference_date(self.source.uri, modified, sample)
        self.state.layouts = self.chosen.layouts
        self._begin()
        return True

    def _begin(self) -> None:
        self.picker = self.session.picker(self.chosen)
        if self.state.correlation:
            self.correlator = thaw(self.state.correlation, self.session.interner)
        else:
            self.correlator = Correlator(self.chosen.main.serial_handlers)

    def _trace_reader(self, trace_format: TraceFormat) -> TraceReader:
        return TraceReader(self.session, self.source, self.identity, trace_format, self.state)

    # ---- blocks

    def _settle(self, data: bytes, stops: list[int]) -> bytes:
        """Store the records of ``data`` that are complete; what is left begins at the last record's start."""
        while stops and stops[0] - self.handed <= len(data):
            end = stops.pop(0) - self.handed
            self._hand(memoryview(data)[:end])
            data = data[end:]
        end = self.session.blocks(self.chosen).last_record_start(data)
        if end:
            self._hand(memoryview(data)[:end])
        return data[end:]

    def _hand(self, data: memoryview) -> None:
        """Have a block read, and take what was read of earlier ones: reading and writing go on side by side."""
        self.handed += len(data)
        self.reading.append(self.session.start(self._read_block, data))
        self._take(self.session.read_ahead)
        if self.session.is_large:
            self._renew()

    def _read_block(self, data: memoryview) -> Block:
        columns = self.session.blocks(self.chosen).read(data)
        return columns, record_values(columns, self.session.interner, keeps_text=self.session.what.keeps_text)

    def _take(self, left: int) -> None:
        """Correlate and store what was read, but for the last ``left`` blocks."""
        what = self.session.what
        while len(self.reading) > left:
            columns, values = self.reading.popleft().result()
            end = self.state.place + columns.size
            piece = self._piece(columns, self.state, self.correlator, None)
            tables = tables_of([piece], self.session.interner, keeps_text=what.keeps_text, values=values)
            for name, rows in tables.items():
                if self.stored[name] < end:
                    self.session.writer.add(name, rows, self.source_id, end)
            self.state.place = end
            self.state.count(columns, len(piece.spans))
            self.session.tell(self.source.uri, columns.size, len(columns))

    def _renew(self) -> None:
        """Begin with fresh texts and shapes where too many have gathered."""
        self._take(0)
        frozen = freeze(self.correlator, self.session.interner)
        self.session.forget()
        self.correlator = thaw(frozen, self.session.interner)

    def _piece(self, columns: Columns, at: State, correlator: Correlator, revision: int | None) -> Piece:
        at.date(columns, self.session.what.time_zone)
        places, edges = self.picker.pick(columns, at.lines + 1)
        finished, touched = correlator.feed(edges)
        if revision is not None:
            finished = np.concatenate([finished, correlator.unfinished()])
        span_and_run = np.full((len(columns), 2), UNKNOWN_CODE, np.int64)
        span_and_run[places] = touched
        return Piece(
            columns=columns,
            source_id=self.source_id,
            unparsed_reason=self.chosen.unparsed_reason,
            byte_base=at.place,
            first_line=at.lines + 1,
            span_and_run=span_and_run,
            spans=finished,
            revision=revision,
            service_version=self.session.what.of(self.identity.before).build,
        )

    # ---- the end, as far as it is there

    def _finish(self, data: bytes, failed: OSError | None) -> SourceReport:
        """Store the last record and the open spans, to hold until the source is read on."""
        self._take(0)
        revision = time.time_ns()
        total = self.state.copy()
        self.state.correlation = freeze(self.correlator, self.session.interner)
        ahead = thaw(self.state.correlation, self.session.interner)
        columns = self.session.blocks(self.chosen).read(memoryview(data))
        piece = self._piece(columns, total, ahead, revision)
        self.session.writer.hold(piece, self.session.interner, total.place)
        total.count(columns, len(piece.spans))
        total.place += len(data)
        self.session.tell(self.source.uri, len(data), len(columns))
        total.ambiguous = ahead.ambiguous
        row = self._row(revision, total, reason_of(failed), is_whole=as_far_as_possible(failed))
        self.session.writer.finish_source(row)
        return report_of(row, self.source.uri)

    def _row(self, revision: int, total: State, failed: str | None, *, is_whole: bool = True) -> dict[str, Any]:
        return source_row(
            self.source,
            self.identity,
            self.session.what.of(self.identity.before),
            total,
            revision=revision,
            log_format=self.chosen.name,
            skipped=failed,
            checkpoint=self.state,
            is_whole=is_whole,
        )


def _following(blocks: Blocks, rest: bytes) -> bytes:
    """The next block, which begins with what is left of the last; nothing at the end."""
    try:
        return blocks.send(len(rest) or None)
    except StopIteration:
        return b""


def _then(data: bytes, failed: OSError | None) -> Iterator[bytes]:
    yield data
    if failed is not None:
        raise failed
