"""The writer of drawings as Mermaid flowcharts in Markdown, as pull requests and wikis show them."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from typing import TextIO

from telemap.exports.mermaid import MOST_CHARACTERS, MOST_LINES, flowchart
from telemap.model.drawings import Drawing

_MARKDOWN = re.compile(r"[\\`*_{}\[\]<>#|~&]")


def write_mermaid(drawings: Iterable[Drawing], out: TextIO) -> None:
    """Write each drawing as a heading, a sentence and a fenced flowchart."""
    parts = [part for drawing in drawings for part in _parts(drawing)]
    out.write("\n\n".join(parts) + "\n")


def _parts(drawing: Drawing) -> Iterator[str]:
    yield f"### {_plain(drawing.title)}"
    yield _plain(drawing.text)
    text, left_out = flowchart(drawing)
    if len(text) > MOST_CHARACTERS or len(drawing.lines) - left_out > MOST_LINES:
        yield f"Too large to be drawn: {len(drawing.boxes):,} boxes and {len(drawing.lines):,} lines."
        return
    if left_out:
        yield f"The {left_out:,} rarest of {len(drawing.lines):,} lines are not drawn."
    yield f"```mermaid\n{text}```"


def _plain(text: str) -> str:
    return _MARKDOWN.sub(lambda found: f"\\{found[0]}", " ".join(text.split()))
