"""Slow twins of the arithmetic of traces: by ticks, by recursion, and by walking one reading of a path at random."""

from __future__ import annotations

import random
from collections.abc import Sequence
from dataclasses import dataclass, field
from itertools import chain

import numpy as np

from telemap.stats.trace_forests import NO_PARENT, UNKNOWN, Spans

Times = dict[int, tuple[int, int]]


@dataclass
class Span:
    """One span of a made trace."""

    parent: int
    start: int
    end: int
    is_asynchronous: bool = False
    service: int = 0


def spans(made: Sequence[Span]) -> Spans:
    """What the arithmetic takes."""
    return Spans(
        np.array([span.parent for span in made], np.int32),
        np.array([span.start for span in made], np.int64),
        np.array([span.end for span in made], np.int64),
        np.array([span.is_asynchronous for span in made], np.bool_),
        np.array([span.service for span in made], np.int32),
    )


def covered(made: Sequence[Span]) -> list[int]:
    """Of each span the ticks in which a child was going on; for spans of one service."""
    ticks = [set() if UNKNOWN in (span.start, span.end) else set(range(span.start, span.end)) for span in made]
    return [
        len(own & {tick for child, span in enumerate(made) if span.parent == place for tick in ticks[child]})
        for place, own in enumerate(ticks)
    ]


@dataclass
class Tree:
    """Spans of one service whose parents stand before them, each inside of its parent."""

    made: Sequence[Span]
    start: dict[int, int] = field(default_factory=dict)
    end: dict[int, int] = field(default_factory=dict)
    children: list[list[int]] = field(default_factory=list)
    is_root: list[bool] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.children = [[] for _ in self.made]
        for place, span in enumerate(self.made):
            self.is_root.append(True)
            if UNKNOWN in (span.start, span.end) or span.end < span.start:
                continue
            self.start[place], self.end[place] = span.start, span.end
            if span.parent in self.start:
                self.children[span.parent].append(place)
                low, high = self.start[span.parent], self.end[span.parent]
                if not (span.is_asynchronous and span.end > high):
                    self.is_root[place] = False
                    self.start[place] = min(max(span.start, low), high)
                    self.end[place] = min(max(span.end, low), high)

    def ticks(self, place: int) -> range:
        """What it lasts."""
        return range(self.start.get(place, 0), self.end.get(place, 0))

    def roots(self) -> list[int]:
        """First spans of paths."""
        return [place for place in self.start if self.is_root[place]]

    def inner(self, place: int) -> list[int]:
        """Children that are on the path of their parent, if on any."""
        return [child for child in self.children[place] if not self.is_root[child] and self.ticks(child)]

    def groups(self, place: int) -> list[list[int]]:
        """Children, those together that share ticks with each other in a row."""
        found: list[list[int]] = []
        for child in self.inner(place):
            meets = [group for group in found if any(set(self.ticks(child)) & set(self.ticks(o)) for o in group)]
            found = [group for group in found if group not in meets] + [[child, *chain(*meets)]]
        return found


def bounds(made: Sequence[Span]) -> Times:
    """Least and most time of each span on its path, from the definition."""
    tree = Tree(made)
    times: Times = dict.fromkeys(range(len(made)), (0, 0))
    for root in tree.roots():
        _certain(tree, root, True, times)
    return times


def _certain(tree: Tree, place: int, is_sure: bool, times: Times) -> None:
    own = possible = len(tree.ticks(place))
    for group in tree.groups(place):
        low, high = min(tree.start[c] for c in group), max(tree.end[c] for c in group)
        own -= high - low
        possible -= high - low
        last = [child for child in group if tree.end[child] == high]
        if len(last) == 1 and not tree.made[last[0]].is_asynchronous:
            (child,) = last
            _certain(tree, child, is_sure, times)
            high = tree.start[child]
            group.remove(child)
        elif len(group) == 1:
            possible += high - low
            _certain(tree, group[0], False, times)
            continue
        possible += high - low
        for child in group:
            _loose(tree, child, high, times)
    times[place] = (own if is_sure else 0, possible)


def _loose(tree: Tree, place: int, until: int, times: Times) -> None:
    until = min(until, tree.end[place])
    if until <= tree.start[place]:
        return
    alone = [group[0] for group in tree.groups(place) if len(group) == 1]
    held = sum(len(tree.ticks(child)) for child in alone if not tree.made[child].is_asynchronous)
    times[place] = (0, min(until - tree.start[place], len(tree.ticks(place)) - held))
    for child in tree.inner(place):
        _loose(tree, child, until, times)


def reading(made: Sequence[Span], draw: random.Random) -> dict[int, int]:
    """Time of each span on its path, if each question that is open is answered somehow."""
    tree, times = Tree(made), dict.fromkeys(range(len(made)), 0)
    waited = [not span.is_asynchronous or draw.random() < 0.5 for span in made]
    for root in tree.roots():
        _walk(tree, root, tree.end[root], waited, draw, times)
    return times


def _walk(tree: Tree, place: int, point: int, waited: list[bool], draw: random.Random, times: dict[int, int]) -> None:
    children, is_entry = [child for child in tree.inner(place) if waited[child]], True
    while True:
        running = [child for child in children if tree.start[child] < point < tree.end[child]]
        ended = [child for child in children if tree.end[child] <= point]
        last = max((tree.end[child] for child in ended), default=tree.start[place])
        choices = running if is_entry and running else [*running, None]
        child = draw.choice(choices)
        if child is None:
            times[place] += point - last
            if not ended:
                return
            child, point = draw.choice([child for child in ended if tree.end[child] == last]), last
        _walk(tree, child, point, waited, draw, times)
        children = [other for other in children if other != child]
        point, is_entry = tree.start[child], False


def without_parent(start: int, end: int) -> Span:
    """The first span of a trace."""
    return Span(NO_PARENT, start, end)
