"""The writer for people: coloured where that is seen, plain text everywhere else, never wider than the terminal."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING, TextIO

from rich.cells import cell_len
from rich.text import Text as Line

from telemap.reports.blocks import Block, Column, Kind, Next, Table, Text, Title, Verbatim, cell
from telemap.reports.layout import GAP, fitted, lay_out

if TYPE_CHECKING:
    from rich.console import Console

# Blue to orange through purple, which every kind of colour vision tells apart; readable on dark and on light.
HEAT_COLOURS = ("#5b7fd4", "#8266c2", "#b0529c", "#d3566b", "#e8743b")
LEAST_WIDTH = 30
NOTHING = ("", "–")
EIGHTHS = " ▏▎▍▌▋▊▉█"
NOT_PRINTABLE = str.maketrans(dict.fromkeys((*range(32), 127), " "))


def write_terminal(blocks: Iterable[Block], out: TextIO) -> None:
    """Write all blocks; the width is that of the terminal, or of ``COLUMNS``, or 80."""
    from rich.console import Console

    console = Console(file=out, highlight=False, markup=False, emoji=False)
    above: Block | None = None
    for block in blocks:
        if isinstance(block, Table) and block.is_list and not block.rows:
            continue
        if above is not None and not (isinstance(above, Title) and isinstance(block, Text)):
            console.print()
        _write(console, block)
        above = block


def _write(console: Console, block: Block) -> None:
    match block:
        case Title(text):
            console.print(text, style="bold")
        case Text(text):
            console.print(text)
        case Verbatim(text, _):
            console.out(text.rstrip("\n"), highlight=False)
        case Next(command, purpose):
            console.print(f"next: {command}  ({purpose})", style="dim", soft_wrap=True)
        case Table():
            _write_table(console, block)


def _write_table(console: Console, table: Table) -> None:
    shown = [place for place, column in enumerate(table.columns) if column.heading]
    columns = [table.columns[place] for place in shown]
    rows = [[row[place] for place in shown] for row in table.seen]
    texts = [
        [cell(value, column.kind).translate(NOT_PRINTABLE) for value, column in zip(row, columns, strict=True)]
        for row in rows
    ]
    if table.is_list:
        _write_list(console, columns, texts)
        return
    layout = lay_out(columns, texts, console.width, keeps_empty=table.keeps_empty)
    if layout is None:
        _write_records(console, columns, texts)
        return
    headings = (
        fitted(columns[place].heading, width, columns[place].kind)
        for place, width in zip(layout.places, layout.widths, strict=True)
    )
    _write_line(console, Line((" " * GAP).join(headings), style="bold"))
    for row, written in zip(rows, texts, strict=True):
        cells = (
            _cell(row[place], written[place], width, columns[place].kind)
            for place, width in zip(layout.places, layout.widths, strict=True)
        )
        _write_line(console, Line(" " * GAP).join(cells))


def _write_line(console: Console, line: Line) -> None:
    line.rstrip()
    console.print(line, no_wrap=True, overflow="ignore", crop=False)


def _cell(value: object, text: str, width: int, kind: Kind) -> Line:
    if kind is Kind.HEAT and isinstance(value, float):
        return _bar(value, width)
    is_fault = kind is Kind.FAULTS and bool(value)
    return Line(fitted(text, width, kind), style="bold red" if is_fault else "")


def _bar(heat: float, width: int) -> Line:
    whole, part = divmod(round(heat * width * 8), 8)
    bar = "█" * whole + (EIGHTHS[part] if part else "")
    colour = HEAT_COLOURS[min(int(heat * len(HEAT_COLOURS)), len(HEAT_COLOURS) - 1)]
    return Line(bar.ljust(width), style=colour)


def _write_list(console: Console, columns: Sequence[Column], texts: Sequence[Sequence[str]]) -> None:
    """What each row is about, beside it what is said of that, below it the details."""
    width = max((cell_len(row[0]) for row in texts), default=0) + GAP
    for head, sentence, *details in texts:
        told = [
            f"{column.heading} {text}" for column, text in zip(columns[2:], details, strict=True) if text not in NOTHING
        ]
        lines = Line(sentence).wrap(console, max(console.width - width, LEAST_WIDTH))
        for place, line in enumerate(lines):
            _write_line(console, Line(fitted(head if place == 0 else "", width, Kind.TEXT), style="bold") + line)
        if told:
            console.print(" " * width + ", ".join(told), style="dim", soft_wrap=True)


def _write_records(console: Console, columns: Sequence[Column], texts: Sequence[Sequence[str]]) -> None:
    """A row below the other, a line a value, where a line a row has no room."""
    width = max(cell_len(column.heading) for column in columns)
    for number, row in enumerate(texts, start=1):
        console.print(f"row {number}", style="bold")
        for column, text in zip(columns, row, strict=True):
            console.print(f"  {fitted(column.heading, width, Kind.TEXT)}  {text}".rstrip(), soft_wrap=True)
