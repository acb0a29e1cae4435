"""Blocks of code in Markdown, with the heading above them."""

from __future__ import annotations

import re
from collections.abc import Iterator


def fenced_blocks(text: str, language: str) -> Iterator[tuple[str, int, str]]:
    """Each block of a language: its text, the number of its first line, from 1, and the text of the heading above."""
    from markdown_it import MarkdownIt

    parser = MarkdownIt("commonmark").disable("inline")  # what a line holds is of no interest
    heading, is_heading = "", False
    for token in parser.parse(text):
        if is_heading:
            heading = re.sub(r"[`*]|\s+#+\s*$", "", token.content).strip()
        is_heading = token.type == "heading_open"
        if token.type == "fence" and token.map and token.info.strip(" {}").split()[:1] == [language]:
            yield token.content, token.map[0] + 2, heading
