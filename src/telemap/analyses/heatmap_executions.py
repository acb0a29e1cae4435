"""The executions of one handler: how long they took under each build, the slowest of them, and those that failed."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass
from difflib import get_close_matches
from typing import TYPE_CHECKING, Annotated

from telemap.analyses import heatmap_blocks
from telemap.analyses.handler_runs import FOR_ROWS, Wanted
from telemap.analyses.heatmap_handlers import SOURCES, HandlerName, gathered, time_of
from telemap.analyses.registry import Detail, statement
from telemap.errors import TelemapError
from telemap.model.documents import Document, Place, Shape, iso_time, milliseconds
from telemap.model.telemetry import Nanoseconds
from telemap.store.store import Row, Store, fetch

if TYPE_CHECKING:
    import duckdb

BINS_A_DECADE = 10
MOST_ROWS = 10_000
MOST_ARCHIVED = 300
MOST_ARCHIVED_BYTES = 3_000_000


@dataclass(frozen=True, slots=True)
class Params:
    """Which handler, as a row of the heatmap names it, and which time; what is not said may be anything."""

    name: Annotated[str, "of the handler"]
    plugin: Annotated[str | None, "that it belongs to"] = None
    service: Annotated[str | None, "that it belongs to"] = None
    place: Annotated[str | None, "its place in code, FILE:LINE"] = None
    start: Annotated[str | None, "only executions that began then or later, ISO 8601 in UTC"] = None
    end: Annotated[str | None, "only executions that began then or earlier"] = None
    most: Annotated[int, "how many executions to list of each kind"] = 20


class HandlerRun(Shape, frozen=True):
    """One execution, and where it stands in a log; what is not known is None."""

    trace_id: str
    span_id: str
    start_time: str | None
    duration_ms: float | None
    status: str
    status_message: str | None
    log: Place | None
    build: str | None


class BuildTimes(Shape, frozen=True):
    """How long the executions under a build took, in milliseconds; ``counts`` has as many as there are bins."""

    build: str | None
    executions: int
    untimed: int
    errors: int
    first_seen: str | None
    last_seen: str | None
    min: float | None
    max: float | None
    avg: float | None
    p50: float | None
    p95: float | None
    p99: float | None
    counts: list[int]


class HandlerExecutions(Document, frozen=True, kw_only=True):
    """The answer: builds as they came, the slowest executions first, of the failed ones the last first.

    A bin is from one of ``edges_ms`` up to the next; all have the same ratio.
    """

    handlers: list[HandlerName]
    executions: int
    errors: int
    edges_ms: list[float]
    builds: list[BuildTimes]
    slowest: list[HandlerRun]
    failed: list[HandlerRun]


def run(store: Store, params: Params) -> HandlerExecutions:
    """The executions of a handler, or of all handlers that what is said fits.

    Raises:
        TelemapError: ``no-handler``: there is none that it fits. ``bad-setting``: a time that is none, or ``most``.
    """
    if not 0 <= params.most <= MOST_ROWS:
        raise TelemapError("bad-setting", f"most is {params.most}", help=f"name 0 to {MOST_ROWS} executions")
    wanted = Wanted(name=params.name, start=time_of("start", params.start), end=time_of("end", params.end))
    with store.connect() as connection:
        found = gathered(connection, wanted, FOR_ROWS)
        kept = [number for number, one in enumerate(found.names) if _is_meant(one, params)]
        if not kept and wanted.start is None and wanted.end is None:
            raise _missing(connection, params)
        keys = {"keys": found.meant(kept)["keys"]}
        bins = fetch(connection, statement("heatmap_bins"), keys)
        first, last = (end((row["bin"] for row in bins), default=0) for end in (min, max))
        counts: dict[str | None, list[int]] = defaultdict(lambda: [0] * (last - first + 1 if bins else 0))
        for row in bins:
            counts[row["build"]][row["bin"] - first] = row["executions"]
        builds = [_times(row, counts[row["build"]]) for row in fetch(connection, statement("heatmap_builds"), keys)]
        rows = fetch(connection, statement("heatmap_slowest"), keys | {"most": params.most})
        uris = {row["log_key"]: row["uri"] for row in fetch(connection, SOURCES)}
    return HandlerExecutions(
        handlers=[found.names[one] for one in kept],
        executions=sum(one.executions for one in builds),
        errors=sum(one.errors for one in builds),
        edges_ms=[_edge(number) for number in range(first, last + 2)] if bins else [],
        builds=builds,
        slowest=[_run(row, uris) for row in rows if row["is_slow"]],
        failed=[_run(row, uris) for row in rows if not row["is_slow"]],
    )


def _is_meant(one: HandlerName, params: Params) -> bool:
    place = one.code.place if one.code else None
    said = ((params.plugin, one.plugin), (params.service, one.service), (params.place, place))
    return all(wish is None or wish == has for wish, has in said)


def _edge(number: int) -> float:
    return float(f"{10 ** (number / BINS_A_DECADE) / 1e6:.4g}")


def _times(row: Row, counts: list[int]) -> BuildTimes:
    p50, p95, p99 = row["percentiles_ns"] or (None, None, None)
    return BuildTimes(
        build=row["build"],
        executions=row["executions"],
        untimed=row["untimed"],
        errors=row["errors"],
        first_seen=_time(row["first_time_unix_nano"]),
        last_seen=_time(row["last_time_unix_nano"]),
        min=_duration(row["min_ns"]),
        max=_duration(row["max_ns"]),
        avg=_duration(row["avg_ns"]),
        p50=_duration(p50),
        p95=_duration(p95),
        p99=_duration(p99),
        counts=counts,
    )


def _time(time_unix_nano: Nanoseconds | None) -> str | None:
    return None if time_unix_nano is None else iso_time(time_unix_nano)


def _duration(duration_ns: float | None) -> float | None:
    return None if duration_ns is None else milliseconds(duration_ns)


def _run(row: Row, uris: Row) -> HandlerRun:
    return HandlerRun(
        row["trace_id"],
        row["span_id"],
        _time(row["start_time_unix_nano"]),
        _duration(row["duration_ns"]),
        row["status"],
        row["status_message"],
        Place(uris[row["log_key"]], row["line_number"]) if row["log_key"] in uris else None,
        row["build"],
    )


def _missing(connection: duckdb.DuckDBPyConnection, params: Params) -> TelemapError:
    names = fetch(connection, "SELECT DISTINCT handler FROM stored.naming WHERE handler IS NOT NULL ORDER BY ALL")
    near = get_close_matches(params.name, [row["handler"] for row in names], cutoff=0.5)
    return TelemapError(
        "no-handler",
        f"no handler ran that is called '{params.name}'",
        help=f"similar: {', '.join(near)}" if near else "telemap heatmap shows those that ran",
    )


def archived(store: Store) -> Iterator[Params]:
    """The handlers that ran, the slowest first."""
    for one in heatmap_blocks.run(store, heatmap_blocks.Params()).handlers[:MOST_ARCHIVED]:
        yield Params(one.name, one.plugin, one.service, one.code.place if one.code else None)


DETAIL = Detail("How long the executions of a handler took", Params, run, archived, MOST_ARCHIVED_BYTES)
