"""How far an ingest has come, while it runs: a line on the terminal that goes when it is done."""

import sys
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from rich.progress import ProgressColumn

    from telemap.store.session import Progress

WIDE = 80  # columns of a terminal from which there is room for the bar, bytes and records
BAR_WIDTH = 16


@contextmanager
def reading_progress(paths: Sequence[str]) -> Iterator["Progress | None"]:
    """What ingest tells its progress to; None where standard error is no terminal."""
    if not sys.stderr.isatty():
        yield None
        return
    from rich.console import Console
    from rich.progress import Progress

    console = Console(stderr=True)
    with Progress(*_columns(console.width), console=console, transient=True, expand=True) as bar:
        task = bar.add_task("reading", total=_size_bytes(paths), rate="")
        shown, started, all_records = bar.tasks[0], time.monotonic(), 0

        def tell(uri: str, size_bytes: int, records: int) -> None:
            nonlocal all_records
            if not records:  # read before: none of the work that is left
                bar.update(task, total=shown.total and shown.total - size_bytes)
                return
            all_records += records
            rate = f"{all_records / (time.monotonic() - started):,.0f} records/s"
            bar.update(task, advance=size_bytes, description=Path(uri).name, rate=rate)

        yield tell


def _size_bytes(paths: Sequence[str]) -> int | None:
    """How much there is to read, as far as that is known beforehand."""
    from telemap.sources.files import FileSource, find_sources

    files = [source for source in find_sources(paths) if isinstance(source, FileSource)]
    return None if any(file.is_packed for file in files) else sum(file.size_bytes for file in files)


def _columns(width: int) -> "Sequence[ProgressColumn]":
    from rich.progress import BarColumn, DownloadColumn, TaskProgressColumn, TextColumn, TimeRemainingColumn
    from rich.table import Column

    cut = Column(ratio=1, no_wrap=True, overflow="ellipsis")
    name, left = TextColumn("{task.description}", markup=False, table_column=cut), TimeRemainingColumn(compact=True)
    if width < WIDE:
        return name, TaskProgressColumn(), left
    return name, BarColumn(BAR_WIDTH), DownloadColumn(), TextColumn("{task.fields[rate]}"), left
