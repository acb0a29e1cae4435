"""Spans packed into the rows of lanes, as they are drawn: side by side in time, below what they are part of."""

from __future__ import annotations

import contextlib
import os
from collections.abc import Callable
from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt

from telemap.stats.trace_forests import NO_PARENT, Flags, Ints, Places

Rows = Callable[[Places, Ints, Ints, Places, int], tuple[bytearray, bytearray]]

AT_ONCE = 1 << 18  # as Python's numbers, which take four times the memory


def packed(
    lane: Places, start: Ints, end: Ints, parent: Places, most_rows: int
) -> tuple[Places, npt.NDArray[np.uint8], Flags]:
    """The order in which spans are placed, and in that order the row of each and whether it is there by force.

    Each comes into the first row of its lane in which all before it is over, below its parent if that is in the lane.
    They come in the order of their starts, no child before its parent, of several at once the longest first; one of
    0 ns takes a place as if it took 1 ns. What finds no row shares the last one.

    Args:
        lane: a number for each span, from 0 on.
        start: ns.
        end: ns, not before the start.
        parent: the place of the parent, or a number below zero.
        most_rows: of a lane, at most 256.
    """
    is_within = (parent >= 0) & (lane[np.maximum(parent, 0)] == lane)
    above: Places = np.where(is_within, parent, NO_PARENT).astype(np.int32)
    turn, depth = _turns(above, start)
    order = np.argsort(turn, kind="stable").astype(np.int32)  # most come in order, and few at once
    same = turn[order[1:]] == turn[order[:-1]]
    is_tied = np.append(same, False)[: len(order)] | np.append(False, same)[: len(order)]
    tied = order[is_tied]
    order[is_tied] = tied[np.lexsort(((start - end)[tied], depth[tied], turn[tied]))]
    order = order[np.argsort(lane[order], kind="stable")]
    place = np.full(len(order) + 1, NO_PARENT, np.int32)  # behind the last one: that of no parent
    place[order] = np.arange(len(order))
    until = np.maximum(end, start + 1)
    rows, is_forced = _rows(lane[order], start[order], until[order], place[above[order]], most_rows)
    return order, np.frombuffer(rows, np.uint8), np.frombuffer(is_forced, np.bool_)


def _turns(above: Places, start: Ints) -> tuple[Ints, Ints]:
    """Of each span the latest start of it and all above it, and how many these are; each round looks twice as far."""
    turn, depth = start, (above >= 0).astype(np.int64)
    below = np.flatnonzero(above >= 0)
    for _ in range(len(above).bit_length()):  # circles go on for ever
        if not len(below):
            break
        over = above[below]
        turn, depth, further = turn.copy(), depth.copy(), np.full(len(above), NO_PARENT, np.int32)
        turn[below] = np.maximum(turn[below], turn[over])
        depth[below] += depth[over]
        further[below] = above[over]
        above, below = further, below[further[below] >= 0]
    return turn, depth


def rows_of(lane: Places, start: Ints, until: Ints, parent: Places, most_rows: int) -> tuple[bytearray, bytearray]:
    """The row of each span, and whether it is there by force; spans come in the order in which they are placed.

    Args:
        lane: the spans of one follow each other.
        start: ns.
        until: ns, from which on its row is free again.
        parent: the place of the parent, or a number below zero; a parent that comes later counts as none.
        most_rows: of a lane, at most 256.
    """
    rows, is_forced = bytearray(len(lane)), bytearray(len(lane))
    last, current, reached = most_rows - 1, NO_PARENT, [0]
    never = int(np.iinfo(np.int64).min)
    for begin in range(0, len(lane), AT_ONCE):
        part = slice(begin, begin + AT_ONCE)
        columns = (lane[part].tolist(), start[part].tolist(), until[part].tolist(), parent[part].tolist())
        for at, (own, begun, over, above) in enumerate(zip(*columns, strict=True), begin):
            if own != current:
                current, reached = own, [never] * most_rows
            row = min(rows[above] + 1, last) if 0 <= above < at else 0
            while row < last and reached[row] > begun:
                row += 1
            if reached[row] > begun:
                is_forced[at] = True
                over = max(over, reached[row])
            reached[row] = over
            rows[at] = row
    return rows, is_forced


native: Rows | None = None
if not TYPE_CHECKING:
    with contextlib.suppress(ImportError):
        from telemap.stats._lanes import rows_of as native

_rows = rows_of if native is None or os.environ.get("TELEMAP_PURE_PYTHON") else native
