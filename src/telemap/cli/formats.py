"""``telemap formats``: the log formats that are known, new ones, and why a line does or does not fit."""

from collections.abc import Iterable, Iterator
from importlib import resources
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from telemap.cli.groups import Group
from telemap.cli.options import Form, FormOption, OutputOption, answer, example, known_formats, project
from telemap.errors import TelemapError
from telemap.model.documents import Document, Shape
from telemap.reports.blocks import Block, Column, Kind, Next, Table, Verbatim

if TYPE_CHECKING:
    from telemap.records.formats import Format

EXAMPLE = "telemap formats list"
FOLDER = "formats"  # of the project's own formats

formats = typer.Typer(
    cls=Group,
    help="Log formats: which there are, and why a line fits or not.",
    no_args_is_help=True,
    rich_markup_mode=None,
    pretty_exceptions_enable=False,
)


class FormatShape(Shape, frozen=True):
    """A log format and where it comes from."""

    name: str
    kind: str
    title: str
    origin: str
    patterns: list[str]
    events: list[str]


class Formats(Document, frozen=True, kw_only=True):
    """All log formats."""

    formats: list[FormatShape]


class Rule(Shape, frozen=True):
    """A pattern or an event: its name and the regular expression of it."""

    name: str
    regex: str


class FormatDocument(Document, frozen=True, kw_only=True):
    """One log format in full."""

    name: str
    title: str
    origin: str
    patterns: list[Rule]
    events: list[Rule]
    text: str


@formats.command("list", epilog=example("telemap formats list"))
def list_formats(form: FormOption = Form.TABLE, output: OutputOption = "-") -> None:
    """The log formats: the project's own first, then the bundled ones."""
    shapes = [
        FormatShape(
            f.name,
            _kind(f),
            f.title,
            f.origin,
            [p.name for p in f.patterns],
            list(dict.fromkeys(e.name for e in f.events)),
        )
        for f in known_formats(project())
    ]
    answer(Formats(formats=shapes), _list_blocks(shapes), form, output)


@formats.command("show", epilog=example("telemap formats show musical-conductor"))
def show_format(
    name: Annotated[str, typer.Argument(metavar="NAME", help="A format's name, as telemap formats list tells it.")],
    form: FormOption = Form.TABLE,
    output: OutputOption = "-",
) -> None:
    """The file of one log format: a start for one of your own."""
    found = next((f for f in known_formats(project()) if f.name == name), None)
    if found is None:
        raise TelemapError(
            "no-format", f"there is no log format '{name}'", help="telemap formats list shows what there is"
        )
    text = _text(found)
    document = FormatDocument(
        name=found.name,
        title=found.title,
        origin=found.origin,
        patterns=[Rule(pattern.name, pattern.regex.pattern.decode()) for pattern in found.patterns],
        events=[Rule(event.name, event.regex.pattern.decode()) for event in found.events],
        text=text,
    )
    answer(document, [Verbatim(text, "toml")], form, output)


# What the other verbs need takes longer to load than help may: it is loaded when they run.


@formats.command("try", epilog=example("telemap formats try logs/app.log --line 3"))
def try_lines(
    file: Annotated[str, typer.Argument(metavar="FILE", help="A log, plain or packed.")],
    line: Annotated[
        int | None, typer.Option(min=1, metavar="N", help="Only line N, with all that is read in it.")
    ] = None,
    log_format: Annotated[
        str | None, typer.Option(metavar="NAME", help="The log format, instead of finding out.")
    ] = None,
    form: FormOption = Form.TABLE,
    output: OutputOption = "-",
) -> None:
    """How the first lines of a log are understood, and why not."""
    from telemap.cli import trying

    trying.try_lines(file, line, log_format, form, output)


@formats.command("new", epilog=example("telemap formats new logs/app.log -o formats/app.toml"))
def new_format(
    file: Annotated[str, typer.Argument(metavar="FILE", help="A log that no format fits.")],
    name: Annotated[str | None, typer.Option(metavar="NAME", help="The format's name; else that of the file.")] = None,
    output: Annotated[
        Path | None,
        typer.Option("--output", "-o", metavar="FILE", help="Write it to a new file, else to the terminal."),
    ] = None,
    form: FormOption = Form.TABLE,
) -> None:
    """Propose a log format from the first lines of a log."""
    from telemap.cli import making

    making.new_format(file, name, output, form)


@formats.command("import", epilog=example("telemap formats import ~/.config/lnav/formats/installed/app_log.json"))
def import_formats(
    file: Annotated[Path, typer.Argument(metavar="FILE", help="A format file of lnav's (JSON).")],
    output: Annotated[
        Path | None,
        typer.Option("--output", "-o", metavar="DIR", help=f"Folder to write to; by default {FOLDER} in the project."),
    ] = None,
    form: FormOption = Form.TABLE,
) -> None:
    """Translate the log formats of lnav, and tell what could not be translated."""
    from telemap.cli import making

    making.import_formats(file, output, form)


def _kind(log_format: "Format") -> str:
    """What lines a format is for: ``generic`` are those of many programs, in text or JSON."""
    if log_format.wraps is not None:
        return "wrapper"
    if log_format.is_generic:
        return "generic"
    return "text" if log_format.members is None else "json"


def _list_blocks(shapes: Iterable[FormatShape]) -> Iterator[Block]:
    columns = (
        Column("name", "name"),
        Column("kind", "kind"),
        Column("", "patterns", Kind.COUNT),
        Column("events", "events", Kind.COUNT, rank=2),
        Column("title", "title"),
        Column("from", "origin", Kind.PLACE, rank=1),
    )
    yield Table(columns, [(f.name, f.kind, len(f.patterns), len(f.events), f.title, f.origin) for f in shapes])
    yield Next("telemap formats try FILE", "how the lines of a log are understood")


def _text(log_format: "Format") -> str:
    from telemap.records.format_files import bundled_formats

    if log_format in bundled_formats():
        return resources.files("telemap.records").joinpath(log_format.origin).read_text(encoding="utf-8")
    return Path(log_format.origin).read_text(encoding="utf-8")
