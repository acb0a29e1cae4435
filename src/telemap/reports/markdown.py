"""The writer of Markdown."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TextIO

from telemap.reports.blocks import Block, Table, Text, Title, Verbatim, cell


def write_markdown(blocks: Iterable[Block], out: TextIO) -> None:
    """Write all blocks but what to do next, which is for people at a terminal."""
    parts = [part for block in blocks if (part := _markdown(block))]
    out.write("\n\n".join(parts) + "\n")


def _markdown(block: Block) -> str:
    match block:
        case Title(text):
            return f"## {text}"
        case Text(text):
            return text
        case Verbatim(text, language):
            return f"```{language}\n{text.rstrip()}\n```"
        case Table() if block.rows or not block.is_list:
            return _table(block)
    return ""


def _table(table: Table) -> str:
    shown = [(place, column) for place, column in enumerate(table.columns) if column.heading]
    lines = [
        [column.heading for _, column in shown],
        ["---:" if column.kind.is_numeric else "---" for _, column in shown],
        *([_escaped(cell(row[place], column.kind)) for place, column in shown] for row in table.seen),
    ]
    return "\n".join(f"| {' | '.join(line)} |" for line in lines)


def _escaped(text: str) -> str:
    return text.replace("\\", "\\\\").replace("|", "\\|").replace("\n", "<br>")
