"""Who is whose child: spans as a forest, level by level, with the clocks of services set by each other."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import pairwise

import numpy as np
import numpy.typing as npt

Ints = npt.NDArray[np.int64]
Places = npt.NDArray[np.int32]
Flags = npt.NDArray[np.bool_]
Services = npt.NDArray[np.int32]

UNKNOWN = int(np.iinfo(np.int64).min)
NO_PARENT, LOST_PARENT = -1, -2


@dataclass(frozen=True, slots=True)
class Spans:
    """Spans, one a place in all arrays.

    Args:
        parent: the place of the parent, ``NO_PARENT``, or ``LOST_PARENT`` if there is one that never came.
        start: ns, or ``UNKNOWN``.
        end: ns, or ``UNKNOWN``.
        is_asynchronous: whether it is open if the parent waited for it.
        service: a number for each service, which is on one clock; below zero where not known.
    """

    parent: Places
    start: Ints
    end: Ints
    is_asynchronous: Flags
    service: Services


@dataclass(frozen=True, slots=True)
class Forest:
    """Spans with known times inside of their parents, and what was odd about them.

    Args:
        parent: as told, or ``NO_PARENT`` where that one is lost, has no known times, or is below the span itself.
        whole_start: ns, on the clock of the first span.
        whole_end: ns, likewise.
        start: ns, of what is inside of the parent, which is itself cut so; of those apart, of all.
        end: ns, likewise.
        levels: the places of all timed spans: those without a parent, their children, the children of these …
        is_timed: both times are known, and the end is not before the start.
        is_apart: asynchronous, and goes on after the parent, which did not wait for it then.
        is_orphaned: the parent never came, or has no known times.
        is_cyclic: the parent was left out since it is below the span.
        is_skewed: began before its parent in another service, and was moved into it.
        is_clamped: reached out of its parent, and what did is not counted.
    """

    parent: Places
    whole_start: Ints
    whole_end: Ints
    start: Ints
    end: Ints
    levels: list[Places]
    is_timed: Flags
    is_apart: Flags
    is_orphaned: Flags
    is_cyclic: Flags
    is_skewed: Flags
    is_clamped: Flags


def parents(own: npt.NDArray[np.uint64], above: npt.NDArray[np.uint64]) -> Places:
    """The place of each one's parent. Where a trace is there twice, its second copy has the second copy as parent.

    Args:
        own: what each is named by, by a number.
        above: the same of its parent; 0 if it has none.
    """
    order = np.argsort(own, kind="stable").astype(np.int32)
    own = own[order]
    asking = np.argsort(above).astype(np.int32)  # what is asked for in order is found ten times as fast
    asking = asking[np.searchsorted(above[asking], 0, "right") :]
    above = above[asking]
    place = np.minimum(np.searchsorted(own, above), len(own) - 1)
    is_first = np.append(True, own[1:] != own[:-1])[: len(own)]
    if not is_first.all():
        copy = np.empty(len(own), np.int32)
        copy[order] = np.arange(len(own)) - np.flatnonzero(is_first)[np.cumsum(is_first) - 1]
        place = np.minimum(place + copy[asking], np.maximum(np.searchsorted(own, above, "right") - 1, place))
    parent = np.full(len(own), NO_PARENT, np.int32)
    parent[asking] = np.where(own[place] == above, order[place], LOST_PARENT)
    return parent


def forest(spans: Spans) -> Forest:
    """The forest of ``spans``. A cycle of parents is cut above its earliest span, of several the first one."""
    is_timed = (spans.start != UNKNOWN) & (spans.end != UNKNOWN) & (spans.end >= spans.start)
    is_timed &= spans.end - spans.start >= 0  # of garbage the difference may not fit
    has_parent = spans.parent >= 0
    has_parent[has_parent] = is_timed[spans.parent[has_parent]]
    has_parent &= is_timed
    is_orphaned = is_timed & ~has_parent & (spans.parent != NO_PARENT)
    parent: Places = np.where(has_parent, spans.parent, NO_PARENT).astype(np.int32)
    levels = _levels(parent, is_timed)
    is_cyclic = np.zeros(len(parent), np.bool_)
    if sum(map(len, levels)) < np.count_nonzero(is_timed):
        is_cyclic[_cuts(parent, spans.start, levels)] = True
        parent[is_cyclic] = NO_PARENT
        levels = _levels(parent, is_timed)
    return _fitted(parent, spans, levels, is_timed, is_orphaned, is_cyclic)


def asynchronous(parent: Places, is_scheduled: Flags, is_consumer: Flags, is_producer: Flags) -> Flags:
    """Which spans are open if their parents waited: what was scheduled, and what takes the message of its parent."""
    takes_message = is_consumer & (parent >= 0)
    takes_message[takes_message] = is_producer[parent[takes_message]]
    found: Flags = is_scheduled | takes_message
    return found


def children(order: Places, first: Ints, parents: Places) -> Places:
    """The children of ``parents``, in ``order``, where those of a place begin at its ``first``."""
    begins, counts = first[parents], first[parents + 1] - first[parents]
    ends = np.cumsum(counts)
    found: Places = order[np.arange(ends[-1] if len(ends) else 0) + np.repeat(begins - ends + counts, counts)]
    return found


def _levels(parent: Places, is_timed: Flags) -> list[Places]:
    first = np.concatenate(([0], np.cumsum(np.bincount(parent + 1, minlength=len(parent) + 1))))[1:]
    order = np.argsort(parent, kind="stable").astype(np.int32)
    level: Places = np.flatnonzero(is_timed & (parent == NO_PARENT)).astype(np.int32)
    levels = []
    while len(level):
        levels.append(level)
        level = children(order, first, level)
    return levels


def _cuts(parent: Places, start: Ints, levels: list[Places]) -> list[int]:
    """The earliest span of each cycle: none of these is below a span without a parent."""
    is_done = parent == NO_PARENT
    for level in levels:
        is_done[level] = True
    done, above, cuts = bytearray(is_done.tobytes()), parent.tolist(), []
    for place in np.flatnonzero(~is_done).tolist():
        way: dict[int, None] = {}
        while not done[place]:
            done[place] = True
            way[place] = None
            place = above[place]
        if place in way:
            cycle = list(way)
            cuts.append(min(cycle[cycle.index(place) :], key=lambda member: (start[member], member)))
    return cuts


def _fitted(
    parent: Places, spans: Spans, levels: list[Places], is_timed: Flags, is_orphaned: Flags, is_cyclic: Flags
) -> Forest:
    """The forest, with clocks set and what reaches out of parents taken off, from the top down."""
    is_apart, is_skewed, is_clamped = np.zeros((3, len(parent)), np.bool_)
    whole_start, whole_end = start, end = spans.start, spans.end
    if any(_reaches_out(start, end, part, parent[part]).any() for part in _pieces(levels[1:])):
        start, end, shift = start.copy(), end.copy(), np.zeros(len(parent), np.int64)
        for part in _pieces(levels[1:]):
            above = parent[part]
            begin, over = start[above], end[above]
            moved = np.where(_is_foreign(spans.service[part], spans.service[above]), 0, shift[above])
            is_skewed[part] = _is_foreign(spans.service[part], spans.service[above]) & (start[part] < begin)
            # As much of the way there as back; one that is longer than its parent begins with it.
            spare = np.maximum((over - begin) - (end[part] - start[part]), 0)
            shift[part] = moved = np.where(is_skewed[part], begin - start[part] + spare // 2, moved)
            first, last = start[part] + moved, end[part] + moved
            is_apart[part] = goes_on = spans.is_asynchronous[part] & (last > over)
            is_clamped[part] = ~goes_on & ((first < begin) | (last > over))
            start[part] = np.where(goes_on, first, np.clip(first, begin, over))
            end[part] = np.where(goes_on, last, np.clip(last, begin, over))
        if is_skewed.any():
            whole_start, whole_end = whole_start + shift, whole_end + shift
    return Forest(
        parent, whole_start, whole_end, start, end, levels, is_timed, is_apart, is_orphaned, is_cyclic, is_skewed,
        is_clamped,
    )  # fmt: skip


def _is_foreign(one: Services, other: Services) -> Flags:
    """Whether two spans are of two services, whose clocks may differ."""
    differs: Flags = (one != other) & (one >= 0) & (other >= 0)
    return differs


def _reaches_out(start: Ints, end: Ints, place: Places, above: Places) -> Flags:
    does: Flags = (start[place] < start[above]) | (end[place] > end[above])
    return does


MOST_AT_ONCE = 1 << 20  # spans in temporary arrays


def _pieces(levels: list[Places]) -> Iterator[Places]:
    """``levels`` in pieces of a size for which the memory is there."""
    for level in levels:
        for begin, end in pairwise([*range(0, len(level), MOST_AT_ONCE), len(level)]):
            yield level[begin:end]
