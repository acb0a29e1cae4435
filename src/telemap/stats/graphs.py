"""Graphs of numbered nodes: what goes round in circles, and what everything has to pass."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Hashable, Iterable, Iterator, Mapping, Sequence
from typing import TypeVar

Node = TypeVar("Node", bound=Hashable)
Arcs = Mapping[Node, Sequence[Node]]


def components(arcs: Arcs[Node]) -> Iterator[list[Node]]:
    """The strongly connected components, each before those that lead to it (Tarjan, 1972).

    Args:
        arcs: node → the nodes that it leads to; what is only led to need not be a key.

    >>> [sorted(one) for one in components({"a": "b", "b": "ac", "c": ""})]
    [['c'], ['a', 'b']]
    """
    order: dict[Node, int] = {}
    lowest: dict[Node, int] = {}
    path: list[Node] = []
    is_open: set[Node] = set()
    for start in arcs:
        if start in order:
            continue
        walk = [(start, iter(arcs.get(start, ())))]
        order[start] = lowest[start] = len(order)
        path.append(start)
        is_open.add(start)
        while walk:
            node, targets = walk[-1]
            for target in targets:
                if target not in order:
                    order[target] = lowest[target] = len(order)
                    path.append(target)
                    is_open.add(target)
                    walk.append((target, iter(arcs.get(target, ()))))
                    break
                if target in is_open:
                    lowest[node] = min(lowest[node], order[target])
            else:
                walk.pop()
                if walk:
                    lowest[walk[-1][0]] = min(lowest[walk[-1][0]], lowest[node])
                if lowest[node] == order[node]:
                    found = [path.pop()]
                    while found[-1] != node:
                        found.append(path.pop())
                    is_open.difference_update(found)
                    yield found


def dominators(arcs: Arcs[Node], entries: Iterable[Node]) -> dict[Node, Node | None]:
    """For each node that can be reached, the last one that every way to it passes; None where there is no such node.

    The iteration of Cooper, Harvey and Kennedy, "A simple, fast dominance algorithm" (2001).

    Args:
        arcs: node → the nodes that it leads to.
        entries: where ways begin.

    >>> dominators({"a": "bc", "b": "d", "c": "d", "d": "e"}, "a")
    {'a': None, 'c': 'a', 'b': 'a', 'd': 'a', 'e': 'd'}
    """
    starts = list(dict.fromkeys(entries))
    order = _finished(arcs, starts)[::-1]
    rank = {node: number for number, node in enumerate(order, start=1)}  # 0 is before all entries
    before: dict[int, list[int]] = defaultdict(list)
    for node in order:
        for target in arcs.get(node, ()):
            before[rank[target]].append(rank[node])
    for node in starts:
        before[rank[node]].append(0)
    above: list[int | None] = [0, *(None for _ in order)]
    is_changed = True
    while is_changed:
        is_changed = False
        for number in range(1, len(above)):
            known = [one for one in before[number] if above[one] is not None]
            new = known[0]
            for other in known[1:]:
                new = _meeting(new, other, above)
            is_changed |= above[number] != new
            above[number] = new
    return {node: order[up - 1] if (up := above[number]) else None for node, number in rank.items()}


def preorder(above: Mapping[Node, Node | None]) -> dict[Node, int]:
    """The place of each node on a walk through trees in which whole branches come one after the other.

    Args:
        above: the parent of each node; None for a root.

    >>> preorder({"a": None, "b": "a", "c": "a", "d": "b"})
    {'a': 0, 'c': 1, 'b': 2, 'd': 3}
    """
    below: dict[Node | None, list[Node]] = defaultdict(list)
    for node, up in above.items():
        below[up].append(node)
    order: dict[Node, int] = {}
    due = below[None][::-1]
    while due:
        node = due.pop()
        order[node] = len(order)
        due += below[node]
    return order


def _meeting(one: int, other: int, above: Sequence[int | None]) -> int:
    while one != other:
        while one > other:
            one = above[one] or 0
        while other > one:
            other = above[other] or 0
    return one


def _finished(arcs: Arcs[Node], starts: Iterable[Node]) -> list[Node]:
    """The nodes that can be reached, each after those that it leads to, as far as nothing goes round in circles."""
    seen: set[Node] = set()
    finished = []
    for start in starts:
        if start in seen:
            continue
        seen.add(start)
        walk = [(start, iter(arcs.get(start, ())))]
        while walk:
            node, targets = walk[-1]
            for target in targets:
                if target not in seen:
                    seen.add(target)
                    walk.append((target, iter(arcs.get(target, ()))))
                    break
            else:
                walk.pop()
                finished.append(node)
    return finished


def reached(arcs: Arcs[Node], starts: Iterable[Node]) -> set[Node]:
    """The starts, and all that they lead to."""
    return set(_finished(arcs, starts))
