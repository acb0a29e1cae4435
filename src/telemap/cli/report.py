"""``telemap report``: every analysis in one file, for people as pages and for programs as JSON."""

import os
import sys
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from enum import StrEnum
from pathlib import Path
from typing import Annotated, BinaryIO

import typer

from telemap.analyses.asking import asked
from telemap.analyses.registry import analyses
from telemap.cli.ingest import read_logs
from telemap.cli.ingested import warnings
from telemap.cli.options import StoreOption, known_formats, make_store, open_store, opened, project, warn
from telemap.config import shown_path
from telemap.errors import TelemapError
from telemap.model.documents import SCHEMA_VERSION
from telemap.store.store import Store

EXAMPLE = "telemap report logs -o report.html"
DEFAULT_FILE = "telemap-report.html"


class ReportForm(StrEnum):
    """What a report is written as."""

    HTML = "html"
    JSON = "json"


def report(
    paths: Annotated[
        list[str] | None,
        typer.Argument(metavar="PATH", help="Logs to read first, as telemap ingest does; else the store as it is."),
    ] = None,
    build: Annotated[
        str | None, typer.Option(metavar="NAME", help="The build that wrote the logs (service.version).")
    ] = None,
    service: Annotated[
        str | None, typer.Option(metavar="NAME", help="The service that wrote the logs (service.name).")
    ] = None,
    db: StoreOption = None,
    form: Annotated[ReportForm, typer.Option("--format", help="Pages, or the documents of all analyses.")] = (
        ReportForm.HTML
    ),
    output: Annotated[
        str | None,
        typer.Option(
            "--output",
            "-o",
            metavar="FILE",
            help=f"The file to write, - for standard output; else {DEFAULT_FILE}, and for JSON standard output.",
            show_default=False,
        ),
    ] = None,
) -> None:
    """Write all answers as one HTML file, or one JSON document.

    The HTML file has all data and all pages in it: it opens without a server and without a network.
    """
    store = _store(db, paths or [], build, service)
    if form is ReportForm.JSON:
        _write_json(store, output or "-")
        return
    target = output or DEFAULT_FILE
    left_out = write_html(store, project().root, target)
    if target == "-":
        return
    size = Path(target).stat().st_size
    typer.echo(f"{shown_path(Path(target))}: {size / 1e6:.1f} MB, opens in any browser, offline", err=True)
    for name, count in left_out.items():
        typer.echo(f"  {count:,} answers of '{name}' found no room in it; telemap serve has them", err=True)


def _store(db: Path | None, paths: list[str], build: str | None, service: str | None) -> Store:
    """The store, with what is new in the logs of ``paths``."""
    if not paths:
        return open_store(db)
    from telemap.store.session import Ingest

    config = project()
    what = Ingest(known_formats(config), build=build or config.build, service=service or config.service)
    store = make_store(db, config)
    for warning in warnings(read_logs(store, paths, what)):
        warn(warning)
    return store


def _write_json(store: Store, output: str) -> None:
    from telemap.reports.data import write_json

    documents = {one.name: asked(one, store, one.params(), project().root) for one in analyses().values()}
    with opened(output) as out:
        write_json({"schemaVersion": SCHEMA_VERSION, **documents}, out)


def write_html(store: Store, root: Path, output: str) -> Mapping[str, int]:
    """Write the pages of a store whole or not at all; how many answers of what found no room in the file.

    Args:
        store: what they tell of.
        root: the folder of the project.
        output: the file, or ``-`` for standard output.

    Raises:
        TelemapError: ``no-output``, ``no-front-end``.
    """
    from telemap.web.report_file import write_report
    from telemap.web.resources import Context

    context = Context(store, root)

    def progress(title: str) -> None:
        if sys.stderr.isatty():
            typer.echo(f"\r\x1b[K{title} …", err=True, nl=False)

    if output == "-":
        left_out = write_report(context, sys.stdout.buffer, progress)
    else:
        try:
            with _whole(Path(output)) as out:
                left_out = write_report(context, out, progress)
        except OSError as error:
            raise TelemapError(
                "no-output",
                "the report cannot be written",
                reason=error.strerror,
                place=output,
                help="choose another -o FILE",
            ) from error
    if sys.stderr.isatty():
        typer.echo("\r\x1b[K", err=True, nl=False)
    return left_out


@contextmanager
def _whole(path: Path) -> Iterator[BinaryIO]:
    """A file that is there when all of it is; a device or a pipe is written to as it is."""
    target = path.resolve()
    if target.exists() and not target.is_file():
        with target.open("wb") as out:
            yield out
        return
    unfinished = target.with_name(f"{target.name}.part")
    try:
        with unfinished.open("wb") as out:
            yield out
        os.replace(unfinished, target)
    finally:
        unfinished.unlink(missing_ok=True)
