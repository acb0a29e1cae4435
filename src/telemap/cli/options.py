"""What several verbs have in common: options, the project and its store, and where the answer goes."""

import sys
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, TextIO

import typer

from telemap.config import Config, find_config, shown_path
from telemap.errors import TelemapError
from telemap.model.documents import Document
from telemap.model.findings import Severity
from telemap.reports.blocks import Block
from telemap.store.store import Store

if TYPE_CHECKING:
    from telemap.model.drawings import Drawing
    from telemap.records.formats import Format


class Form(StrEnum):
    """What an answer is written as."""

    TABLE = "table"
    JSON = "json"
    CSV = "csv"
    MD = "md"


class DrawnForm(StrEnum):
    """What an answer is written as that can be drawn."""

    TABLE = "table"
    JSON = "json"
    CSV = "csv"
    MD = "md"
    MERMAID = "mermaid"


class LinesForm(StrEnum):
    """What an answer is written as that is an object a line, whether it is called that or JSON."""

    JSONL = "jsonl"
    JSON = "json"
    TABLE = "table"
    CSV = "csv"
    MD = "md"


STORE_HELP = "Folder of the store; by default .telemap/store in the project."

StoreOption = Annotated[Path | None, typer.Option("--db", metavar="DIR", help=STORE_HELP, show_default=False)]
FormOption = Annotated[Form, typer.Option("--format", help="What to write the answer as.")]
DrawnFormOption = Annotated[DrawnForm, typer.Option("--format", help="What to write the answer as.")]
LinesFormOption = Annotated[
    LinesForm, typer.Option("--format", help="What to write them as; json is an object a line, too.")
]
FailOption = Annotated[
    Severity | None,
    typer.Option("--fail-on", help="End with status 1 if anything is found that is at least so grave."),
]
OutputOption = Annotated[
    str, typer.Option("--output", "-o", metavar="FILE", help="Write the answer to a file; - is standard output.")
]


def example(command: str) -> str:
    """The end of a verb's help: a command that works."""
    return f"\b\nExample:\n  {command}"


def project() -> Config:
    """The settings of the project that the working folder lies in."""
    return find_config(Path.cwd())


def store_folder(given: Path | None, config: Config) -> Path:
    """The store's folder, as people would write it from here."""
    return given or Path(shown_path(config.store_folder))


def open_store(given: Path | None) -> Store:
    """The store to ask.

    Raises:
        TelemapError: ``no-store``: there is none.
    """
    return Store(store_folder(given, project()))


def make_store(given: Path | None, config: Config) -> Store:
    """The store to write to, made if need be; the project's own is kept out of its git repository."""
    store = Store(store_folder(given, config), create=True)
    ignored = config.store_folder.parent / ".gitignore"
    if given is None and not ignored.exists():
        ignored.write_text("*\n", encoding="utf-8")
    return store


@contextmanager
def opened(output: str) -> Iterator[TextIO]:
    """Where the answer goes.

    Raises:
        TelemapError: ``no-output``: the file cannot be written.
    """
    if output == "-":
        yield sys.stdout
        return
    try:
        file = Path(output).open("w", encoding="utf-8", newline="\n")  # noqa: SIM115 - errors while writing are others
    except OSError as error:
        raise TelemapError(
            "no-output",
            "the answer cannot be written",
            reason=error.strerror,
            place=output,
            help="choose another -o FILE",
        ) from error
    with file:
        yield file


def answer(document: object, blocks: Iterable[Block], form: Form, output: str) -> None:
    """Write an answer: the document for programs, the blocks for everything else."""
    with opened(output) as out:
        if form is Form.JSON:
            from telemap.reports.data import write_json

            write_json(document, out)
        elif form is Form.CSV:
            from telemap.reports.data import write_csv

            write_csv(blocks, out)
        elif form is Form.MD:
            from telemap.reports.markdown import write_markdown

            write_markdown(blocks, out)
        else:
            from telemap.reports.terminal import write_terminal

            write_terminal(blocks, out)


def draw(drawings: Iterable["Drawing"], output: str) -> None:
    """Write an answer as pictures."""
    from telemap.reports.mermaid import write_mermaid

    with opened(output) as out:
        write_mermaid(drawings, out)


def fail_on(severity: Severity | None, document: Document) -> None:
    """End with status 1 if a finding of the document is at least so grave; never, where no severity is given.

    Raises:
        typer.Exit: it is.
    """
    if severity is not None and any(
        one.accepted is None and one.severity.rank >= severity.rank for one in document.findings()
    ):
        raise typer.Exit(1)


def answer_lines(documents: Iterable[object], blocks: Iterable[Block], form: LinesForm, output: str) -> None:
    """Write an answer while it comes: a document a line for programs, the blocks for everything else."""
    if form in (LinesForm.JSONL, LinesForm.JSON):
        from telemap.reports.data import write_json_lines

        with opened(output) as out:
            write_json_lines(documents, out)
    else:
        answer(None, blocks, Form(form.value), output)


def warn(text: str) -> None:
    """Tell something that may be wrong, beside the answer."""
    typer.echo(f"warning: {text}", err=True)


def known_formats(config: Config) -> tuple["Format", ...]:
    """The project's own formats, then the bundled ones that none of them replaces."""
    from telemap.records.format_files import bundled_formats, read_formats

    own = tuple(read_formats(config.format_files()))
    names = {log_format.name for log_format in own}
    return own + tuple(bundled for bundled in bundled_formats() if bundled.name not in names)
