"""What is to be seen of a net: its steps, and the ways between them."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Literal, NamedTuple

from telemap.flows.net import Net, Transition

NodeKind = Literal["step", "event", "missing", "gate", "choice", "start", "end", "failed", "cut-start", "cut-end"]


class Node(NamedTuple):
    """A part of the picture.

    ``name`` is the number of a transition (``step``; ``missing``: what stands for it where it did not come; ``gate``:
    where branches begin or end) or place (``choice``), or the event that no step has (``event``); "" else.
    """

    kind: NodeKind
    name: int | str = ""


START, END = Node("start"), Node("end")


@dataclass(frozen=True, slots=True)
class Chart:
    """The nodes of a net, and the ways from one to the next that it allows; those that only hand on are left out.

    ``kept`` are the places and silent transitions that are nodes.
    """

    nodes: tuple[Node, ...]
    ways: tuple[tuple[Node, Node], ...]
    kept: frozenset[Node]


def is_passing(transition: Transition) -> bool:
    """Whether a transition hands one token on."""
    return [count for _, count in transition.inputs] == [1] and [count for _, count in transition.outputs] in ([1], [])


def chart_of(net: Net) -> Chart:
    """The chart of a net.

    A place or silent transition with one way in, or one way out, is left out: its ways are joined. The others, which
    would make more ways than they have, are nodes by themselves.
    """
    after = _arcs(net)
    before: dict[Node, dict[Node, None]] = {node: {} for node in after}
    for node, others in after.items():
        for other in others:
            before[other][node] = None
    passing = [node for node in after if _hands_on(net, node)]
    waiting = list(passing)
    while waiting:
        node = waiting.pop()
        if node in after and min(len(before[node]), len(after[node])) <= 1:
            changed = _leave_out(node, before, after)
            waiting += [other for other in reversed(passing) if other in changed]
    ways = tuple((node, other) for node, others in after.items() for other in others)
    return Chart(tuple(after), ways, frozenset(node for node in after if node.kind in ("gate", "choice")))


def node_of(net: Net, number: int) -> Node:
    """The node of a transition."""
    return Node("gate" if net.transitions[number].label is None else "step", number)


def _hands_on(net: Net, node: Node) -> bool:
    return node.kind == "choice" or (node.kind == "gate" and is_passing(net.transitions[int(node.name)]))


def _arcs(net: Net) -> dict[Node, dict[Node, None]]:
    """Where the tokens of each node go next: places, transitions, start and end."""
    after: dict[Node, dict[Node, None]] = {START: {Node("choice", place): None for place, _ in net.start}}
    for number, transition in enumerate(net.transitions):
        outputs = [Node("choice", place) for place, _ in transition.outputs]
        after[node_of(net, number)] = dict.fromkeys(outputs or [END])
        for place, _ in transition.inputs:
            after.setdefault(Node("choice", place), {})[node_of(net, number)] = None
    for end in net.ends:
        for place, _ in end:
            after.setdefault(Node("choice", place), {})[END] = None
    for node in [other for others in after.values() for other in others]:
        after.setdefault(node, {})
    after.setdefault(END, {})
    return after


def _leave_out(
    node: Node, before: dict[Node, dict[Node, None]], after: dict[Node, dict[Node, None]]
) -> frozenset[Node]:
    """Join the ways through a node; the nodes whose ways are others now."""
    sources, targets = before.pop(node), after.pop(node)
    changed = frozenset((*sources, *targets)) - {node}
    for others, ways in ((sources, after), (targets, before)):
        for other in others:
            if other != node:
                del ways[other][node]
    for source, target in _pairs(sources, targets, node):
        after[source][target] = None
        before[target][source] = None
    return changed


def _pairs(sources: dict[Node, None], targets: dict[Node, None], node: Node) -> Iterator[tuple[Node, Node]]:
    """Each source with each target, but for the node itself: a way back to where nothing happened is none."""
    return ((source, target) for source in sources if source != node for target in targets if target != node)
