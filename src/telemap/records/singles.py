"""Lines that are matched one by one → what they say, in columns: an object a line would take five times the room."""

from __future__ import annotations

from array import array
from collections import defaultdict
from collections.abc import Iterator

import numpy as np

from telemap.records.columns import Ints
from telemap.records.stack import StackMatch


class Singles:
    """What lines of one block say; they are added in their order."""

    def __init__(self) -> None:
        self._lines = array("q")
        self._spans: defaultdict[str, array[int]] = defaultdict(lambda: array("q"))

    def add(self, line: int, match: StackMatch) -> None:
        """Take what a line says, given its number in the block."""
        self._lines.extend((line, match.format, match.rule))
        for group, (start, end) in match.spans.items():
            self._spans[group].extend((line, start, end))

    @property
    def lines(self) -> tuple[Ints, Ints, Ints]:
        """The lines, the format of each and its event, both by number in the stack."""
        return _columns(self._lines)

    @property
    def spans(self) -> Iterator[tuple[str, Ints, Ints, Ints]]:
        """By group, the lines that have it, and where it begins and ends in each."""
        return ((group, *_columns(told)) for group, told in self._spans.items())


def _columns(triples: array[int]) -> tuple[Ints, Ints, Ints]:
    first, second, third = np.ascontiguousarray(np.asarray(triples).reshape(-1, 3).T)
    return first, second, third
