"""One file of traces, read into the store: on from where it was left where its format allows, else as a whole."""

from __future__ import annotations

import time
from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field

import pyarrow as pa

from telemap.records.columns import Ints
from telemap.sources.files import Source
from telemap.sources.identity import Identity
from telemap.store.session import Ingest, Session
from telemap.store.source_reports import SourceReport, report_of
from telemap.store.state import State, as_far_as_possible, reason_of, source_row
from telemap.store.writing import FILLED
from telemap.traces.batches import Batch, Origin, TraceFormat
from telemap.traces.redaction import redacted

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
    stored: dict[str, int] = field(default_factory=dict)

    @property
    def _what(self) -> Ingest:
        return self.session.what.of(self.identity.before)

    def read(self, blocks: Iterable[bytes]) -> SourceReport:
        """Store what ``blocks``, which begin where ``state`` is, tell; say what is known of the source then."""
        revision = time.time_ns()
        begin, handed = self.state.place, _Handed(blocks)
        if self.trace_format.is_appendable:
            total = self._read_lines(handed, revision)
        else:
            total = State()
            origin = Origin(self.identity.source_id, service_name=self._what.service)
            for batch in self.trace_format.read(iter(handed), origin):
                self._add(batch, total, revision)
        total.place = begin + handed.size_bytes
        failure = handed.failure
        row = source_row(
            self.source,
            self.identity,
            self._what,
            total,
            revision=revision,
            log_format=self.trace_format.name,
            skipped=reason_of(failure) or _said(total),
            checkpoint=self.state,
            is_whole=as_far_as_possible(failure),
        )
        self.session.writer.finish_source(row)
        return report_of(row, self.source.uri)

    def _read_lines(self, blocks: Iterable[bytes], revision: int) -> State:
        """Store whole lines for good, and what follows the last line end until the source is read on."""
        self.stored = {name: self.session.store.position(name, self.identity.source_id) for name in FILLED}
        # Places at which a run that was cut short left a table further than the source's row says.
        stops = sorted({place for place in self.stored.values() if place > self.state.place})
        rest = b""
        for block in blocks:
            rest += block
            end = rest.rfind(b"\n") + 1
            begin = self.state.place
            for place in [*(stop - begin for stop in stops if begin < stop < begin + end), end]:
                done = self.state.place - begin
                if place > done:
                    self._read_part(rest[done:place], self.state, None)
            rest = rest[end:]
        total = self.state.copy()
        if rest.strip():
            self._read_part(rest, total, revision)
        else:
            total.place += len(rest)
            total.accounted += len(rest)
        return total

    def _read_part(self, data: bytes, at: State, revision: int | None) -> None:
        origin = Origin(self.identity.source_id, at.lines + 1, at.place, self._what.service)
        for batch in self.trace_format.read(iter([data]), origin):
            self._add(batch, at, revision)
        at.lines += data.count(b"\n") + (not data.endswith(b"\n"))

    def _add(self, batch: Batch, at: State, revision: int | None) -> None:
        """Hand the rows of a batch to the writer; those with a revision hold until the source is read anew."""
        if self.session.redactor is not None:
            batch, secrets = redacted(batch, self.session.redactor)
            at.secrets = Counter(at.secrets) + secrets
        at.place += batch.bytes_read
        at.accounted += batch.bytes_read
        self.session.tell(self.source.uri, batch.bytes_read, batch.records.num_rows + batch.spans.num_rows)
        at.records += batch.records.num_rows
        at.unparsed += batch.records.num_rows - batch.records.column("unparsed_reason").null_count
        at.spans += batch.spans.num_rows
        at.events += batch.records.num_rows - batch.records.column("event_name").null_count
        at.see(_known(batch.records.column("time_unix_nano")))
        at.span(_known(batch.spans.column("start_time_unix_nano")))  # which are written when they end
        said = (f"{problem.place}: {problem.reason}" for problem in batch.problems)
        at.problems = (*at.problems, *said)[:MOST_PROBLEMS]
        at.problem_count += len(batch.problems)
        what = self._what
        for name, rows in (("record", batch.records), ("span", batch.spans)):
            rows = _with(rows, "revision", revision)
            if name == "record" and not what.keeps_text:
                rows = _with(rows, "body", None)
            if name == "span":
                rows = _filled(_filled(rows, "service_version", what.build), "service_name", what.service)
            if revision is not None or self.stored[name] < at.place:
                self.session.writer.add(name, rows, self.identity.source_id, self.state.place)


def _known(times: pa.ChunkedArray) -> Ints:
    known: Ints = times.drop_null().to_numpy()
    return known


def _with(rows: pa.Table, name: str, value: int | None) -> pa.Table:
    column = pa.repeat(pa.scalar(value, rows.schema.field(name).type), rows.num_rows)
    return rows.set_column(rows.schema.get_field_index(name), rows.schema.field(name), column)


def _filled(rows: pa.Table, name: str, value: str | None) -> pa.Table:
    """``rows`` with ``value`` where they say nothing themselves."""
    if value is None:
        return rows
    return rows.set_column(rows.schema.get_field_index(name), name, rows.column(name).fill_null(value))


@dataclass(slots=True)
class _Handed:
    """Blocks as far as they can be read: how many bytes they have, and why there are no more."""

    blocks: Iterable[bytes]
    size_bytes: int = 0
    failure: OSError | None = None

    def __iter__(self) -> Iterator[bytes]:
        try:
            for block in self.blocks:
                self.size_bytes += len(block)
                yield block
        except OSError as error:
            self.failure = error


def _said(total: State) -> str | None:
    more = total.problem_count - len(total.problems)
    return "; ".join([*total.problems, f"{more} more"] if more else total.problems) or None
