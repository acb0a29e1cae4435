"""The timeline as blocks: sessions and runs, or one trace as a tree with bars."""

from __future__ import annotations

from collections.abc import Iterator

from telemap.analyses.timeline_shapes import Run, Session, Timeline, TimelineSpan
from telemap.model.documents import nanoseconds
from telemap.reports.blocks import Block, Column, Kind, Next, Table, Text, Title, counted

BAR_CELLS = 24
MOST_SHOWN = 40
KINDS_PASSED = frozenset({"movement"})

SESSIONS = (
    Column("session", "source", Kind.PLACE),
    Column("build", "build", rank=3),
    Column("from", "from", rank=2),
    Column("", "to"),
    Column("seconds", "", Kind.NUMBER),
    Column("", "duration_ms"),
    Column("runs", "runs", Kind.COUNT),
    Column("failed", "errors", Kind.FAULTS),
    Column("cut off", "incomplete", Kind.COUNT, rank=1),
    Column("busy", "", rank=1),
    Column("", "busy_ms"),
    Column("", "think_ms"),
    Column("longest pause s", "", Kind.NUMBER, rank=1),
    Column("", "pauses"),
)

RUNS = (
    Column("run", "name"),
    Column("when", ""),
    Column("at s", "", Kind.NUMBER, rank=2),
    Column("", "offset_ms"),
    Column("ms", "duration_ms", Kind.MILLISECONDS),
    Column("status", "status"),
    Column("asked for by", "caused_by", rank=2),
    Column("begins in", "", Kind.PLACE),
    Column("", "trace_id"),
    Column("", "source"),
    Column("", "line"),
)

SPANS = (
    Column("what", ""),
    Column("", "name"),
    Column("", "kind"),
    Column("", "depth"),
    Column("", "lane"),
    Column("when", ""),
    Column("at ms", "offset_ms", Kind.MILLISECONDS, rank=2),
    Column("ms", "duration_ms", Kind.MILLISECONDS),
    Column("self ms", "self_ms", Kind.MILLISECONDS, rank=3),
    Column("on path ms", "", Kind.TEXT, rank=1),
    Column("", "least_path_ms"),
    Column("", "most_path_ms"),
    Column("status", "status", rank=4),
    Column("line", "line_start", Kind.COUNT, rank=3),
    Column("", "source"),
    Column("code", "", Kind.PLACE, rank=2),
    Column("", "span_id"),
    Column("", "parent_span_id"),
    Column("", "inferred_by"),
    Column("", "status_message"),
)


def blocks(timeline: Timeline, store: str) -> Iterator[Block]:
    """The timeline of a store: its sessions and the longest runs, one session, or one trace."""
    if timeline.trace is not None:
        yield from _trace(timeline)
    elif not timeline.sessions:
        yield Title("Timeline: nothing ran")
        yield Text(f"No log in {store} tells of a run with its time.")
        yield Next("telemap ingest LOGS", "reads logs")
    elif len(timeline.sessions) == 1:
        yield from _one(timeline, timeline.sessions[0])
    else:
        yield Title(f"Timeline: {counted(len(timeline.sessions), 'session')}, {_runs(timeline)}")
        yield Text(f"in {store}; each log is a session, in the order of time")
        yield Table(SESSIONS, [_session_row(one) for one in timeline.sessions])
        yield Text("The longest runs")
        yield Table(RUNS, [_run_row(one, None) for one in timeline.runs])
        yield Next(f"telemap timeline --session {timeline.runs[0].source}", "everything that ran in it, in its order")


def _runs(timeline: Timeline) -> str:
    return counted(sum(one.runs for one in timeline.sessions), "run")


def _one(timeline: Timeline, session: Session) -> Iterator[Block]:
    yield Title(f"Timeline of {session.source}: {counted(session.runs, 'run')} in {session.duration_ms / 1000:,.1f} s")
    pauses = ", ".join(f"{one.start[11:23]} to {one.end[11:23]}" for one in session.pauses[:3])
    yield Text(f"busy {_share(session)} of the time" + (f"; the longest pauses: {pauses}" if pauses else ""))
    yield Table(RUNS, [_run_row(one, session) for one in timeline.runs], most=MOST_SHOWN)
    if session.runs > MOST_SHOWN:
        lacks = f", but for the last {timeline.omitted_runs:,}" if timeline.omitted_runs else ""
        yield Text(f"{session.runs - MOST_SHOWN:,} more runs: --format csv or json{lacks}.")
    slowest = max(timeline.runs, key=lambda one: one.duration_ms or 0)
    yield Next(f"telemap timeline --trace {slowest.source}:{slowest.line}", "the longest run, span by span")


def _trace(timeline: Timeline) -> Iterator[Block]:
    trace = timeline.trace
    assert trace is not None
    name = timeline.spans[0].name or trace.trace_id
    failed = f", {counted(trace.errors, 'error')}" if trace.errors else ""
    yield Title(f"Trace of {name}: {counted(trace.spans, 'span')} in {trace.duration_ms:,.1f} ms{failed}")
    at_once = f"at most {counted(trace.concurrency, 'handler')} at once"
    unsure = "; where times do not tell who waited, the time on the path is a range" if trace.is_ambiguous else ""
    yield Text(f"from {trace.start_time}, {at_once}{unsure}; ~ is inferred, not logged")
    yield Table(SPANS, [_span_row(one, indent, trace.duration_ms) for one, indent in _indented(timeline.spans)])
    first = next((one for one in timeline.spans if one.status == "error"), timeline.spans[0])
    yield Next(f"telemap explain {first.source}:{first.line_start}", "every step from that line to its code")


def _indented(spans: list[TimelineSpan]) -> Iterator[tuple[TimelineSpan, int]]:
    """The spans that are shown, with how many of these are above each."""
    above: list[int] = []  # by depth
    for one in spans:
        above[one.depth :] = [above[one.depth - 1] if one.depth else 0]
        if one.kind not in KINDS_PASSED:
            yield one, above[one.depth]
            above[one.depth] += 1


def _session_row(one: Session) -> tuple[object, ...]:
    longest = max((_seconds(pause.start, pause.end) for pause in one.pauses), default=None)
    return (
        one.source,
        one.build,
        one.window.start[:19].replace("T", " "),
        one.window.end,
        f"{one.duration_ms / 1000:,.1f}",
        one.duration_ms,
        one.runs,
        one.errors,
        one.incomplete,
        _share(one),
        one.busy_ms,
        one.think_ms,
        None if longest is None else f"{longest:,.1f}",
        one.pauses,
    )


def _run_row(one: Run, session: Session | None) -> tuple[object, ...]:
    bar = None if session is None else _bar(one.offset_ms, one.duration_ms, session.duration_ms, one.inferred_by)
    return (
        one.name,
        bar if bar is not None else one.start_time[:19].replace("T", " "),
        f"{one.offset_ms / 1000:,.2f}",
        one.offset_ms,
        one.duration_ms,
        one.status,
        one.caused_by,
        f"{one.source}:{one.line}",
        one.trace_id,
        one.source,
        one.line,
    )


def _span_row(one: TimelineSpan, indent: int, duration_ms: float) -> tuple[object, ...]:
    return (
        f"{'  ' * indent}{'✗ ' if one.status == 'error' else ''}{one.name or one.kind}",
        one.name,
        one.kind,
        one.depth,
        one.lane,
        _bar(one.offset_ms, one.duration_ms, duration_ms, one.inferred_by),
        one.offset_ms,
        one.duration_ms,
        one.self_ms,
        _path(one),
        one.least_path_ms,
        one.most_path_ms,
        one.status,
        one.line_start,
        one.source,
        one.code and one.code.place,
        one.span_id,
        one.parent_span_id,
        one.inferred_by,
        one.status_message,
    )


def _path(one: TimelineSpan) -> str | None:
    if not one.most_path_ms:
        return None
    least, most = f"{one.least_path_ms:,.1f}", f"{one.most_path_ms:,.1f}"
    return most if least == most else f"{least}–{most}"


def _bar(offset_ms: float | None, duration_ms: float | None, whole_ms: float, inferred_by: str | None) -> str | None:
    """Where something is within the whole, to a twenty-fourth of it; what is inferred is drawn lightly."""
    if offset_ms is None:
        return None
    scale = BAR_CELLS / whole_ms if whole_ms else 0.0
    first = min(int(max(offset_ms, 0) * scale), BAR_CELLS - 1)
    cells = max(1, min(round((duration_ms or 0) * scale), BAR_CELLS - first))
    return "·" * first + ("~" if inferred_by else "█") * cells + "·" * (BAR_CELLS - first - cells)


def _share(session: Session) -> str:
    return f"{session.busy_ms / session.duration_ms:.0%}" if session.duration_ms else "100%"


def _seconds(start: str, end: str) -> float:
    return (nanoseconds(end) - nanoseconds(start)) / 1e9
