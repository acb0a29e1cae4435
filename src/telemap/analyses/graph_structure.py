"""What matters about the shape of a graph: circles, hubs, and what all traffic has to pass."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Collection, Iterable, Iterator, Mapping
from itertools import islice

import msgspec

from telemap.analyses.graph_shapes import Cycle, Edge, Hub, Node, SinglePoint
from telemap.stats.graphs import components, dominators, preorder

LEAST_FAN_IN = 3  # nodes that depend on a hub
MOST_HUBS = 10
MOST_POINTS = 10  # of one sequence or service, the nearest

Arcs = dict[str, list[str]]


def arcs_of(edges: Iterable[Edge]) -> Arcs:
    """Node → the nodes that edges lead to."""
    arcs: Arcs = defaultdict(list)
    for edge in edges:
        arcs[edge.source].append(edge.target)
    return dict(arcs)


def is_called(edge: Edge) -> bool:
    """Whether a dependency was seen, and is not only in the code."""
    return not {"call", "topic"}.isdisjoint(edge.kinds)


def with_fans(nodes: Mapping[str, Node], edges: Iterable[Edge]) -> dict[str, Node]:
    """The nodes, with how many others depend on each and how many it depends on."""
    needed = {(edge.source, edge.target) for edge in edges if edge.is_dependency and edge.source != edge.target}
    fan_out, fan_in = Counter(source for source, _ in needed), Counter(target for _, target in needed)
    return {one: msgspec.structs.replace(node, fan_in=fan_in[one], fan_out=fan_out[one]) for one, node in nodes.items()}


def cycles(edges: Collection[Edge]) -> list[Cycle]:
    """Nodes that depend on each other in circles, the largest circles first; a node that calls itself is none."""
    observed = {frozenset(one) for one in components(arcs_of(filter(is_called, edges))) if len(one) > 1}
    found = (one for one in components(arcs_of(edge for edge in edges if edge.is_dependency)) if len(one) > 1)
    told = [Cycle(sorted(one), any(circle <= frozenset(one) for circle in observed)) for one in found]
    return sorted(told, key=lambda cycle: (-len(cycle.nodes), cycle.nodes))


def hubs(nodes: Mapping[str, Node]) -> list[Hub]:
    """The nodes that most others depend on, at least three; the most needed first."""
    needed = [Hub(node.id, node.fan_in, node.runs) for node in nodes.values() if node.fan_in >= LEAST_FAN_IN]
    return sorted(needed, key=lambda hub: (-hub.fan_in, -hub.runs, hub.node))[:MOST_HUBS]


def single_points(nodes: Mapping[str, Node], edges: Collection[Edge], begun: Mapping[str, int]) -> list[SinglePoint]:
    """The nodes that every run of another sequence or service was begun by, directly or not; most runs first.

    What runs without a caller is where traffic enters. A node is a single point of failure of a sequence or service
    that it is no part of, if it dominates all nodes of it that ran: no way from an entry reaches them around it.

    Args:
        nodes: all of them.
        edges: all of them.
        begun: how many runs of each node something called, itself too.
    """
    called = [edge for edge in edges if is_called(edge)]
    calls: Counter[str] = Counter()
    for edge in called:
        calls[edge.target] += sum(one.count for one in edge.seen if one.kind == "call" and edge.source != edge.target)
    entries = sorted(one for one, node in nodes.items() if node.runs > begun.get(one, 0))
    above = dominators(arcs_of(called), entries)
    groups: dict[tuple[str, str], list[str]] = defaultdict(list)
    for node in nodes.values():
        for group in _groups(node) if node.runs else ():
            groups[group].append(node.id)
    found: dict[str, dict[str, list[str]]] = defaultdict(lambda: {"sequence": [], "service": []})
    runs: dict[str, int] = defaultdict(int)
    order = preorder(above)
    for group, members in sorted(groups.items()):
        if not order.keys() >= set(members):
            continue  # what goes round in circles without an entry
        busiest = max(calls[one] for one in members)
        for point in islice(_passed(members, above, order), MOST_POINTS):
            if busiest and point not in members and group not in _groups(nodes[point]):
                found[point][group[0]].append(group[1])
                runs[point] = max(runs[point], busiest)
    told = [SinglePoint(one, behind["sequence"], behind["service"], runs[one]) for one, behind in found.items()]
    return sorted(told, key=lambda point: (-point.runs, point.node))


def _groups(node: Node) -> Iterator[tuple[str, str]]:
    if node.kind == "service":
        yield "service", node.id
    elif node.service is not None:
        yield "service", node.service
    yield from (("sequence", name) for name in node.sequences)


def _passed(members: Iterable[str], above: Mapping[str, str | None], order: Mapping[str, int]) -> Iterator[str]:
    """What every way to each of some nodes passes, or is, the last of it first."""
    behind = set(_up(min(members, key=order.__getitem__), above))
    # What is above the first and the last of a tree's walk is above all that are between them.
    yield from (one for one in _up(max(members, key=order.__getitem__), above) if one in behind)


def _up(node: str | None, above: Mapping[str, str | None]) -> Iterator[str]:
    while node is not None:
        yield node
        node = above[node]
