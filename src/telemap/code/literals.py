"""Literals of text: what stands in them, and the expressions whose values are put between."""

from __future__ import annotations

import re
from collections.abc import Iterator
from itertools import groupby
from typing import TYPE_CHECKING

from telemap.code.syntax import Syntax
from telemap.code.templates import unescaped

if TYPE_CHECKING:
    from ast_grep_py import SgNode


def literal_parts(node: SgNode, syntax: Syntax) -> Iterator[str | SgNode]:
    """The texts in a literal, and the expressions or interpolations between them, in their order."""
    written = node.text()
    is_raw = re.match(syntax.raw, written) is not None
    is_doubled = re.match(syntax.doubled, written) is not None

    def meant(part: str) -> str:
        text = part if is_raw else unescaped(re.sub(syntax.continuation, "", part))
        return text.replace("{{", "{").replace("}}", "}") if is_doubled else text

    children = node.children()
    if not children:
        yield meant(re.sub(syntax.quotes, "", written))
    # A literal may be cut at its escapes, which can say something of what follows them.
    for is_text, group in groupby(children, key=lambda child: child.kind() in syntax.fragments):
        if is_text:
            yield meant("".join(child.text() for child in group))
        else:
            yield from (child for child in group if child.is_named() and child.kind() not in syntax.delimiters)
