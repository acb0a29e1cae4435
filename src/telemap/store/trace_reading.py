"""One file of traces, read into the store: on from where it was left where its format allows, else as a whole."""

from __future__ import annotations

import time
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field

import pyarrow as pa

from telemap.model.telemetry import UNKNOWN_TIME
from telemap.sources.files import Source
from telemap.sources.identity import Identity
from telemap.store.session import Session
from telemap.store.state import SourceReport, State, report_of, source_row
from telemap.traces.batches import Batch, Origin, Problem, TraceFormat

MOST_PROBLEMS = 3  # that are told of one file


@dataclass(slots=True)
class TraceReader:
    """Reads one source of traces.

    Args:
        session: what the sources of this ingest share.
        source: the source.
        identity: who it is.
        trace_format: its format.
        state: how far it was read.
    """

    session: Session
    source: Source
    identity: Identity
    trace_format: TraceFormat
    state: State = field(default_factory=State)
    problems: list[Problem] = field(default_factory=list)

    def read(self, blocks: Iterable[bytes]) -> SourceReport:
        """Store what ``blocks``, which begin where ``state`` is, tell; say what is known of the source then."""
        revision = time.time_ns()
        failed: list[str] = []
        if self.trace_format.is_appendable:
            total = self._read_lines(_unfailing(blocks, failed), revision)
        else:
            total = State()
            for batch in self.trace_format.read(_unfailing(blocks, failed), Origin(self.identity.source_id)):
                self._add(batch, total, revision)
        row = source_row(
            self.source,
            self.identity,
            self.session.what,
            total,
            revision=revision,
            log_format=self.trace_format.name,
            skipped="; ".join(failed) or _said(self.problems),
            checkpoint=self.state,
        )
        self.session.writer.finish_source(row)
        return report_of(row, self.source.uri)

    def _read_lines(self, blocks: Iterator[bytes], revision: int) -> State:
        """Store whole lines for good, and what follows the last line end until the source is read on."""
        rest = b""
        for block in blocks:
            rest += block
            end = rest.rfind(b"\n") + 1
            if end:
                self._read_part(rest[:end], self.state, None)
                rest = rest[end:]
        total = self.state.copy()
        if rest.strip():
            self._read_part(rest, total, revision)
        else:
            total.place += len(rest)
        return total

    def _read_part(self, data: bytes, at: State, revision: int | None) -> None:
        origin = Origin(self.identity.source_id, at.lines + 1, at.place)
        for batch in self.trace_format.read(iter([data]), origin):
            self._add(batch, at, revision)
        at.lines += data.count(b"\n") + (not data.endswith(b"\n"))

    def _add(self, batch: Batch, at: State, revision: int | None) -> None:
        """Hand the rows of a batch to the writer; those with a revision hold until the source is read anew."""
        at.place += batch.bytes_read
        self.session.tell(self.source.uri, batch.bytes_read, batch.records.num_rows + batch.spans.num_rows)
        at.records += batch.records.num_rows
        at.spans += batch.spans.num_rows
        at.events += batch.records.num_rows - batch.records.column("event_name").null_count
        times = pa.chunked_array(
            [*batch.records.column("time_unix_nano").chunks, *batch.spans.column("start_time_unix_nano").chunks]
        ).drop_null()
        at.see(times.to_numpy()[times.to_numpy() != UNKNOWN_TIME])
        self.problems.extend(batch.problems)
        what = self.session.what
        for name, rows in (("record", batch.records), ("span", batch.spans)):
            told = _with(rows, "revision", revision)
            if name == "span":
                told = _filled(_filled(told, "service_version", what.build), "service_name", what.service)
            self.session.writer.add(name, told, self.identity.source_id, at.place)


def _with(rows: pa.Table, name: str, value: int | None) -> pa.Table:
    column = pa.repeat(pa.scalar(value, rows.schema.field(name).type), rows.num_rows)
    return rows.set_column(rows.schema.get_field_index(name), rows.schema.field(name), column)


def _filled(rows: pa.Table, name: str, value: str | None) -> pa.Table:
    """``rows`` with ``value`` where they say nothing themselves."""
    if value is None:
        return rows
    return rows.set_column(rows.schema.get_field_index(name), name, rows.column(name).fill_null(value))


def _unfailing(blocks: Iterable[bytes], failed: list[str]) -> Iterator[bytes]:
    """The blocks as far as they can be read; why not further goes to ``failed``."""
    try:
        yield from blocks
    except OSError as error:
        failed.append(str(error))


def _said(problems: list[Problem]) -> str | None:
    told = [f"{problem.place}: {problem.reason}" for problem in problems[:MOST_PROBLEMS]]
    more = len(problems) - MOST_PROBLEMS
    return "; ".join([*told, f"{more} more"] if more > 0 else told) or None
