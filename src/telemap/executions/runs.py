"""What a correlation knows of runs and spans, and the rows that go into it and come out."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from telemap.model.telemetry import UNKNOWN_CODE, UNKNOWN_TIME, Edge, Nanoseconds, Rule, SpanKind, Status

Rows = npt.NDArray[np.int64]

LONGEST: Nanoseconds = 2**63 - 1
ROWS_AT_ONCE = 1024


class EdgeRow(NamedTuple):
    """One event that says something of a span. Text is interned; UNKNOWN_CODE and UNKNOWN_TIME stand for "not told"."""

    line: int
    last_line: int
    edge: int
    kind: int
    time: Nanoseconds
    request_id: int
    sequence_id: int
    sequence_name: int
    movement: int
    event_name: int
    handler: int
    plugin: int
    title: int
    parent_request_id: int
    parent_handler: int
    handler_sequence: int
    correlation_id: int
    status_message: int
    beat: int
    duration: int
    clock: int


class SpanRow(NamedTuple):
    """One span as it leaves the correlation; codes and times as in EdgeRow, ordinals from 1, -1 where there is none."""

    kind: int
    ordinal: int
    run: int
    parent: int
    inferred_by: int
    status: int
    first_line: int
    last_line: int
    start_time: Nanoseconds
    end_time: Nanoseconds
    duration: Nanoseconds
    reported: Nanoseconds
    request_id: int
    sequence_id: int
    sequence_name: int
    movement: int
    beat: int
    event_name: int
    title: int
    handler: int
    handler_sequence: int
    plugin: int
    status_message: int


@dataclass(slots=True, eq=False)
class Run:
    """One run of a sequence (a trace): what its lines have told of it so far; its sequence span has its ordinal."""

    ordinal: int
    request_id: int = UNKNOWN_CODE
    sequence_id: int = UNKNOWN_CODE
    sequence_name: int = UNKNOWN_CODE
    plugin: int = UNKNOWN_CODE
    correlation_id: int = UNKNOWN_CODE
    parent_request_id: int = UNKNOWN_CODE
    parent_handler: int = UNKNOWN_CODE
    cause: int = UNKNOWN_CODE  # ordinal of the handler that asked for it, or of the run whose correlation id it has
    cause_rule: int = Rule.NONE
    handlers: list[Span] = field(default_factory=list)  # open, in the order of their calls

    @property
    def is_told(self) -> bool:
        """Whether no line can tell more of it that the spans inside it show."""
        return self.request_id >= 0 and self.sequence_id >= 0 and self.sequence_name >= 0

    def learn(self, row: EdgeRow) -> None:
        """Keep what ``row`` tells and was not known."""
        if self.request_id < 0:
            self.request_id = row.request_id
        if self.sequence_id < 0:
            self.sequence_id = row.sequence_id
        if self.sequence_name < 0:
            self.sequence_name = row.sequence_name
        if self.correlation_id < 0:
            self.correlation_id = row.correlation_id
        if self.parent_request_id < 0:
            self.parent_request_id, self.parent_handler = row.parent_request_id, row.parent_handler


@dataclass(slots=True, eq=False)
class Span:
    """One execution of a sequence, movement, beat or handler, open or finished."""

    kind: int
    ordinal: int
    run: Run
    parent: Span | None
    first_line: int
    last_line: int
    start_time: Nanoseconds
    start_clock: Nanoseconds
    movement: int = UNKNOWN_CODE
    beat: int = UNKNOWN_CODE
    event_name: int = UNKNOWN_CODE
    handler: int = UNKNOWN_CODE
    handler_sequence: int = UNKNOWN_CODE
    plugin: int = UNKNOWN_CODE
    title: int = UNKNOWN_CODE
    end_time: Nanoseconds = UNKNOWN_TIME
    end_clock: Nanoseconds = UNKNOWN_TIME
    settle_time: Nanoseconds = UNKNOWN_TIME
    settle_clock: Nanoseconds = UNKNOWN_TIME
    entered: bool = False
    reported: Nanoseconds = UNKNOWN_TIME
    status: int = Status.OPEN
    status_message: int = UNKNOWN_CODE
    inferred_by: int = Rule.NONE
    open_children: int = 0

    def learn(self, row: EdgeRow) -> None:
        """Keep what ``row`` tells and was not known; the first duration wins (timers come before summaries)."""
        if self.movement < 0:
            self.movement = row.movement
        if self.beat < 0:
            self.beat = row.beat
        if self.event_name < 0:
            self.event_name = row.event_name
        if self.handler < 0:
            self.handler, self.handler_sequence = row.handler, row.handler_sequence
        if self.plugin < 0:
            self.plugin = row.plugin
        if self.title < 0:
            self.title = row.title
        if self.reported == UNKNOWN_TIME:
            self.reported = row.duration
        if self.status_message < 0:
            self.status_message = row.status_message
        self.last_line = max(self.last_line, row.last_line)

    @property
    def duration(self) -> Nanoseconds:
        """The reported duration, else the difference of the program's clock, else of the times, else UNKNOWN_TIME."""
        if self.reported != UNKNOWN_TIME:
            return self.reported
        by_clock = difference(self.end_clock, self.start_clock)
        return by_clock if by_clock != UNKNOWN_TIME else difference(self.end_time, self.start_time)

    def row(self) -> SpanRow:
        """The span as it is now."""
        run = self.run
        is_sequence = self.kind == SpanKind.SEQUENCE
        return SpanRow(
            kind=self.kind,
            ordinal=self.ordinal,
            run=run.ordinal,
            parent=run.cause if is_sequence else self.parent.ordinal if self.parent else UNKNOWN_CODE,
            inferred_by=self.inferred_by or (run.cause_rule if is_sequence else Rule.NONE),
            status=Status.INCOMPLETE if self.status == Status.OPEN else self.status,
            first_line=self.first_line,
            last_line=self.last_line,
            start_time=self.start_time,
            end_time=self.end_time,
            duration=self.duration,
            reported=self.reported,
            request_id=run.request_id,
            sequence_id=run.sequence_id,
            sequence_name=run.sequence_name,
            movement=self.movement,
            beat=self.beat,
            event_name=self.event_name,
            title=self.title,
            handler=self.handler,
            handler_sequence=self.handler_sequence,
            plugin=self.plugin if self.plugin >= 0 else run.plugin,
            status_message=self.status_message,
        )


def table(rows: Sequence[SpanRow]) -> Rows:
    """``rows`` as one array, columns as in SpanRow."""
    return np.array(rows, np.int64).reshape(len(rows), len(SpanRow._fields))


def edge_rows(rows: Rows) -> Iterator[EdgeRow]:
    """``rows`` one by one; a block is not turned into Python objects all at once."""
    for begin in range(0, len(rows), ROWS_AT_ONCE):
        yield from map(EdgeRow._make, rows[begin : begin + ROWS_AT_ONCE].tolist())


def check(rows: Rows) -> None:
    """Raise a ValueError where a row is no edge, or says something of a span without its kind."""
    edges, kinds = rows[:, EdgeRow._fields.index("edge")], rows[:, EdgeRow._fields.index("kind")]
    has_kind = (kinds >= SpanKind.SEQUENCE) & (kinds <= SpanKind.SPAN)
    if not np.all((edges >= Edge.START) & (edges <= Edge.RESET) & (has_kind | (edges >= Edge.REQUEST))):
        raise ValueError("a row has no edge, or no kind")


def difference(end: Nanoseconds, start: Nanoseconds) -> Nanoseconds:
    """From ``start`` to ``end``; UNKNOWN_TIME where one is unknown, or int64 cannot hold it."""
    if end == UNKNOWN_TIME or start == UNKNOWN_TIME or not -LONGEST <= end - start <= LONGEST:
        return UNKNOWN_TIME
    return end - start


def differ(told: int, known: int) -> bool:
    """Whether two codes contradict each other: what is not known contradicts nothing."""
    return told >= 0 and known >= 0 and told != known
