"""Elements of an XML document as its bytes come in; nothing of it is fetched or expanded from elsewhere."""

from __future__ import annotations

import xml.etree.ElementTree as ElementTree
from collections.abc import Iterator
from typing import Any

from telemap.traces.batches import Problem


def local_name(element: ElementTree.Element) -> str:
    """The name of an element without its namespace."""
    return str(element.tag).rpartition("}")[2]


class Elements:
    """Each element when it ends, with how many elements are still open around it; ends where the document breaks."""

    def __init__(self, blocks: Iterator[bytes]) -> None:
        self._blocks = blocks
        self._bytes = 0
        self.problem: Problem | None = None

    def __iter__(self) -> Iterator[tuple[ElementTree.Element, int]]:
        parser: Any = ElementTree.XMLPullParser(("start", "end"))
        depth = 0
        try:
            for block in self._blocks:
                self._bytes += len(block)
                parser.feed(block)
                for event, element in parser.read_events():
                    depth += 1 if event == "start" else -1
                    if event == "end":
                        yield element, depth
            parser.close()
        except ElementTree.ParseError as error:
            line, column = error.position
            self._bytes += sum(map(len, self._blocks))
            self.problem = Problem(f"line {line}, column {column + 1}", f"no XML from here on: {error.msg}")

    def taken_bytes(self) -> int:
        """How many bytes were read since this was last asked."""
        taken, self._bytes = self._bytes, 0
        return taken
