"""What went on when: the sessions with their runs and pauses, or one trace span by span.

A session is a source: the log of a page, a process, a stream. Its pauses are the times in which no run was going on,
which in a page is when somebody thinks. Of a trace, the runs that its handlers caused are part.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Annotated, AnyStr

from telemap.analyses.builds import check_build
from telemap.analyses.registry import Analysis, Binary, Text, statement
from telemap.analyses.timeline_details import DETAILS
from telemap.analyses.timeline_exports import chrome, speedscope
from telemap.analyses.timeline_perfetto import perfetto
from telemap.analyses.timeline_shapes import Run, Session, Timeline
from telemap.analyses.timeline_trace import spans_of, summary_of
from telemap.errors import TelemapError
from telemap.model.documents import Window, iso_time, milliseconds
from telemap.model.telemetry import Nanoseconds
from telemap.store.store import Row, Store, fetch

if TYPE_CHECKING:
    import duckdb

LONGEST = 10
MOST_RUNS = 10_000
AT_LINE = """
SELECT t.trace_id
FROM told_span AS t
JOIN source AS s USING (source_id)
WHERE ends_with(s.uri, $uri) AND $line BETWEEN t.first_line AND t.last_line
ORDER BY t.last_line - t.first_line, t.first_line DESC, t.trace_id
LIMIT 1
"""


@dataclass(frozen=True, slots=True)
class Params:
    """What to look at."""

    trace: Annotated[str | None, "one trace, span by span: its id, or a line of it as LOG:LINE"] = None
    session: Annotated[str | None, "the runs of one session: its log, or the end of its path"] = None
    build: Annotated[str | None, "only runs of this build (service.version)"] = None


def run(store: Store, params: Params) -> Timeline:
    """All sessions of ``store`` with the longest runs, one session with all its runs, or one trace with its spans.

    Raises:
        TelemapError: ``no-build``: no source is of this build. ``no-session``: none, or several, are called so.
            ``no-trace``: there is none of this id.
    """
    with store.connect() as connection:
        if params.trace is not None:
            trace_id = _trace_id(connection, params.trace)
            rows = _spans_of_trace(store, connection, trace_id)
            spans, is_ambiguous = spans_of(rows)
            trace = summary_of(trace_id, rows, spans, is_ambiguous=is_ambiguous)
            return Timeline(sessions=[], runs=[], omitted_runs=0, spans=spans, trace=trace, build=params.build)
        found = _sessions(store, connection, params)
        source_id = found[0]["source_id"] if len(found) == 1 else None
        most = LONGEST if source_id is None else MOST_RUNS
        asked = {"build": params.build, "source_id": source_id, "most": most}
        runs = fetch(connection, statement("timeline_runs"), asked)
    starts = {row["source_id"]: row["start_time_unix_nano"] for row in found}
    return Timeline(
        sessions=[_session(row) for row in found],
        runs=[_run(row, starts[row["source_id"]]) for row in runs],
        omitted_runs=sum(row["runs"] for row in found) - len(runs),
        spans=[],
        trace=None,
        build=params.build,
    )


def _sessions(store: Store, connection: duckdb.DuckDBPyConnection, params: Params) -> list[Row]:
    found = fetch(connection, statement("timeline"), {"build": params.build})
    if not found and params.build is not None:
        check_build(store, params.build)
    return found if params.session is None else [_session_named(params.session, found)]


def _spans(store: Store, connection: duckdb.DuckDBPyConnection, params: Params) -> list[Row]:
    """The rows of what is asked for: a trace, a session, or all."""
    if params.trace is not None:
        return _spans_of_trace(store, connection, _trace_id(connection, params.trace))
    source_id = None if params.session is None else _sessions(store, connection, params)[0]["source_id"]
    asked = {"trace_id": None, "source_id": source_id, "build": params.build}
    return fetch(connection, statement("timeline_spans"), asked)


def _spans_of_trace(store: Store, connection: duckdb.DuckDBPyConnection, trace_id: str) -> list[Row]:
    rows = fetch(connection, statement("timeline_spans"), {"trace_id": trace_id, "source_id": None, "build": None})
    if not rows:
        raise TelemapError(
            "no-trace",
            f"no trace is called '{trace_id}', or has this line",
            place=str(store.folder),
            help="telemap timeline --session LOG shows the lines that its runs begin in",
        )
    return rows


def _exported(write: Callable[[Sequence[Row]], AnyStr]) -> Callable[[Store, Params], AnyStr]:
    def made(store: Store, params: Params) -> AnyStr:
        with store.connect() as connection:
            return write(_spans(store, connection, params))

    return made


def _trace_id(connection: duckdb.DuckDBPyConnection, asked: str) -> str:
    """The id that is meant: of the innermost execution at a line, or as it is told."""
    uri, _, line = asked.rpartition(":")
    if not uri or not line.isdecimal():
        return asked
    rows = fetch(connection, AT_LINE, {"uri": uri, "line": int(line)})
    return str(rows[0]["trace_id"]) if rows else asked


def _session_named(name: str, rows: Sequence[Row]) -> Row:
    found = [row for row in rows if row["uri"] == name] or [row for row in rows if row["uri"].endswith(name)]
    if len(found) != 1:
        raise TelemapError(
            "no-session",
            f"{'several sessions are' if found else 'no session is'} called '{name}'",
            reason=", ".join(row["uri"] for row in found[:3]) or None,
            help="telemap timeline shows all of them",
        )
    return found[0]


def _session(row: Row) -> Session:
    start, end = row["start_time_unix_nano"], row["end_time_unix_nano"]
    return Session(
        source=row["uri"],
        service=row["service"],
        build=row["build"],
        window=_window(start, end),
        duration_ms=milliseconds(end - start),
        runs=row["runs"],
        errors=row["errors"],
        incomplete=row["incomplete"],
        busy_ms=milliseconds(row["busy_ns"]),
        think_ms=milliseconds(end - start - row["busy_ns"]),
        pauses=[_window(one["start"], one["end"]) for one in row["pauses"]],
    )


def _window(start: Nanoseconds, end: Nanoseconds) -> Window:
    return Window(iso_time(start), iso_time(end))


def _run(row: Row, start: Nanoseconds) -> Run:
    return Run(
        trace_id=row["trace_id"],
        kind=row["kind"],
        name=row["name"],
        sequence_id=row["sequence_id"],
        source=row["uri"],
        line=row["first_line"],
        start_time=iso_time(row["start_time_unix_nano"]),
        offset_ms=milliseconds(row["start_time_unix_nano"] - start),
        duration_ms=None if row["duration_ns"] is None else milliseconds(row["duration_ns"]),
        status=row["status"],
        inferred_by=row["inferred_by"],
        caused_by=row["caused_by"],
    )


ANALYSIS = Analysis(
    "timeline",
    "What went on when: sessions, runs, one trace span by span",
    Params,
    run,
    "telemap timeline",
    exports={
        "chrome": Text("A trace, a session or all as Chrome's trace events, for Perfetto", _exported(chrome)),
        "perfetto": Binary("A trace, a session or all as a trace of Perfetto", _exported(perfetto)),
        "speedscope": Text("A trace, a session or all as profiles of speedscope", _exported(speedscope)),
    },
    details=DETAILS,
)
