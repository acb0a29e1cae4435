"""``telemap ingest``: logs into the store."""

import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from datetime import UTC, tzinfo
from pathlib import Path
from typing import TYPE_CHECKING, Annotated
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

import msgspec
import typer

from telemap.cli.options import (
    Form,
    FormOption,
    OutputOption,
    StoreOption,
    answer,
    known_formats,
    make_store,
    project,
    warn,
)
from telemap.errors import TelemapError
from telemap.model.documents import Document, Shape
from telemap.reports.blocks import Block, Column, Kind, Next, Table, Text, counted
from telemap.sources.files import FileSource, find_sources
from telemap.store.store import Store

if TYPE_CHECKING:
    from telemap.store.session import Ingest, Progress

EXAMPLE = "telemap ingest logs --build 1.4.0"

UNPARSED_SHARE = 0.05  # of records not understood, above which a wrong log format is likely
MOST_REASONS = 5


class SourceShape(Shape, frozen=True):
    """What is known of a source after the ingest; counts are of all that was ever read of it."""

    source: str
    log_format: str | None
    bytes: int
    bytes_accounted: int
    lines: int
    records: int
    unparsed_records: int
    events: int
    spans: int
    skipped: str | None
    assumed_time_zone: str | None
    out_of_order: int


class Totals(Shape, frozen=True):
    """Sums over sources."""

    bytes: int
    bytes_accounted: int
    lines: int
    records: int
    unparsed_records: int
    events: int
    spans: int


class Ingested(Document, frozen=True, kw_only=True):
    """The sources that were given, and their sums."""

    sources: list[SourceShape]
    totals: Totals


def ingest(
    paths: Annotated[
        list[str] | None,
        typer.Argument(
            metavar="PATH",
            help="Files, folders, globs, packed or not, or - for standard input; else the logs of telemap.toml.",
        ),
    ] = None,
    log_format: Annotated[
        str | None, typer.Option(metavar="NAME", help="The log format, instead of finding out.")
    ] = None,
    build: Annotated[
        str | None, typer.Option(metavar="NAME", help="The build that wrote the logs (service.version).")
    ] = None,
    service: Annotated[
        str | None, typer.Option(metavar="NAME", help="The service that wrote the logs (service.name).")
    ] = None,
    tz: Annotated[
        str | None,
        typer.Option(metavar="ZONE", help="Of times that are printed without a zone: Europe/Berlin; else UTC."),
    ] = None,
    text: Annotated[
        bool, typer.Option("--text/--no-text", help="Store the texts, or only where in the logs they stand.")
    ] = True,
    redact: Annotated[
        bool,
        typer.Option("--redact/--no-redact", help="Overwrite passwords, tokens and keys, or store them as they are."),
    ] = True,
    db: StoreOption = None,
    form: FormOption = Form.TABLE,
    output: OutputOption = "-",
) -> None:
    """Read logs into the store.

    Reads only what is new, so it is safe to repeat.
    """
    config = project()
    given = paths or config.found("logs")
    if not given:
        help = 'telemap ingest PATH, or a line logs = ["PATH"] in telemap.toml'
        raise TelemapError("no-logs", "it is not said which logs to read", help=help)
    from telemap.store.session import Ingest

    what = Ingest(
        known_formats(config),
        log_format,
        build or config.build,
        service or config.service,
        _zone(tz),
        keeps_text=text,
        redacts=redact,
    )
    document = read_logs(make_store(db, config), given, what)
    answer(document, _blocks(document), form, output)
    _warn(document)


def _zone(name: str | None) -> tzinfo:
    if name is None:
        return UTC
    try:
        return ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError) as error:
        raise TelemapError(
            "no-zone", f"there is no time zone '{name}'", reason=str(error), help="--tz Europe/Berlin, --tz UTC"
        ) from error


def read_logs(store: Store, paths: Sequence[str], what: "Ingest") -> Ingested:
    """What came of reading ``paths`` into ``store``; handlers that were not seen before are linked to the code.

    Raises:
        TelemapError: ``nothing-read``: there is nothing to read at any of the paths. ``no-format``.
    """
    from telemap.store import loading
    from telemap.store.indexing import link_handlers

    with _progress(paths) as progress:
        reports = loading.ingest(store, paths, what, progress)
    if all(report.skipped and not report.records for report in reports):
        reasons = "; ".join(f"{report.source}: {report.skipped}" for report in reports[:MOST_REASONS])
        raise TelemapError("nothing-read", "there is nothing to read", reason=reasons, help="telemap ingest PATH")
    link_handlers(store)
    return Ingested(
        sources=[msgspec.convert(report, SourceShape, from_attributes=True) for report in reports],
        totals=Totals(**loading.totals(reports)),
    )


@contextmanager
def _progress(paths: Sequence[str]) -> Iterator["Progress | None"]:
    """What ingest tells its progress to: a bar where standard error is a terminal."""
    if not sys.stderr.isatty():
        yield None
        return
    from rich.console import Console
    from rich.progress import BarColumn, DownloadColumn, Progress, TextColumn, TimeRemainingColumn, TransferSpeedColumn

    is_packed, size_bytes = False, 0
    for source in find_sources(paths):
        if isinstance(source, FileSource):
            is_packed, size_bytes = is_packed or source.is_packed, size_bytes + source.size_bytes
    columns = (
        TextColumn("{task.description}"),
        BarColumn(),
        DownloadColumn(),
        TransferSpeedColumn(),
        TimeRemainingColumn(),
    )
    with Progress(*columns, console=Console(stderr=True), transient=True) as bar:
        total = None if is_packed else size_bytes
        task = bar.add_task("reading", total=total)
        yield lambda uri, size_bytes: bar.update(task, advance=size_bytes, description=Path(uri).name)


def _blocks(document: Ingested) -> Iterator[Block]:
    columns = (
        Column("log", "source", Kind.PLACE),
        Column("format", "log_format"),
        Column("", "bytes"),
        Column("", "bytes_accounted"),
        Column("lines", "lines", Kind.COUNT),
        Column("records", "records", Kind.COUNT, rank=2),
        Column("unparsed", "unparsed_records", Kind.FAULTS),
        Column("events", "events", Kind.COUNT, rank=1),
        Column("spans", "spans", Kind.COUNT),
        Column("skipped", "skipped"),
    )
    yield Table(columns, [tuple(getattr(source, column.key) for column in columns) for source in document.sources])
    totals = document.totals
    skipped = sum(source.skipped is not None for source in document.sources)
    yield Text(
        f"{counted(len(document.sources), 'log')}, {counted(totals.lines, 'line')}, {counted(totals.events, 'event')}, "
        f"{counted(totals.spans, 'execution')}" + (f"; {skipped} skipped" if skipped else "")
    )
    yield Next("telemap heatmap", "how long every handler took")


def _warn(document: Ingested) -> None:
    suspects = [s for s in document.sources if s.unparsed_records > UNPARSED_SHARE * s.records]
    for source in suspects[:MOST_REASONS]:
        share = source.unparsed_records / source.records
        warn(f"{source.source}: {share:.0%} of the records are not understood; telemap formats try {source.source}")
    if len(suspects) > MOST_REASONS:
        warn(f"{len(suspects) - MOST_REASONS} more logs are as badly understood; telemap query unparsed")
