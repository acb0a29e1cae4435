"""What there is, what needs attention first, and how good the data is."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from importlib import resources

from telemap import __version__
from telemap.analyses.asking import asked
from telemap.analyses.registry import analyses
from telemap.model.documents import Document, Finding, Shape, Window, iso_time, milliseconds
from telemap.store.store import Row, Store, fetch
from telemap.web.resources import Context, Resource

SOURCES = "SELECT * FROM source ORDER BY first_time_unix_nano NULLS LAST, uri"


@dataclass(frozen=True, slots=True)
class Params:
    """Nothing to choose."""


class Source(Shape, frozen=True):
    """A log or trace file that was read, and how well."""

    source: str
    log_format: str | None
    service: str | None
    build: str | None
    bytes: int
    lines: int
    records: int
    unparsed_records: int
    spans: int
    ambiguous_spans: int
    out_of_order: int
    clock_steps: int
    redacted: int
    assumed_time_zone: str | None
    window: Window | None
    skipped: str | None


class Totals(Shape, frozen=True):
    """Sums over all sources."""

    sources: int
    bytes: int
    records: int
    unparsed_records: int
    events: int
    spans: int
    ambiguous_spans: int
    out_of_order: int
    clock_steps: int
    redacted: int


class Build(Shape, frozen=True):
    """The runs of a build of a service."""

    build: str | None
    service: str | None
    runs: int
    errors: int
    window: Window | None


class Moment(Shape, frozen=True):
    """A part of the time: the runs that began in it."""

    start_time: str
    runs: int
    errors: int
    p95_ms: float | None


class Found(Shape, frozen=True):
    """A finding, and the analysis that found it."""

    analysis: str
    finding: Finding


class Page(Shape, frozen=True):
    """An analysis that can be looked at."""

    name: str
    title: str


class Overview(Document, frozen=True, kw_only=True):
    """The answer; findings are ordered by gravity, then by how often they were seen, accepted ones last."""

    version: str
    store: str
    totals: Totals
    builds: list[Build]
    part_ms: float | None
    trend: list[Moment]
    found: list[Found]
    sources: list[Source]
    pages: list[Page]


def run(context: Context, params: Params) -> Overview:
    """What the store of the context has, and what all analyses find in it."""
    with context.store.connect() as connection:
        sources = fetch(connection, SOURCES)
        builds = fetch(connection, _statement("overview_builds"))
        trend = fetch(connection, _statement("overview_trend"))
    return Overview(
        version=__version__,
        store=str(context.store.folder),
        totals=_totals(sources),
        builds=[_build(row) for row in builds],
        part_ms=milliseconds(trend[0]["length_ns"]) if trend else None,
        trend=[
            Moment(
                iso_time(row["start_time_unix_nano"]),
                row["runs"],
                row["errors"],
                None if row["p95_ns"] is None else milliseconds(row["p95_ns"]),
            )
            for row in trend
        ],
        found=_found(context),
        sources=[_source(row) for row in sources],
        pages=[Page(analysis.name, analysis.title) for analysis in analyses().values()],
    )


def _found(context: Context) -> list[Found]:
    found = [
        Found(analysis.name, finding)
        for analysis in analyses().values()
        if analysis.finds
        for finding in asked(analysis, context.store, analysis.params(), context.root).findings()
    ]
    return sorted(
        found,
        key=lambda one: (
            one.finding.accepted is not None,
            -one.finding.severity.rank,
            -one.finding.count,
            one.finding.id,
        ),
    )


def _statement(name: str) -> str:
    return resources.files("telemap.web").joinpath(f"{name}.sql").read_text(encoding="utf-8")


def _totals(rows: list[Row]) -> Totals:
    sums: Counter[str] = Counter()
    for row in rows:
        sums.update({name: value for name, value in row.items() if isinstance(value, int)})
        sums["redacted"] += _redacted(row)
    return Totals(
        sources=len(rows),
        bytes=sums["size_bytes"],
        records=sums["record_count"],
        unparsed_records=sums["unparsed_count"],
        events=sums["event_count"],
        spans=sums["span_count"],
        ambiguous_spans=sums["ambiguous_count"],
        out_of_order=sums["out_of_order_count"],
        clock_steps=sums["clock_step_count"],
        redacted=sums["redacted"],
    )


def _redacted(row: Row) -> int:
    return sum((row["redacted"] or {}).values())


def _source(row: Row) -> Source:
    return Source(
        source=row["uri"],
        log_format=row["log_format"],
        service=row["service_name"],
        build=row["service_version"],
        bytes=row["size_bytes"] or 0,
        lines=row["line_count"] or 0,
        records=row["record_count"] or 0,
        unparsed_records=row["unparsed_count"] or 0,
        spans=row["span_count"] or 0,
        ambiguous_spans=row["ambiguous_count"] or 0,
        out_of_order=row["out_of_order_count"] or 0,
        clock_steps=row["clock_step_count"] or 0,
        redacted=_redacted(row),
        assumed_time_zone=row["assumed_time_zone"],
        window=_window(row),
        skipped=row["skipped"],
    )


def _build(row: Row) -> Build:
    return Build(row["build"], row["service"], row["runs"], row["errors"], _window(row))


def _window(row: Row) -> Window | None:
    first, last = row["first_time_unix_nano"], row["last_time_unix_nano"]
    return None if first is None or last is None else Window(iso_time(first), iso_time(last))


def archived(store: Store) -> Iterator[Params]:
    """The one there is."""
    yield Params()


RESOURCE = Resource("overview", "What there is and what needs attention first", Params, run, Overview, archived)
