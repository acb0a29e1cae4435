"""Blocks of code in Markdown, with the heading above them."""

from __future__ import annotations

import re
from collections.abc import Iterator

# To Markdown its last line would be a heading.
_FRONT_MATTER = re.compile(r"\A(---|\+\+\+)[ \t]*\n[^`]*?\n\1[ \t]*$", re.MULTILINE)


def fenced_blocks(text: str, language: str) -> Iterator[tuple[str, int, str]]:
    """Each block of a language: its text, the number of its first line, from 1, and the text of the heading above."""
    from markdown_it import MarkdownIt

    parser = MarkdownIt("commonmark").disable("inline")  # what a line holds is of no interest
    heading, is_heading = "", False
    for token in parser.parse(_FRONT_MATTER.sub(lambda found: "\n" * found[0].count("\n"), text)):
        if is_heading:
            heading = re.sub(r"[`*]|\s+#+\s*$", "", token.content).strip()
        is_heading = token.type == "heading_open"
        if token.type == "fence" and token.map and token.info.lower().strip(" {}.").split()[:1] == [language]:
            yield token.content, token.map[0] + 2, heading
