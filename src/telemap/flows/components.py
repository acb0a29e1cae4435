"""Parts of a net in which one token moves, as in a state machine: what is counted in each of them can be added up."""

from __future__ import annotations

from dataclasses import dataclass, field

from telemap.flows.net import Net

MOST_DEAD_ENDS = 500  # that are run into to find one component
UNRANKED = 1_000_000_000


@dataclass(frozen=True, slots=True)
class Component:
    """Places among which at most one token moves, and the labels whose deviations are counted here and nowhere else.

    Each transition takes at most one token from the places, and gives at most one back.
    """

    places: tuple[int, ...]
    labels: frozenset[str]


def components_of(net: Net) -> list[Component]:
    """Components that count each label at most once; labels that lie in no component are in none."""
    graph = _Graph(net)
    found: list[Component] = []
    counted: set[str] = set()
    for label, transitions in graph.labelled.items():
        if label in counted:
            continue
        fresh = {t for other, numbers in graph.labelled.items() if other not in counted for t in numbers}
        seeds = graph.inputs[transitions[0]]
        many = graph.with_any(fresh)
        places = _component(graph, seeds, many, many) or _component(graph, seeds, *graph.nearest(seeds))
        labels = graph.labels_within(places) - counted
        if labels:
            found.append(Component(tuple(sorted(places)), frozenset(labels)))
            counted |= labels
    return found


class _Graph:
    def __init__(self, net: Net) -> None:
        self.inputs = [[place for place, _ in transition.inputs] for transition in net.transitions]
        self.outputs = [[place for place, _ in transition.outputs] for transition in net.transitions]
        self.takers: list[list[int]] = [[] for _ in range(net.place_count)]
        self.givers: list[list[int]] = [[] for _ in range(net.place_count)]
        self.labelled: dict[str, list[int]] = {}
        for number, transition in enumerate(net.transitions):
            for place in self.inputs[number]:
                self.takers[place].append(number)
            for place in self.outputs[number]:
                self.givers[place].append(number)
            if transition.label is not None:
                self.labelled.setdefault(transition.label, []).append(number)
        self.started = {place for place, _ in net.start}
        arcs = [tokens for transition in net.transitions for tokens in (transition.inputs, transition.outputs)]
        self.heavy = {place for tokens in (net.start, *arcs) for place, count in tokens if count > 1}

    def labels_within(self, places: set[int]) -> set[str]:
        """Labels all of whose transitions move the token of a component."""
        within = [not places.isdisjoint(inputs) for inputs in self.inputs]
        return {label for label, transitions in self.labelled.items() if all(within[t] for t in transitions)}

    def with_any(self, transitions: set[int]) -> dict[int, int]:
        """Ranks by which a component comes to have many of the transitions."""
        joined = [takers + givers for takers, givers in zip(self.takers, self.givers, strict=True)]
        return {place: -1 for place, around in enumerate(joined) if not transitions.isdisjoint(around)}

    def nearest(self, seeds: list[int]) -> tuple[dict[int, int], dict[int, int]]:
        """Ranks by which a component stays in the branches that the seeds are in: steps from them, and to them."""
        return _steps(seeds, self.takers, self.outputs), _steps(seeds, self.givers, self.inputs)


def _steps(seeds: list[int], transitions: list[list[int]], places: list[list[int]]) -> dict[int, int]:
    steps = dict.fromkeys(seeds, 0)
    waiting = list(seeds)
    for place in waiting:
        for after in (after for transition in transitions[place] for after in places[transition]):
            if after not in steps:
                steps[after] = steps[place] + 1
                waiting.append(after)
    return steps


@dataclass(slots=True)
class _Attempt:
    """A component that is being put together: what is in it, and transitions of which a place may have to be added."""

    graph: _Graph
    is_inside: dict[int, bool]
    waiting: list[tuple[int, bool]] = field(default_factory=list)  # transition; whether it gives to the component

    def with_place(self, place: int) -> _Attempt:
        """A copy that has the place, and never those that exclude it."""
        graph = self.graph
        rivals = {other for t in graph.takers[place] for other in graph.inputs[t]}
        rivals |= {other for t in graph.givers[place] for other in graph.outputs[t]}
        if place in graph.started:
            rivals |= graph.started
        is_inside = self.is_inside | dict.fromkeys(rivals, False)
        is_inside[place] = True
        waiting = [(t, True) for t in graph.givers[place]] + [(t, False) for t in graph.takers[place]]
        return _Attempt(graph, is_inside, self.waiting + waiting)

    def without(self, places: list[int]) -> _Attempt:
        return _Attempt(self.graph, self.is_inside | dict.fromkeys(places, False), list(self.waiting))


def _component(graph: _Graph, seeds: list[int], givers: dict[int, int], takers: dict[int, int]) -> set[int]:
    """The places of a component with one of ``seeds``, or none: depth first, places of a low rank first.

    ``givers`` are the ranks of places that a token may have come from, ``takers`` of those that it may go to.
    """
    none = _Attempt(graph, dict.fromkeys(graph.heavy, False))
    attempts = [none.with_place(seed) for seed in seeds if seed not in graph.heavy]
    dead_ends = 0
    while attempts and dead_ends < MOST_DEAD_ENDS:
        attempt = attempts.pop()
        while attempt.waiting:
            transition, is_giver = attempt.waiting.pop()
            places = graph.inputs[transition] if is_giver else graph.outputs[transition]
            if any(attempt.is_inside.get(place) for place in places):
                continue
            options = [place for place in places if place not in attempt.is_inside]
            ranks = givers if is_giver else takers
            options.sort(key=lambda place: ranks.get(place, UNRANKED), reverse=True)
            if not is_giver:
                attempts.append(attempt.without(options))  # the token goes elsewhere
            attempts += [attempt.with_place(place) for place in options]
            dead_ends += is_giver and not options
            break
        else:
            found = {place for place, is_inside in attempt.is_inside.items() if is_inside}
            if found & graph.started:
                return found
            dead_ends += 1
    return set()
