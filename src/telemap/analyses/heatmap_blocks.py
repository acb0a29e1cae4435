"""The heat map proper: how long each handler took in each part of the time.

Durations are milliseconds, to four digits. Handlers are ordered by the 95th percentile of their slowest part.
"""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass
from typing import TYPE_CHECKING, Annotated

from telemap.analyses.builds import check_build
from telemap.analyses.handler_runs import FOR_TIMES, Wanted
from telemap.analyses.heatmap_handlers import BUILDS, SOURCES, Gathered, HandlerName, gathered, time_of
from telemap.analyses.registry import Detail, of_builds, statement
from telemap.errors import TelemapError
from telemap.model.documents import Document, Shape, iso_time, milliseconds
from telemap.model.telemetry import Nanoseconds
from telemap.store.store import Row, Store, fetch

if TYPE_CHECKING:
    import duckdb

MOST_PARTS = 1000
MOST_HANDLERS = 1000  # of five thousand, with sixty parts each, a page would get ten megabytes
DIGITS = 4
MOST_ARCHIVED_BYTES = 6_000_000
NOWHERE = (-1, -1)
NOTHING: Row = {"duration_ns": None, "log_key": None, "line_number": None}


@dataclass(frozen=True, slots=True)
class Params:
    """Which time, and how finely."""

    build: Annotated[str | None, "only executions of this build (service.version)"] = None
    parts: Annotated[int, "how many parts the time is cut into"] = 60
    start: Annotated[str | None, "only executions that began then or later, ISO 8601 in UTC"] = None
    end: Annotated[str | None, "only executions that began then or earlier"] = None


class BuildStart(Shape, frozen=True):
    """When the first execution of a build began."""

    build: str
    start_time: str


class Blocks(Document, frozen=True, kw_only=True):
    """The answer; each list of the blocks has a number a block, by handler, then by part.

    ``source`` and ``line`` are the log, as a place in ``sources``, and the line of the slowest execution; -1 where no
    execution has a known duration, or its line is not known.
    """

    handlers: list[HandlerName]
    left_out: int
    start_time: str | None
    end_time: str | None
    parts: int
    part_ms: float
    builds: list[BuildStart]
    handler: list[int]
    part: list[int]
    executions: list[int]
    errors: list[int]
    p50_ms: list[float | None]
    p95_ms: list[float | None]
    max_ms: list[float | None]
    sources: list[str]
    source: list[int]
    line: list[int]
    build: str | None


def run(store: Store, params: Params) -> Blocks:
    """How long the handlers of ``store`` took in each part of the time, those that were slowest first.

    Raises:
        TelemapError: ``bad-setting``: not so many parts, or a time that is none. ``no-build``.
    """
    if not 1 <= params.parts <= MOST_PARTS:
        raise TelemapError("bad-setting", f"parts is {params.parts}", help=f"name 1 to {MOST_PARTS} parts")
    start, end = time_of("start", params.start), time_of("end", params.end)
    with store.connect() as connection:
        found = gathered(connection, Wanted(build=params.build, start=start, end=end), FOR_TIMES)
        if not found.names and params.build is not None:
            check_build(store, params.build)
        return _blocks(connection, params, found, start if start is not None else found.first, end or found.last)


def _blocks(
    connection: duckdb.DuckDBPyConnection,
    params: Params,
    found: Gathered,
    start: Nanoseconds | None,
    end: Nanoseconds | None,
) -> Blocks:
    length = 1 if start is None or end is None else max(0, end - start) // params.parts + 1
    asked = found.meant(range(len(found.names))) | {"first": start or 0, "length_ns": length}
    rows = fetch(connection, statement("heatmap_blocks"), asked)
    order = _order(found, rows)
    kept = {one: place for place, one in enumerate(order[:MOST_HANDLERS])}
    rows = sorted((row for row in rows if row["handler"] in kept), key=lambda row: (kept[row["handler"]], row["part"]))
    sources = fetch(connection, SOURCES)
    numbers = {row["log_key"]: number for number, row in enumerate(sources)}
    slowest = [row["slowest"] or NOTHING for row in rows]
    places = [
        (numbers[one["log_key"]], one["line_number"])
        if one["log_key"] in numbers and one["line_number"] is not None
        else NOWHERE
        for one in slowest
    ]
    percentiles = [row["percentiles_ns"] or (None, None) for row in rows]
    return Blocks(
        handlers=[found.names[one] for one in kept],
        left_out=len(order) - len(kept),
        start_time=None if start is None else iso_time(start),
        end_time=None if end is None else iso_time(end),
        parts=params.parts,
        part_ms=milliseconds(length),
        builds=[BuildStart(row["build"], iso_time(row["first_time_unix_nano"])) for row in fetch(connection, BUILDS)],
        handler=[kept[row["handler"]] for row in rows],
        part=[row["part"] for row in rows],
        executions=[row["executions"] for row in rows],
        errors=[row["errors"] for row in rows],
        p50_ms=[_short(p50) for p50, _ in percentiles],
        p95_ms=[_short(p95) for _, p95 in percentiles],
        max_ms=[_short(one["duration_ns"]) for one in slowest],
        sources=[row["uri"] for row in sources],
        source=[source for source, _ in places],
        line=[line for _, line in places],
        build=params.build,
    )


def _order(found: Gathered, rows: list[Row]) -> list[int]:
    """The handlers, those with the slowest part first; where two are equal, by name."""
    slowest: dict[int, float] = defaultdict(lambda: -1.0)
    for row in rows:
        if row["percentiles_ns"]:
            slowest[row["handler"]] = max(slowest[row["handler"]], row["percentiles_ns"][1])
    names = {one: found.names[one] for one in {row["handler"] for row in rows}}
    return sorted(names, key=lambda one: (-slowest[one], names[one].name, names[one].plugin or "", one))


def _short(duration_ns: float | None) -> float | None:
    return None if duration_ns is None else float(f"{duration_ns / 1e6:.{DIGITS}g}")


DETAIL = Detail(
    "How long every handler took over time, in blocks", Params, run, of_builds(Params()), MOST_ARCHIVED_BYTES
)
