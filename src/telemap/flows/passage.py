"""The ways that runs took through the chart of a net: tokens that remember from which node they come."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from typing import Literal, NamedTuple

from telemap.flows.alignment import FlowChecker, Move
from telemap.flows.chart import END, START, Chart, Node, chart_of, is_passing, node_of

WayKind = Literal["declared", "deviating", "cut"]


class Way(NamedTuple):
    """A way from one node to the next: as declared, as nothing declares, or with a part that the log lacks."""

    source: Node
    target: Node
    kind: WayKind


class _Token(NamedTuple):
    origin: Node
    kind: WayKind = "declared"


@dataclass(slots=True)
class Passages:
    """How often runs took each way and came to each node.

    What comes to a step, or to an event that no step has, goes on from it. ``runs`` are those that took a way or came
    to a node, however often.
    """

    chart: Chart
    ways: Counter[Way] = field(default_factory=Counter)
    visits: Counter[Node] = field(default_factory=Counter)
    runs: Counter[Node | Way] = field(default_factory=Counter)
    unknown: int = 0  # runs that no explanation was found for within the limits


class Surveyor:
    """Counts the ways that variants take through a net."""

    def __init__(self, checker: FlowChecker) -> None:
        self._checker, self.net = checker, checker.net
        self._numbers = {id(transition): number for number, transition in enumerate(self.net.transitions)}
        labels = [(transition.label, number) for number, transition in enumerate(self.net.transitions)]
        self._steps = {label: Node("step", number) for label, number in reversed(labels) if label is not None}
        self.passages = Passages(chart_of(self.net))

    def add(
        self, variant: Sequence[str], runs: int, *, lacks_start: bool, lacks_end: bool, is_failed: bool = False
    ) -> None:
        """Count the runs of a variant; a failed one is over where it failed, as one is whose end is not in the log."""
        moves = self._checker.alignment(variant, is_beginning=lacks_end or is_failed).moves
        if moves is None:
            self.passages.unknown += runs
            return
        end = Node("failed") if is_failed else Node("cut-end") if lacks_end else END
        course = _Course(self, Node("cut-start") if lacks_start else START, lacks_start)
        course.follow(variant, moves)
        course.leave(end)
        for way in course.ways:
            self.passages.ways[way] += runs
            self.passages.visits[way.target] += runs
        for way in set(course.ways):
            self.passages.runs[way] += runs
        for node in {way.target for way in course.ways}:
            self.passages.runs[node] += runs

    def number(self, move: Move) -> int:
        """The number of the transition that a move fires."""
        return self._numbers[id(move.transition)]

    def node_of_event(self, event: str) -> Node:
        """The first step with an event, or the event itself where no step has it."""
        return self._steps.get(event, Node("event", event))


class _Course:
    """The tokens of one run."""

    def __init__(self, surveyor: Surveyor, start: Node, lacks_start: bool) -> None:
        self._surveyor, self._net = surveyor, surveyor.net
        self._chart = surveyor.passages.chart
        self._lacks_start = lacks_start  # until the first step that was seen
        self._held: dict[int, list[_Token]] = {}
        self._over: list[_Token] = []  # tokens that a transition took and did not hand on
        self._last = start
        self.ways: list[Way] = []
        for place, count in self._net.start:
            for _ in range(count):
                self._put(place, _Token(start, "cut" if lacks_start else "declared"))

    def follow(self, variant: Sequence[str], moves: Sequence[Move]) -> None:
        for move in _events_first(moves):
            if move.kind == "log":
                self._detour(self._surveyor.node_of_event(variant[move.position]))
            else:
                self._fire(self._surveyor.number(move), move.kind == "model")
                if move.kind == "synchronous":
                    self._last = node_of(self._net, self._surveyor.number(move))
            self._lacks_start = self._lacks_start and move.kind != "synchronous"

    def leave(self, end: Node) -> None:
        """All tokens that are left go to the end."""
        for token in [*self._over, *(token for held in self._held.values() for token in held)]:
            self._go(token._replace(kind="cut") if end.kind == "cut-end" else token, end)

    def _fire(self, number: int, is_missing: bool) -> None:
        transition, node = self._net.transitions[number], node_of(self._net, number)
        taken = [self._held[place].pop(0) for place, count in transition.inputs for _ in range(count)]
        unseen: WayKind = "cut" if self._lacks_start else "deviating"
        if is_missing and is_passing(transition):
            given = taken[0]._replace(kind=unseen)
        elif not is_missing and node.kind == "gate" and node not in self._chart.kept:
            given = taken[0]
        else:
            given = _Token(Node("missing", number), unseen) if is_missing else _Token(node)
            for token in taken:
                self._go(token, given.origin)
        for place, count in transition.outputs:
            for _ in range(count):
                self._put(place, given)
        if not transition.outputs:
            self._over.append(given)

    def _put(self, place: int, token: _Token) -> None:
        node = Node("choice", place)
        if node in self._chart.kept:
            self._go(token, node)
            token = _Token(node)
        self._held.setdefault(place, []).append(token)

    def _detour(self, node: Node) -> None:
        """Lead a token, if there is one that of the last event, over a node where nothing declares it."""
        stores = [held for held in (self._over, *self._held.values()) if held]
        store = next((held for held in stores if held[-1].origin == self._last), stores[-1] if stores else None)
        self._last = node
        if store is None:
            return
        self._go(store[-1]._replace(kind="deviating"), node)
        store[-1] = _Token(node, "deviating")

    def _go(self, token: _Token, target: Node) -> None:
        self.ways.append(Way(token.origin, target, token.kind))


def _events_first(moves: Sequence[Move]) -> Iterator[Move]:
    """The moves, where surplus events come right after the event before them, not after steps that are missing."""
    waiting: list[Move] = []
    for move in moves:
        if move.kind in ("model", "silent"):
            waiting.append(move)
        else:
            if move.kind == "synchronous":
                yield from waiting
                waiting = []
            yield move
    yield from waiting
