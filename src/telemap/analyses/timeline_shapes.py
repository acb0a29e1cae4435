"""The shapes of the answer of ``timeline``; times in milliseconds, offsets from the start of what is shown."""

from __future__ import annotations

from telemap.model.documents import Code, Document, Shape, Window


class Session(Shape, frozen=True):
    """What went on in one source: ``busy_ms`` while a run was going on, ``think_ms`` while none was."""

    source: str
    service: str | None
    build: str | None
    window: Window
    duration_ms: float
    runs: int
    errors: int
    incomplete: int
    busy_ms: float
    think_ms: float
    pauses: list[Window]


class Run(Shape, frozen=True):
    """A run of a sequence, or a trace: ``caused_by`` is the handler that asked for it."""

    trace_id: str
    kind: str
    name: str | None
    sequence_id: str | None
    source: str
    line: int | None
    start_time: str
    offset_ms: float
    duration_ms: float | None
    status: str
    inferred_by: str | None
    caused_by: str | None


class TimelineSpan(Shape, frozen=True):
    """One execution of a trace, or of a run that it caused, in the order of a walk through the tree.

    ``lane`` is the row that it can be drawn in without touching another one; ``self_ms`` is its time without children;
    on the critical path its own time is between ``least_path_ms`` and ``most_path_ms``.
    """

    span_id: str
    parent_span_id: str | None
    trace_id: str
    kind: str
    name: str | None
    handler: str | None
    event: str | None
    service: str | None
    depth: int
    lane: int
    start_time: str | None
    offset_ms: float | None
    duration_ms: float | None
    self_ms: float | None
    least_path_ms: float
    most_path_ms: float
    status: str
    status_message: str | None
    inferred_by: str | None
    state_changes: int
    source: str
    line_start: int | None
    line_end: int | None
    code: Code | None


class TraceSummary(Shape, frozen=True):
    """A trace as a whole; ``concurrency`` is how many handlers, or spans without children, ran at once at most."""

    trace_id: str
    start_time: str | None
    duration_ms: float
    spans: int
    errors: int
    concurrency: int
    is_ambiguous: bool


class Timeline(Document, frozen=True, kw_only=True):
    """The answer: sessions with their runs, or one trace span by span; of the runs, ``omitted_runs`` are left out."""

    sessions: list[Session]
    runs: list[Run]
    omitted_runs: int
    spans: list[TimelineSpan]
    trace: TraceSummary | None
    build: str | None
