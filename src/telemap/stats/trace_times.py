"""Self times and critical paths of many traces at once; what is meant stands in docs/explanation/critical-path.md."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from telemap.stats.trace_forests import MOST_AT_ONCE, NO_PARENT, Flags, Forest, Ints, Places, Spans, forest

_OFF, _CERTAIN, _WHOLE, _LOOSE = range(4)
"""Whether a span is on a path: not; surely; wholly or not at all; with any part of its time or not at all."""
_TAKES_OVER, _MAY_TAKE_OVER = 1, 2  # what a child is to its parent; beside _OFF and _LOOSE


@dataclass(frozen=True, slots=True)
class TraceTimes:
    """What is known of each span; of those without known times, 0 ns and a path of their own.

    Args:
        covered_ns: time in which a child was going on; the rest of its duration is its self time.
        least_ns: time on the path that is its own and not its children's, in every reading.
        most_ns: the same in some reading, or more.
        path: the place of the span whose path it belongs to.
        is_ambiguous: of the first span of a path: there are several readings of it.
        forest: the spans within their parents, and what was odd about them.
    """

    covered_ns: Ints
    least_ns: Ints
    most_ns: Ints
    path: Places
    is_ambiguous: Flags
    forest: Forest


def trace_times(spans: Spans) -> TraceTimes:
    """Self times and critical paths of ``spans``.

    The critical path is walked from the end of the first span backwards: whatever child ended last held its parent up,
    and before that child began, the last of those that had ended by then (C.-Q. Yang and B. P. Miller, Critical Path
    Analysis for the Execution of Parallel and Distributed Programs, ICDCS 1988, for the idea). Where children overlap,
    or nobody knows whether the parent waited, all readings are within ``least_ns`` and ``most_ns``.
    """
    trees = forest(spans)
    work = _Work(trees, spans.is_asynchronous)
    is_cut = trees.start is not trees.whole_start or trees.end is not trees.whole_end
    for family in _families(trees.parent, trees.whole_start, trees.whole_end):
        work.cover(family)
        if not is_cut:
            work.divide(family)
    for family in _families(trees.parent, trees.start, trees.end) if is_cut else ():
        work.divide(family)
    return work.result()


@dataclass(frozen=True, slots=True)
class _Family:
    """Children of some spans, by parent and start, on one axis on which no two parents overlap.

    Args:
        child: their places.
        parent: of each.
        begin: ns on the axis.
        end: ns on the axis.
        origin: what to add for a time.
    """

    child: Places
    parent: Places
    begin: Ints
    end: Ints
    origin: Ints

    def chosen(self, which: Flags) -> _Family:
        """Some of them."""
        return _Family(self.child[which], self.parent[which], self.begin[which], self.end[which], self.origin[which])

    def groups(self) -> tuple[Ints, Ints, Ints, Ints]:
        """Of each group of children that overlap in a row: its first child, its size, begin, end."""
        reach = np.maximum.accumulate(self.end)
        is_first = np.ones(len(reach), np.bool_)
        is_first[1:] = self.begin[1:] >= reach[:-1]
        first = np.flatnonzero(is_first)
        last = np.append(first[1:], len(reach)) - 1
        return first, last - first + 1, self.begin[first], reach[last]


def _families(parent: Places, start: Ints, end: Ints) -> Iterator[_Family]:
    """All children with some time inside of their parents, so many at once that their times fit on one axis."""
    child: Places = np.flatnonzero(parent != NO_PARENT).astype(np.int32)
    for key in (start, parent):
        child = child[np.argsort(key[child], kind="stable")]
    at = 0
    while at < len(child):
        part = child[at : at + MOST_AT_ONCE]
        if len(part) == MOST_AT_ONCE:  # all children of a parent, or the whole of a parent with more of them
            above = parent[part]
            begun = int(np.searchsorted(above, above[-1]))
            part = child[at : at + begun] if begun else child[at : np.searchsorted(parent[child], above[-1], "right")]
        at += len(part)
        yield from _on_axis(part, parent[part], start, end)


def _on_axis(child: Places, parent: Places, start: Ints, end: Ints) -> Iterator[_Family]:
    is_first = np.append(True, parent[1:] != parent[:-1])
    first = np.flatnonzero(is_first)
    lengths = end[parent[first]] - start[parent[first]]
    if lengths.sum(dtype=np.float64) + len(lengths) >= 2.0**62 and len(lengths) > 1:
        middle = first[len(lengths) // 2]
        yield from _on_axis(child[:middle], parent[:middle], start, end)
        yield from _on_axis(child[middle:], parent[middle:], start, end)
        return
    base = (np.cumsum(lengths + 1) - lengths - 1)[np.cumsum(is_first) - 1]
    low, high = start[parent], end[parent]
    begin = np.clip(start[child], low, high) - low + base
    over = np.clip(end[child], low, high) - low + base
    if (begin < over).any():
        yield _Family(child, parent, begin, over, low - base).chosen(begin < over)


class _Work:
    """Sums over the children of each span, what each is to its parent, and then who is on a path."""

    def __init__(self, trees: Forest, is_asynchronous: Flags) -> None:
        count = len(trees.parent)
        self.trees, self.is_asynchronous = trees, is_asynchronous
        self.covered = np.zeros(count, np.int64)
        self.own = np.where(trees.is_timed, trees.end - trees.start, 0)  # no child is going on
        self.open = np.zeros(count, np.int64)  # children are, and it is not known which holds the span up, if any
        self.mixed = np.zeros(count, np.int64)  # the same, where the end may be any
        self.role = np.zeros(count, np.int8)
        self.until = trees.end.copy()  # of one that is on a path, the latest

    def cover(self, family: _Family) -> None:
        """Take in how long children were going on; all of a parent at once."""
        first, _, begin, end = family.groups()
        np.add.at(self.covered, family.parent[first], end - begin)

    def divide(self, family: _Family) -> None:
        """Who held the parents up, as far as the order of ends tells: in each group the one that ended last, if one."""
        is_within = ~self.trees.is_apart[family.child]
        if not is_within.any():
            return
        family = family.chosen(is_within)
        first, size, begin, end = family.groups()
        group = np.repeat(np.arange(len(first)), size)
        is_asynchronous = self.is_asynchronous[family.child]
        ends_last = family.end == end[group]
        is_decided = np.add.reduceat(ends_last.astype(np.int64), first) == 1
        is_decided &= ~np.isin(np.arange(len(first)), group[ends_last & is_asynchronous])
        takes_over = ends_last & is_decided[group]
        open_until = end.copy()
        open_until[group[takes_over]] = family.begin[takes_over]
        is_alone = (size == 1)[group]
        may_take_over = is_alone & is_asynchronous
        is_loose = ~takes_over & ~may_take_over & (family.begin < open_until[group])
        self.role[family.child] = np.select(
            [takes_over, may_take_over, is_loose], [_TAKES_OVER, _MAY_TAKE_OVER, _LOOSE], _OFF
        )
        loose = family.chosen(is_loose)
        self.until[loose.child] = np.minimum(loose.end, open_until[group[is_loose]]) + loose.origin
        parent = family.parent[first]
        np.subtract.at(self.own, parent, end - begin)
        np.add.at(self.open, parent, open_until - begin)
        np.add.at(self.mixed, parent, np.where((size == 1) & is_decided, 0, end - begin))

    def result(self) -> TraceTimes:
        """All of it; nothing is to be added after."""
        trees, state = self.trees, np.zeros(len(self.own), np.int8)
        path: Places = np.arange(len(self.own), dtype=np.int32)
        for depth, level in enumerate(trees.levels):
            if not depth:
                state[level] = _CERTAIN
                continue
            above = trees.parent[level]
            over, role, is_apart = state[above], self.role[level], trees.is_apart[level]
            is_loose = (over == _LOOSE) & (trees.start[level] < self.until[above])
            until = np.where(over == _LOOSE, np.minimum(trees.end[level], self.until[above]), self.until[level])
            follows = np.choose(role, [_OFF, over, _WHOLE, _LOOSE])
            now = np.where(over == _LOOSE, is_loose * _LOOSE, np.where(over == _OFF, _OFF, follows))
            state[level] = np.where(is_apart, _CERTAIN, now)
            self.until[level] = np.where(is_apart, trees.end[level], until)
            path[level] = np.where(is_apart, level, path[above])
        return self._told(state, path)

    def _told(self, state: npt.NDArray[np.int8], path: Places) -> TraceTimes:
        most = self.own + self.open
        loose = np.flatnonzero(state == _LOOSE)
        most[loose] = np.minimum(self.until[loose] - self.trees.start[loose], self.own[loose] + self.mixed[loose])
        most[state == _OFF] = 0
        least = self.own
        least[state != _CERTAIN] = 0
        is_ambiguous = np.zeros(len(path), np.bool_)
        is_ambiguous[path[least != most]] = True
        return TraceTimes(self.covered, least, most, path, is_ambiguous, self.trees)
