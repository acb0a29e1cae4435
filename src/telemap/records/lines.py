"""A block of bytes → its lines and their shapes, and the same without the secrets that stand in them."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field

import numpy as np
import numpy.typing as npt

from telemap.records import scan
from telemap.records.columns import Ints
from telemap.records.redaction import Redactor, joined
from telemap.records.resolve import MOST_SHAPES, Resolver

AVERAGE_LINE_BYTES = 32  # output arrays are sized for lines this short; a denser block is split in several calls
LONG_LINE_BYTES = 2**20  # lines of a shape that has one are searched for secrets: to judge the shape takes longer


@dataclass(slots=True)
class Lines:
    """The lines of a block: where each begins in ``data``, its length without the line end, its shape, where its first
    masks end; and the secrets that were in them. ``classes`` are the shapes as indices into what is known of them."""

    data: memoryview
    offsets: Ints
    lengths: Ints
    shapes: npt.NDArray[np.uint32]
    heads: npt.NDArray[np.uint16]
    secrets: Counter[str] = field(default_factory=Counter)
    classes: Ints = field(init=False)

    def __post_init__(self) -> None:
        self.classes = _indices(self.shapes)

    def reshape(self, lines: Ints, shapes: npt.NDArray[np.uint32], heads: npt.NDArray[np.uint16]) -> None:
        """Give some lines the shapes that they have now."""
        self.shapes[lines], self.heads[lines], self.classes[lines] = shapes, heads, _indices(shapes)

    def text(self, line: int) -> bytes:
        """One line."""
        start = int(self.offsets[line])
        return bytes(self.data[start : start + int(self.lengths[line])])

    def first_of(self, wanted: Ints) -> list[bytes]:
        """The first line of each of some classes."""
        if not len(wanted):
            return []
        first = np.full(MOST_SHAPES + 1, -1, np.int64)
        first[self.classes[::-1]] = np.arange(len(self.classes) - 1, -1, -1)
        return [self.text(line) for line in first[wanted].tolist()]


def _indices(shapes: npt.NDArray[np.uint32]) -> Ints:
    return np.minimum(shapes, MOST_SHAPES).astype(np.int64)


def split(data: memoryview, classes: scan.ClassTable) -> Lines:
    """The lines of a block, whose shapes are numbered by ``classes``."""
    size = max(len(data) // AVERAGE_LINE_BYTES, 16)
    parts: list[tuple[Ints, Ints, npt.NDArray[np.uint32], npt.NDArray[np.uint16]]] = []
    place, count = 0, size
    while count == size:
        shapes, heads = np.empty(size, np.uint32), np.empty((size, scan.HEADS), np.uint16)
        part = np.empty(size, np.int64), np.empty(size, np.int64), shapes, heads
        count, place = scan.split(data, place, len(data), True, classes, *part)
        parts.append((part[0][:count], part[1][:count], shapes[:count], heads[:count]))
    return Lines(data, *(parts[0] if len(parts) == 1 else map(np.concatenate, zip(*parts, strict=True))))


class LineRedactor:
    """Removes secrets from blocks, and knows of each shape whether its lines can hold one."""

    def __init__(self, redactor: Redactor, resolver: Resolver) -> None:
        self._redactor = redactor
        self._resolver = resolver
        self._is_known = np.zeros(MOST_SHAPES + 1, np.bool_)
        self._is_suspect = np.zeros(MOST_SHAPES + 1, np.bool_)
        self._is_known[-1] = self._is_suspect[-1] = True

    def removed(self, lines: Lines) -> Lines:
        """``lines`` without their secrets, at the same places; their shapes are those of what stands there now."""
        is_known = self._is_known[lines.classes]
        if not is_known.all():
            long = lines.classes[~is_known & (lines.lengths > LONG_LINE_BYTES)]
            self._is_suspect[long] = self._is_known[long] = True
            counts = np.bincount(lines.classes)
            new = np.flatnonzero((counts > 0) & ~self._is_known[: len(counts)])
            self._is_suspect[new] = self._redactor.are_suspect(lines.first_of(new), self._resolver.has_values)
            self._is_known[new] = True
        suspects = np.flatnonzero(self._is_suspect[lines.classes])
        if not len(suspects):
            return lines
        ends = lines.offsets + lines.lengths
        redaction = self._redactor.redacted(lines.data, lines.offsets, ends, suspects)
        changed = redaction.lines
        lines.data, lines.secrets = redaction.block, redaction.secrets
        if len(changed):
            text = joined(lines.data, lines.offsets[changed], ends[changed])
            shapes, heads = np.empty(len(changed), np.uint32), np.empty((len(changed), scan.HEADS), np.uint16)
            places = np.empty(len(changed), np.int64), np.empty(len(changed), np.int64)
            scan.split(text, 0, len(text), True, self._resolver.classes, *places, shapes, heads)
            lines.reshape(changed, shapes, heads)
        return lines
