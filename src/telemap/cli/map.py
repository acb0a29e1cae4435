"""``telemap map``: for each log record, the places in code that it can have come from."""

from collections.abc import Iterable, Iterator
from typing import Annotated

import typer

from telemap.analyses.mapped_records import MappedRecord, mapped_records, unread_builds
from telemap.cli.options import (
    LinesForm,
    LinesFormOption,
    OutputOption,
    StoreOption,
    answer_lines,
    known_formats,
    make_store,
    open_store,
    project,
    warn,
)
from telemap.model.code import HASH_DIGITS
from telemap.reports.blocks import Column, Kind, Table

EXAMPLE = "telemap map logs/app.log --format table"


COLUMNS = (
    Column("log", "", Kind.PLACE),
    Column("", "source"),
    Column("", "line"),
    Column("message", "message"),
    Column("sure", "confidence", Kind.NUMBER),
    Column("where", "", Kind.PLACE),
    Column("", "file_path"),
    Column("", "line_number"),
    Column("function", "function_name", rank=1),
    Column("by", "evidence", rank=2),
    Column("others", "others", Kind.COUNT, rank=3),
    Column("", "template"),
)


def map(
    paths: Annotated[
        list[str] | None,
        typer.Argument(metavar="PATH", help="Logs, of which is read first what is new; else all that were read."),
    ] = None,
    db: StoreOption = None,
    form: LinesFormOption = LinesForm.JSONL,
    output: OutputOption = "-",
) -> None:
    """For each log record, where in the code it can have come from."""
    if paths:
        from telemap.cli.ingest import read_logs
        from telemap.store.session import Ingest

        config = project()
        store = make_store(db, config)
        read = read_logs(store, paths, Ingest(known_formats(config), build=config.build, service=config.service))
        uris: set[str] | None = {source.source for source in read.sources}
    else:
        store, uris = open_store(db), None
    records = mapped_records(store, uris)
    for build, commit_id in unread_builds(store, uris).items():
        help = f"telemap index DIR --at {build} reads the code that wrote it, and where that is now is told"
        warn(f"build {build} is of commit {commit_id[:HASH_DIGITS]}, not of the code that was indexed\n  help: {help}")
    answer_lines(records, [Table(COLUMNS, _rows(records))], form, output)


def _rows(records: Iterable[MappedRecord]) -> Iterator[tuple[object, ...]]:
    for record in records:
        best = record.candidates[0] if record.candidates else None
        yield (
            f"{record.source}:{record.line}",
            record.source,
            record.line,
            record.message,
            best and best.confidence,
            best and best.place,
            best and best.file_path,
            best and best.line_number,
            best and best.function_name,
            best and best.evidence,
            max(len(record.candidates) - 1, 0),
            best and best.template,
        )
