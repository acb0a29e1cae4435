"""Whether variants are runs of a net: the net as an automaton without silent moves, found as far as it is needed."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

from telemap.flows.markings import MOST_KEPT, Encoding, Goal, Moves


class LimitError(Exception):
    """More markings than allowed had to be looked at; what was asked is not known."""


class Automaton:
    """The markings that a net can be in after some events; what follows a beginning is worked out once for all.

    Every method raises ``LimitError``, or ``TokenOverflowError`` where the encoding is too narrow.

    Args:
        encoding: the net and how its markings are written.
        moves: of all transitions.
        labelled: for each label the numbers of its transitions.
        most_markings: the markings to look at, at most, on the ways to one goal or after one event.
    """

    def __init__(
        self, encoding: Encoding, moves: Moves, labelled: Mapping[str, Sequence[int]], most_markings: int
    ) -> None:
        self._encoding, self._any, self._labelled, self._most = encoding, moves, labelled, most_markings
        self._silent = Moves(encoding, lambda transition: transition.label is None)
        self._end_goals = [-1 - number for number in range(len(encoding.ends))]
        self._forget()

    def _forget(self) -> None:
        """Begin anew; the states found until now are no more."""
        self._states: list[tuple[int, ...]] = [(self._encoding.start,)]
        self._numbers: dict[tuple[int, ...], int] = {self._states[0]: 0}
        self._after: list[dict[str, int]] = [{}]
        self._accepts: dict[int, bool] = {}
        self._fired: dict[tuple[int, int], tuple[int, ...]] = {}
        self._can_end: dict[int, bool] = {}

    def fits(self, variant: Sequence[str]) -> bool:
        """Whether the variant is a whole run."""
        state = self._state(variant)
        if state not in self._accepts:
            self._accepts[state] = any(self._ends(self._silent, marking) for marking in self._states[state])
        return self._accepts[state]

    def begins(self, variant: Sequence[str]) -> bool:
        """Whether the variant is the beginning of a whole run."""
        return any(self.can_end(marking) for marking in self._states[self._state(variant)])

    def can_end(self, marking: int) -> bool:
        """Whether any way leads from a marking to an end."""
        if marking not in self._can_end:
            self._can_end[marking] = self._ends(self._any, marking)
        return self._can_end[marking]

    def _state(self, variant: Sequence[str]) -> int:
        if len(self._states) + len(self._fired) > MOST_KEPT:
            self._forget()
        state = 0
        for label in variant:
            after = self._after[state]
            if label not in after:
                after[label] = self._next(state, label)
            state = after[label]
        return state

    def _next(self, state: int, label: str) -> int:
        markings: set[int] = set()
        for marking in self._states[state]:
            for transition in self._labelled.get(label, ()):
                if (transition, marking) not in self._fired:
                    self._fired[transition, marking] = tuple(self._reached(self._silent, transition, marking))
                markings.update(self._fired[transition, marking])
                if len(markings) > self._most:
                    raise LimitError
        found = tuple(sorted(markings))
        if found not in self._numbers:
            self._numbers[found] = len(self._states)
            self._states.append(found)
            self._after.append({})
        return self._numbers[found]

    def _ends(self, moves: Moves, marking: int) -> bool:
        return any(True for goal in self._end_goals for _ in self._reached(moves, goal, marking))

    def _reached(self, moves: Moves, goal: Goal, marking: int) -> Iterator[int]:
        """The markings after the transition that is the goal, or the end that is."""
        seen, waiting = {marking}, [marking]
        while waiting:
            now = waiting.pop()
            if goal < 0 and now == self._encoding.ends[-1 - goal]:
                yield now
                return
            for transition, after in moves.towards(goal, now):
                if transition == goal:
                    yield after
                elif after not in seen:
                    seen.add(after)
                    waiting.append(after)
            if len(seen) > self._most:
                raise LimitError
