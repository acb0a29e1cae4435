"""``telemap ingest``: logs into the store."""

import shlex
from collections.abc import Container, Iterable, Sequence
from datetime import UTC, tzinfo
from typing import TYPE_CHECKING, Annotated
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

import typer

from telemap.cli.ingested import (
    Ingested,
    Totals,
    asking_why,
    ingested_blocks,
    source_table,
    warnings,
)
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
from telemap.cli.progress import reading_progress
from telemap.errors import TelemapError
from telemap.reports.blocks import Block, Next
from telemap.store.store import Store

if TYPE_CHECKING:
    from telemap.store.session import Ingest

EXAMPLE = "telemap ingest logs --build 1.4.0"

MOST_REASONS = 5


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
    store = make_store(db, config)
    document = read_logs(store, given, what)
    if form is Form.CSV:
        blocks: Iterable[Block] = [source_table(document.sources)]
    else:
        generic = {log_format.name for log_format in what.formats if log_format.is_generic}
        option = f" --db {shlex.quote(str(db))}" if db else ""
        following = _next(document, store, generic, "" if config.code else " DIR", option)
        blocks = [*ingested_blocks(document, tz), following]
    answer(document, blocks, form, output)
    for warning in warnings(document):
        warn(warning)


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
    from telemap.store.linking import link_code

    with reading_progress(paths) as progress:
        reports = loading.ingest(store, paths, what, progress)
    if not any(report.was_read for report in reports):
        reasons = "; ".join(f"{report.source}: {report.skipped}" for report in reports[:MOST_REASONS])
        raise TelemapError("nothing-read", "there is nothing to read", reason=reasons, help="telemap ingest PATH")
    link_code(store)
    return Ingested(
        sources=reports,
        totals=Totals(**loading.totals(reports)),
    )


def _next(document: Ingested, store: Store, generic: Container[str | None], code: str, db: str) -> Next:
    """What is sensible to do now.

    Args:
        document: what was read.
        store: where it is.
        generic: names of formats that say little of a log.
        code: what to index, if the settings do not say so.
        db: the option that names the store, if one was given.
    """
    if not document.totals.spans:
        if document.misread:
            return Next(asking_why(document.misread[0]), "why its lines are not understood")
        plain = [s.source for s in document.sources if s.log_format in generic and s.source != "-"]
        if plain:
            return Next(f"telemap formats new {shlex.quote(plain[0])}", "a format that says what begins and ends in it")
        sql = "SELECT severity_text, count(*) AS records FROM record GROUP BY ALL ORDER BY ALL"
        return Next(f'telemap query "{sql}"{db}', "what was logged")
    if not store.has("code_symbol"):
        return Next(f"telemap index{code}{db}", "gives every handler its place in the code")
    return Next(f"telemap heatmap{db}", "how long every handler took")
