"""The cheapest explanations of variants by a declared flow: what is as declared, what is too much, what is missing.

A variant is a sequence of names of events. Its explanation is an optimal alignment (A. Adriansyah, 2014) with a run of
the net: an event that no step of the run stands for costs 1, a step without an event costs 1, silent moves nothing.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from heapq import heappop, heappush
from typing import Literal, TypeVar

from telemap.flows.automaton import Automaton, LimitError
from telemap.flows.components import components_of
from telemap.flows.distances import MISSING, SURPLUS, Distances
from telemap.flows.markings import Encoding, Goal, Moves, TokenOverflowError, width_of
from telemap.flows.net import Net, Transition

Answer = TypeVar("Answer")
# A marking, a position in the variant, and the step or end that is to be reached next (None: to be chosen).
_Node = tuple[int, int, Goal | None]


@dataclass(frozen=True, slots=True)
class Move:
    """One part of an explanation.

    ``synchronous``: the event at ``position`` is that of ``transition``. ``log``: the event there is one too many.
    ``model``: ``transition`` has no event; ``position`` is that of the event before which it is missing. ``silent``:
    ``transition`` needs none.
    """

    kind: Literal["synchronous", "log", "model", "silent"]
    position: int
    transition: Transition | None


@dataclass(frozen=True, slots=True)
class Alignment:
    """The cheapest explanation of a variant.

    Attributes:
        moves: in their order, silent ones too; None where the limit was reached, or where the net has no run at all.
        cost: of the moves; where these are not known, the least that any can have (``inf``: there are none).
    """

    moves: tuple[Move, ...] | None
    cost: float


class FlowChecker:
    """Tells whether and how variants follow a net; what is found out for one of them serves all others.

    The answers are the same whatever was asked before.

    Args:
        net: the declared flow.
        most_states: how many states are looked at for one answer; where they are not enough, it is "not known".
    """

    def __init__(self, net: Net, most_states: int = 200_000) -> None:
        self.net, self._most = net, most_states
        self._components = components_of(net)
        self._labelled: dict[str, list[int]] = {}
        for number, transition in enumerate(net.transitions):
            if transition.label is not None:
                self._labelled.setdefault(transition.label, []).append(number)
        self._prepare(width_of(net))

    def fits(self, variant: Sequence[str]) -> bool | None:
        """Whether the variant is a run of the net; None if that is not known."""
        return self._known(variant, False)

    def begins(self, variant: Sequence[str]) -> bool | None:
        """Whether a run of the net can begin with the variant; None if that is not known."""
        return self._known(variant, True)

    def alignment(self, variant: Sequence[str], *, is_beginning: bool = False) -> Alignment:
        """The cheapest explanation of a variant, as a whole run or as the beginning of one.

        Of several equally cheap ones it is one that takes the most events for steps. Of these it is always the same:
        the search goes on where it was last, takes an event for a step before it leaves it out, for the step that
        stands first in the net, and takes up missing steps only where a later event or the end needs them.
        """
        return self._wide_enough(lambda: self._aligned(variant, is_beginning))

    def _prepare(self, width: int) -> None:
        self._encoding = Encoding(self.net, width)
        self._moves = Moves(self._encoding, lambda transition: True)
        self._automaton = Automaton(self._encoding, self._moves, self._labelled, self._most)
        self._distances = [Distances(self._encoding, self._components, of_beginnings=of) for of in (False, True)]

    def _known(self, variant: Sequence[str], is_beginning: bool) -> bool | None:
        try:
            return self._wide_enough(
                lambda: self._automaton.begins(variant) if is_beginning else self._automaton.fits(variant)
            )
        except LimitError:
            found = self.alignment(variant, is_beginning=is_beginning)
            return None if found.moves is None and not found.cost else found.cost == 0

    def _wide_enough(self, asked: Callable[[], Answer]) -> Answer:
        while True:
            try:
                return asked()
            except TokenOverflowError:
                self._prepare(2 * self._encoding.width)

    def _aligned(self, variant: Sequence[str], is_beginning: bool) -> Alignment:
        """A* over markings, positions and goals: the way to the first end that is met."""
        distances = self._distances[is_beginning]
        rows = distances.rows(variant)
        start: _Node = (self._encoding.start, 0, None)
        costs: dict[_Node, int] = {start: 0}
        ways: dict[_Node, tuple[_Node, int | None]] = {}
        waiting = [(distances.least_cost(rows[0], start[0]), 0, 0, start)]
        serial = 0  # falls, so that of equals the last goes first
        least: float = 0
        for _ in range(self._most):
            if not waiting:
                return Alignment(None, math.inf)
            least, _, cost, node = heappop(waiting)
            if cost > costs[node]:
                continue
            try:
                if self._is_end(node, len(variant), is_beginning):
                    return Alignment(tuple(self._told(node, ways)), cost // MISSING)
            except LimitError:
                break
            for after, more, transition in self._onwards(node, variant):
                reached = cost + more
                if reached < costs.get(after, math.inf):
                    total = reached + distances.least_cost(rows[after[1]], after[0])
                    if total < math.inf:
                        costs[after], ways[after] = reached, (node, transition)
                        serial -= 1
                        heappush(waiting, (total, serial, reached, after))
        return Alignment(None, least // MISSING)

    def _is_end(self, node: _Node, size: int, is_beginning: bool) -> bool:
        marking, position, goal = node
        if goal is None:
            return is_beginning and position == size and self._automaton.can_end(marking)
        return goal < 0 and marking == self._encoding.ends[-1 - goal]

    def _onwards(self, node: _Node, variant: Sequence[str]) -> Iterator[tuple[_Node, int, int | None]]:
        """Where to, at which cost, and the transition that fires, if one does; what is to be tried first comes last."""
        marking, position, goal = node
        if goal is not None:
            transitions = self.net.transitions
            label = variant[position] if goal >= 0 else None
            for number, after in reversed(self._moves.towards(goal, marking)):
                if number == goal:
                    yield (after, position + 1, None), 0, number
                elif (found := transitions[number].label) is None:
                    yield (after, position, goal), 0, number
                elif found != label:  # else that step would be the one to take the event for
                    yield (after, position, goal), MISSING, number
        elif position < len(variant):
            yield (marking, position + 1, None), SURPLUS, None
            for number in reversed(self._labelled.get(variant[position], ())):
                yield (marking, position, number), 0, None
        else:
            for number in range(len(self.net.ends)):
                yield (marking, position, -1 - number), 0, None

    def _told(self, node: _Node, ways: dict[_Node, tuple[_Node, int | None]]) -> Sequence[Move]:
        moves: list[Move] = []
        while node in ways:
            before, number = ways[node]
            transition = None if number is None else self.net.transitions[number]
            position = before[1]
            if position < node[1]:
                moves.append(Move("log" if transition is None else "synchronous", position, transition))
            elif transition is not None:
                moves.append(Move("silent" if transition.label is None else "model", position, transition))
            node = before
        return moves[::-1]
