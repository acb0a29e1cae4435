"""The least that the rest of a variant costs from a marking, counted in the components of the net."""

from __future__ import annotations

import math
from collections import deque
from collections.abc import Sequence

from telemap.flows.components import Component
from telemap.flows.markings import MOST_KEPT, Encoding

MISSING = 1 << 32  # the cost of a step without an event; of equal costs the one with fewer surplus events is less
SURPLUS = MISSING + 1  # that of an event without a step
Row = tuple[float, ...]  # for each state of a component, the least cost from there


class Distances:
    """Lower bounds of the costs of alignments; exact where a component alone is looked at."""

    def __init__(self, encoding: Encoding, components: Sequence[Component], *, of_beginnings: bool) -> None:
        self._parts = [_Part(encoding, component, of_beginnings) for component in components]
        self._part_of = {label: number for number, one in enumerate(components) for label in one.labels}
        self._states: dict[int, tuple[int, ...]] = {}

    def rows(self, variant: Sequence[str]) -> list[tuple[Row, ...]]:
        """For each position in the variant, the costs of the rest of it in each component."""
        rows = [tuple(part.last for part in self._parts)]
        for label in reversed(variant):
            number = self._part_of.get(label)
            after = rows[-1]
            if number is not None:
                after = (*after[:number], self._parts[number].before(label, after[number]), *after[number + 1 :])
            rows.append(after)
        return rows[::-1]

    def least_cost(self, rows: tuple[Row, ...], marking: int) -> float:
        """The least cost from a marking, given the rows of a position."""
        states = self._states.get(marking)
        if states is None:
            if len(self._states) >= MOST_KEPT:
                self._states.clear()
            states = self._states[marking] = tuple(part.state(marking) for part in self._parts)
        return sum(map(tuple.__getitem__, rows, states))


class _Part:
    """The state machine of a component; its last state is that of a token which has left it."""

    def __init__(self, encoding: Encoding, component: Component, of_beginnings: bool) -> None:
        net = encoding.net
        self._mask = encoding.marking(tuple((place, 1) for place in component.places))
        self._numbers = {encoding.marking(((place, 1),)): number for number, place in enumerate(component.places)}
        number_of = {place: number for number, place in enumerate(component.places)}
        self._gone = len(component.places)
        edges: list[list[tuple[int, int]]] = [[] for _ in range(self._gone + 1)]
        self._steps: dict[str, list[tuple[int, int]]] = {label: [] for label in sorted(component.labels)}
        for transition in net.transitions:
            taken = [number_of[place] for place, _ in transition.inputs if place in number_of]
            if taken:
                given = [number_of[place] for place, _ in transition.outputs if place in number_of]
                state, after = taken[0], given[0] if given else self._gone
                edges[state].append((after, MISSING if transition.label in component.labels else 0))
                if transition.label in self._steps:
                    self._steps[transition.label].append((state, after))
        self._ways = [_costs(edges, state) for state in range(self._gone + 1)]
        ends = [self.state(end) for end in encoding.ends]
        last = (min((way[end] for end in ends), default=math.inf) for way in self._ways)
        self.last = tuple(0 if of_beginnings and cost < math.inf else cost for cost in last)
        self._before: dict[tuple[str, Row], Row] = {}

    def state(self, marking: int) -> int:
        return self._numbers.get(marking & self._mask, self._gone)

    def before(self, label: str, row: Row) -> Row:
        """The costs from each state if an event comes first: it is left out, or is that of one of the steps."""
        key = (label, row)
        if key not in self._before:
            if len(self._before) >= MOST_KEPT:
                self._before.clear()
            steps = [(state, row[after]) for state, after in self._steps[label]]
            self._before[key] = tuple(
                min([SURPLUS + cost, *(way[state] + rest for state, rest in steps)])
                for way, cost in zip(self._ways, row, strict=True)
            )
        return self._before[key]


def _costs(edges: list[list[tuple[int, int]]], start: int) -> Row:
    """The least cost to each state."""
    costs = [math.inf] * len(edges)
    costs[start] = 0
    waiting = deque([start])
    while waiting:
        state = waiting.popleft()
        for after, cost in edges[state]:
            if costs[state] + cost < costs[after]:
                costs[after] = costs[state] + cost
                (waiting.append if cost else waiting.appendleft)(after)
    return tuple(costs)
