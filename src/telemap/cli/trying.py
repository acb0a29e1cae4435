"""``telemap formats try``: how the lines of a log are understood, and where those that are not stop to fit."""

from collections.abc import Iterator, Sequence
from itertools import islice
from typing import Annotated

import typer

from telemap.cli.options import Form, FormOption, OutputOption, answer, known_formats, project
from telemap.errors import TelemapError
from telemap.model.documents import Document, Shape
from telemap.records.attempts import Attempt, attempts, event_attempts
from telemap.records.formats import Format, detect_format
from telemap.reports.blocks import Block, Column, Kind, Next, Table, Title, Verbatim
from telemap.sources.files import FileSource, Skip, find_sources

EXAMPLE = "telemap formats try logs/app.log --line 3"

FIRST_LINES = 10
SAMPLE_LINES = 2000
WINDOW = 72  # characters of a long line that are shown around the place where it stops to fit
MOST_ATTEMPTS = 3


class AttemptShape(Shape, frozen=True):
    """A pattern that a line does not fit: 1-based column where it stops, and the rest of the expression from there."""

    pattern: str
    log_format: str
    column: int
    expected: str


class LineShape(Shape, frozen=True):
    """How one line is understood; without a pattern it begins no record."""

    line: int
    text: str
    pattern: str | None
    event: str | None
    groups: dict[str, str]
    attempts: list[AttemptShape]


class Tried(Document, frozen=True, kw_only=True):
    """How the lines of a file are understood, in one log format; in none, where none fits the file."""

    source: str
    log_format: str | None
    lines: list[LineShape]


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
    source = next(find_sources([file]))
    if not isinstance(source, FileSource):
        reason = source.reason if isinstance(source, Skip) else "standard input has no first lines to come back to"
        raise TelemapError("nothing-read", "the log cannot be read", reason=reason, place=file)
    known = [f for f in known_formats(project()) if log_format in (None, f.name)]
    if not known:
        raise TelemapError(
            "no-format", f"there is no log format '{log_format}'", help="telemap formats list shows what there is"
        )
    chosen = known[0] if log_format else detect_format(list(islice(_lines(source), SAMPLE_LINES)), known)
    first, last = (line, line) if line else (1, FIRST_LINES)
    tried = [
        _shape(number, text, (chosen,) if chosen else known)
        for number, text in enumerate(islice(_lines(source), first - 1, last), start=first)
    ]
    if not tried:
        raise TelemapError("no-line", f"the log has no line {first}", place=file)
    document = Tried(source=file, log_format=chosen.name if chosen else None, lines=tried)
    answer(document, _blocks(document, is_detailed=line is not None), form, output)


def _lines(source: FileSource) -> Iterator[bytes]:
    data = b""
    for block in source.blocks(0):
        *whole, data = (data + block).split(b"\n")
        yield from (text.removesuffix(b"\r") for text in whole)
    if data:
        yield data.removesuffix(b"\r")


def _shape(number: int, text: bytes, formats: Sequence[Format]) -> LineShape:
    log_format = formats[0]
    match = log_format.match(text) if len(formats) == 1 else None
    if match is None:
        misses = [miss for f in formats for miss in _misses(attempts(text, f), text, f)]
        return LineShape(number, _shown(text), None, None, {}, sorted(misses, key=lambda miss: -miss.column))
    pattern, event, spans = match
    groups = {name: _shown(text[start:end]) for name, (start, end) in spans.items()}
    nearest = [] if event else event_attempts(text, spans.get("body", (0, len(text))), log_format)
    misses = _misses(nearest, text, log_format)
    return LineShape(number, _shown(text), pattern.name, event.name if event else None, groups, misses)


def _misses(found: Sequence[Attempt], text: bytes, log_format: Format) -> list[AttemptShape]:
    return [
        AttemptShape(miss.name, log_format.name, len(_shown(text[: miss.stop])) + 1, miss.expected) for miss in found
    ]


def _shown(text: bytes) -> str:
    return text.decode(errors="replace")


def _blocks(tried: Tried, *, is_detailed: bool) -> Iterator[Block]:
    yield Title(f"{tried.source}: {f'log format {tried.log_format}' if tried.log_format else 'no log format fits'}")
    columns = (
        Column("line", "line", Kind.COUNT),
        Column("pattern", "pattern"),
        Column("event", "event"),
        Column("text", "text"),
    )
    yield Table(columns, [(line.line, line.pattern or "–", line.event, line.text) for line in tried.lines])
    if is_detailed:
        groups = tried.lines[0].groups
        if groups:
            yield Table((Column("group", ""), Column("value", "")), list(groups.items()))
    for line in tried.lines:
        is_misfit = (
            line.pattern is None and not line.text[:1].isspace()
        )  # an indented line goes on with the record above
        if line.attempts and (is_detailed or is_misfit):
            yield Verbatim("\n".join(_explained(line)), "text")
    yield Next(f"telemap formats show {tried.log_format or 'NAME'}", "the patterns and events of a format")


def _explained(line: LineShape) -> Iterator[str]:
    from rich.cells import cell_len

    what = "no event fits" if line.pattern else "no pattern fits"
    yield f"line {line.line}: {what}; the nearest stop at the mark"
    for miss in line.attempts[:MOST_ATTEMPTS]:
        start = max(0, miss.column - 1 - WINDOW // 2)
        before = ("…" if start else "") + line.text[start : miss.column - 1]
        yield f"  {before}{line.text[miss.column - 1 : start + WINDOW]}".translate(_BLANKS)
        yield f"  {' ' * cell_len(before)}^ {miss.pattern} expects {_shortened(miss.expected)}"


_BLANKS = str.maketrans("\t\r\v\f", "    ")


def _shortened(expected: str) -> str:
    return expected if len(expected) <= WINDOW // 2 else expected[: WINDOW // 2] + "…"
