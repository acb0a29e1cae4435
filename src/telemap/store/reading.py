"""One source, read from where it was left to its present end."""

from __future__ import annotations

import time
from collections import deque
from concurrent.futures import Future
from dataclasses import dataclass, field, replace
from typing import Any

import msgspec
import numpy as np
import pyarrow as pa

from telemap.executions.checkpoint import freeze, thaw
from telemap.executions.correlation import Correlator
from telemap.executions.edges import EdgePicker
from telemap.executions.spans import span_table
from telemap.executions.state import state_table
from telemap.model.telemetry import UNKNOWN_CODE, UNKNOWN_TIME
from telemap.records.columns import NO_RECORD_ABOVE, Columns
from telemap.records.formats import Format, detect_format
from telemap.sources.files import FINGERPRINT_BYTES, FileSource, Source
from telemap.sources.identity import Identity
from telemap.store.session import Block, Session
from telemap.store.writing import record_table, record_values

SAMPLE_BYTES = 64 * 1024  # what the format is found by; a shorter file is looked at again when it has grown
BINARY_SAMPLE = 8192
CONTROLS = bytes({*range(32), 127} - {*b"\t\n\r\x1b"})
MOST_CONTROLS = 0.05  # share of control characters above which a file is taken for binary
NO_FORMAT = Format("", "", "", (), (), (), False)
FILLED = ("record", "span", "state_change")  # the tables that an ingest fills
NO_FORMAT_FITS = "no log format fits this file"


@dataclass(slots=True)
class SourceReport:
    """What is known of a source after an ingest; counts are of all that was ever read of it."""

    source: str
    log_format: str | None = None
    bytes: int = 0
    bytes_accounted: int = 0
    lines: int = 0
    records: int = 0
    unparsed_records: int = 0
    events: int = 0
    spans: int = 0
    skipped: str | None = None


@dataclass(slots=True)
class _State:
    """How far a source has come; the settled part is what stays whatever is appended."""

    place: int = 0
    lines: int = 0
    records: int = 0
    unparsed: int = 0
    events: int = 0
    spans: int = 0
    ambiguous: int = 0
    first_time: int | None = None
    last_time: int | None = None

    def count(self, columns: Columns, spans: int) -> None:
        """Add a block."""
        self.lines += columns.lines
        self.records += len(columns)
        self.unparsed += int(columns.unparsed.sum())
        self.events += int((columns.event >= 0).sum())
        self.spans += spans
        times = columns.time[columns.time != UNKNOWN_TIME]
        if len(times):
            low, high = int(times.min()), int(times.max())
            self.first_time = low if self.first_time is None else min(low, self.first_time)
            self.last_time = high if self.last_time is None else max(high, self.last_time)


@dataclass(slots=True)
class SourceReader:
    """Reads one source from where it was left to its present end."""

    session: Session
    source: Source
    identity: Identity
    log_format: Format = NO_FORMAT
    picker: EdgePicker = field(init=False)
    correlator: Correlator = field(init=False)
    state: _State = field(default_factory=_State)
    frozen: bytes = b""
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
        report = SourceReport(self.source.uri)
        if before is not None and self.identity.is_unchanged:
            return _report_of(before, self.source.uri)
        if isinstance(self.source, FileSource) and self.source.size_bytes == 0:
            report.skipped = "empty file"
            return report
        if before is not None:
            state, frozen = msgspec.msgpack.decode(before["checkpoint"], type=tuple[_State, bytes])
            if state.place > 0:  # else nothing is settled, not even the format
                known = {f.name: f for f in self.session.what.formats} | {None: NO_FORMAT}
                if before["log_format"] not in known:
                    report.skipped = f"was read with the log format '{before['log_format']}', which is not known here"
                    return report
                self.log_format, self.state, self.frozen = known[before["log_format"]], state, frozen
        return self._read_on(report)

    def _read_on(self, report: SourceReport) -> SourceReport:
        self.stored = {name: self.session.store.position(name, self.source_id) for name in FILLED}
        # Places at which a run that was cut short left a table further than the source's row says.
        stops = sorted({place for place in self.stored.values() if place > self.state.place})
        self.handed = self.state.place
        data: bytes = b""
        failed: str | None = None
        begun = self.state.place > 0
        if begun:
            self._begin()
        try:
            for block in self.source.blocks(self.state.place):
                data = data + block if data else block
                if not begun and len(data) >= SAMPLE_BYTES:
                    if self._is_binary(data):
                        break
                    begun = self._choose_format(data)
                if begun:
                    data = self._settle(data, stops)
                if self.session.progress is not None:
                    self.session.progress(self.source.uri, len(block))
                if self.session.writer.is_full:
                    self.session.writer.finish_source(self._row(time.time_ns(), self.state, None, is_whole=False))
        except OSError as error:
            failed = str(error)
        if not begun:
            if not data or self._is_binary(data):
                report.skipped = failed or ("binary file" if data else "empty file")
                return report
            # Too little to be sure of the format: nothing is settled, and it is looked at again when there is more.
            self._choose_format(data)
        return self._finish(data, failed)

    @staticmethod
    def _is_binary(data: bytes) -> bool:
        sample = data[:BINARY_SAMPLE]
        return b"\0" in sample or len(sample) - len(sample.translate(None, CONTROLS)) > MOST_CONTROLS * len(sample)

    def _choose_format(self, data: bytes) -> bool:
        self.log_format = self.session.forced or self._detect(data)
        self._begin()
        return True

    def _detect(self, data: bytes) -> Format:
        lines = [line.rstrip(b"\r") for line in data[:SAMPLE_BYTES].split(b"\n")]
        return detect_format(lines, self.session.what.formats) or NO_FORMAT

    def _begin(self) -> None:
        self.picker = EdgePicker(self.log_format)
        if self.frozen:
            self.correlator = thaw(self.frozen, self.session.interner)
        else:
            self.correlator = Correlator(self.log_format.serial_handlers)

    # ---- blocks

    def _settle(self, data: bytes, stops: list[int]) -> bytes:
        """Store the records of ``data`` that are complete; what is left begins at the last record's start."""
        while stops and stops[0] - self.handed <= len(data):
            end = stops.pop(0) - self.handed
            self._hand(memoryview(data)[:end])
            data = data[end:]
        end = self.session.blocks(self.log_format).last_record_start(data)
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
        columns = self.session.blocks(self.log_format).read(data)
        reason = NO_FORMAT_FITS if self.log_format is NO_FORMAT else NO_RECORD_ABOVE
        return columns, record_values(columns, self.source_id, self.session.interner, reason)

    def _take(self, left: int) -> None:
        """Correlate and store what was read, but for the last ``left`` blocks."""
        while len(self.reading) > left:
            block = self.reading.popleft().result()
            columns = block[0]
            end = self.state.place + len(columns.data)
            tables = self._tables(block, self.state, self.correlator, None)
            for name, rows in tables.items():
                if self.stored[name] < end:
                    self.session.writer.add(name, rows, self.source_id, end)
            self.state.place = end
            self.state.count(columns, tables["span"].num_rows)

    def _renew(self) -> None:
        """Begin with fresh texts and shapes where too many have gathered."""
        self._take(0)
        frozen = freeze(self.correlator, self.session.interner)
        self.session.forget()
        self.correlator = thaw(frozen, self.session.interner)

    def _tables(self, block: Block, at: _State, correlator: Correlator, revision: int | None) -> dict[str, pa.Table]:
        columns, values = block
        places, edges = self.picker.pick(columns, at.lines + 1)
        finished, touched = correlator.feed(edges)
        if revision is not None:
            finished = np.concatenate([finished, correlator.unfinished()])
        span_and_run = np.full((len(columns), 2), UNKNOWN_CODE, np.int64)
        span_and_run[places] = touched
        records = record_table(
            values,
            columns,
            byte_base=at.place,
            first_line=at.lines + 1,
            span_and_run=span_and_run,
            revision=revision,
        )
        return {
            "record": records,
            "span": span_table(finished, self.source_id, self.session.interner, self.session.what.build, revision),
            "state_change": state_table(columns, self.source_id, span_and_run[:, 0], revision),
        }

    # ---- the end, as far as it is there

    def _finish(self, data: bytes, failed: str | None) -> SourceReport:
        """Store the last record and the open spans, to hold until the source is read on."""
        self._take(0)
        revision = time.time_ns()
        total = replace(self.state)
        ahead = thaw(freeze(self.correlator, self.session.interner), self.session.interner)
        block = self._read_block(memoryview(data))
        tables = self._tables(block, total, ahead, revision)
        for name, rows in tables.items():
            self.session.writer.add(name, rows, self.source_id, total.place)
        total.count(block[0], tables["span"].num_rows)
        total.place += len(data)
        total.ambiguous = ahead.ambiguous
        row = self._row(revision, total, failed)
        self.session.writer.finish_source(row)
        return _report_of(row, self.source.uri)

    def _row(self, revision: int, total: _State, failed: str | None, *, is_whole: bool = True) -> dict[str, Any]:
        """The row of the source: what is settled, to go on from, and the totals with the end as it is now.

        Unless ``is_whole`` there is more to read; should this run be cut short, the next must not take the file for
        unchanged, so no size is noted.
        """
        file = self.source if isinstance(self.source, FileSource) else None
        length = min(FINGERPRINT_BYTES, file.size_bytes) if file else 0
        return {
            "source_id": self.source_id,
            "revision": revision,
            "uri": self.source.uri,
            "device": file.device if file else None,
            "inode": file.inode if file else None,
            "fingerprint": file.fingerprint(length) if file else None,
            "fingerprint_bytes": length,
            "generation": self.identity.generation,
            "log_format": self.log_format.name or None,
            "service_name": self.session.what.service,
            "service_version": self.session.what.build,
            "size_bytes": None if not is_whole else file.size_bytes if file else total.place,
            "read_bytes": total.place,
            "line_count": total.lines,
            "record_count": total.records,
            "unparsed_count": total.unparsed,
            "event_count": total.events,
            "span_count": total.spans,
            "ambiguous_count": total.ambiguous,
            "first_time_unix_nano": total.first_time,
            "last_time_unix_nano": total.last_time,
            "skipped": failed,
            "checkpoint": msgspec.msgpack.encode((self.state, freeze(self.correlator, self.session.interner))),
        }


def _report_of(row: dict[str, Any], uri: str) -> SourceReport:
    return SourceReport(
        source=uri,
        log_format=row["log_format"],
        bytes=row["read_bytes"],
        bytes_accounted=row["read_bytes"],
        lines=row["line_count"],
        records=row["record_count"],
        unparsed_records=row["unparsed_count"],
        events=row["event_count"],
        spans=row["span_count"],
        skipped=row["skipped"],
    )
