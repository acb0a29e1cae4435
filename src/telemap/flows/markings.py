"""Markings of a net as whole numbers, and the few moves that matter on the way from one to a goal."""

from __future__ import annotations

from collections.abc import Callable, Iterable

from telemap.flows.net import Net, Tokens, Transition

Goal = int  # a transition that is to be enabled (its number), or an end that is to be reached (-1 - its number)
Step = tuple[int, int]  # a transition, the marking after it
MOST_KEPT = 300_000  # answers that are kept for the next time; what is forgotten is found anew


class TokenOverflowError(Exception):
    """A place came to hold more tokens than its field has room for."""


class Encoding:
    """A whole number for each marking: ``width`` bits a place, the highest of which stays free to show an overflow."""

    def __init__(self, net: Net, width: int) -> None:
        self.net, self.width = net, width
        self._guard = sum(1 << (place * width + width - 1) for place in range(net.place_count))
        self._needs = [self.marking(transition.inputs) for transition in net.transitions]
        self._effects = [
            self.marking(transition.outputs) - need
            for transition, need in zip(net.transitions, self._needs, strict=True)
        ]
        self.start = self.marking(net.start)
        self.ends = [self.marking(end) for end in net.ends]

    def marking(self, tokens: Tokens) -> int:
        """The number of a marking."""
        return sum(count << (place * self.width) for place, count in tokens)

    def count(self, marking: int, place: int) -> int:
        """How many tokens a place holds."""
        return (marking >> (place * self.width)) & ((1 << (self.width - 1)) - 1)

    def tokens(self, marking: int) -> Tokens:
        """The tokens of a marking."""
        places = range(self.net.place_count)
        return tuple((place, count) for place in places if (count := self.count(marking, place)))

    def covers(self, marking: int, other: int) -> bool:
        """Whether the marking has all that the other has."""
        return ((marking | self._guard) - other) & self._guard == self._guard

    def is_enabled(self, transition: int, marking: int) -> bool:
        """Whether the marking has all that the transition takes."""
        return ((marking | self._guard) - self._needs[transition]) & self._guard == self._guard

    def after(self, transition: int, marking: int) -> int:
        """The marking after an enabled transition.

        Raises:
            TokenOverflowError: a place would hold more tokens than there is room for.
        """
        after = marking + self._effects[transition]
        if after & self._guard:
            raise TokenOverflowError
        return after

    def reachable(self, most: int) -> set[int] | None:
        """All markings that a run can come to; None if there are more than ``most``, or tokens pile up."""
        found, waiting = {self.start}, [self.start]
        while waiting and len(found) <= most:
            marking = waiting.pop()
            for transition in range(len(self.net.transitions)):
                if self.is_enabled(transition, marking):
                    try:
                        after = self.after(transition, marking)
                    except TokenOverflowError:
                        return None
                    if after not in found:
                        found.add(after)
                        waiting.append(after)
        return found if len(found) <= most else None


def width_of(net: Net) -> int:
    """The bits a place needs for the arcs, the start and the ends of a net."""
    arcs = (tokens for transition in net.transitions for tokens in (transition.inputs, transition.outputs))
    most = max((count for tokens in (net.start, *net.ends, *arcs) for _, count in tokens), default=1)
    return most.bit_length() + 1


class Moves:
    """The moves to try on the way to a goal, where those that can as well come after it are left out.

    These are the enabled members of a strong stubborn set (A. Valmari, 1991): with an enabled transition all that
    take from the same places, with a disabled one all that give to one place that it lacks. Some order of every run
    to the goal begins with one of them, so that branches which have nothing to do with the goal, and steps in them
    that were left out of a log, are not interleaved in all their orders.
    """

    def __init__(self, encoding: Encoding, is_allowed: Callable[[Transition], bool]) -> None:
        net = encoding.net
        self._encoding = encoding
        self._inputs = [transition.inputs for transition in net.transitions]
        self._takers: list[list[int]] = [[] for _ in range(net.place_count)]
        self._givers: list[list[int]] = [[] for _ in range(net.place_count)]
        for number, transition in enumerate(net.transitions):
            if is_allowed(transition):
                for place, _ in transition.inputs:
                    self._takers[place].append(number)
                for place, _ in transition.outputs:
                    self._givers[place].append(number)
        self._rivals = [{t for place, _ in inputs for t in self._takers[place]} for inputs in self._inputs]
        self._known: dict[tuple[int, Goal], tuple[Step, ...]] = {}

    def towards(self, goal: Goal, marking: int) -> tuple[Step, ...]:
        """The moves to try, in the order of their transitions; the goal itself is one of them if it is enabled."""
        known = self._known.get((marking, goal))
        if known is None:
            if len(self._known) >= MOST_KEPT:
                self._known.clear()
            known = self._known[marking, goal] = tuple(self._found(goal, marking))
        return known

    def _found(self, goal: Goal, marking: int) -> Iterable[Step]:
        encoding = self._encoding
        waiting = [goal] if goal >= 0 else self._changing(marking, encoding.ends[-1 - goal])
        inside, enabled = set(waiting), []
        while waiting:
            transition = waiting.pop()
            if encoding.is_enabled(transition, marking):
                enabled.append(transition)
                more: Iterable[int] = self._rivals[transition]
            else:
                more = self._givers[self._lacking(transition, marking)]
            for other in more:
                if other not in inside:
                    inside.add(other)
                    waiting.append(other)
        return ((transition, encoding.after(transition, marking)) for transition in sorted(enabled))

    def _lacking(self, transition: int, marking: int) -> int:
        count = self._encoding.count
        return next(place for place, needed in self._inputs[transition] if count(marking, place) < needed)

    def _changing(self, marking: int, end: int) -> list[int]:
        """All that can bring the first place that is not as in the end nearer to it."""
        count = self._encoding.count
        for place, (takers, givers) in enumerate(zip(self._takers, self._givers, strict=True)):
            difference = count(marking, place) - count(end, place)
            if difference:
                return list(takers if difference > 0 else givers)
        return []
