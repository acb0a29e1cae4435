"""What follows a net, worked out the long way: every order of every move, one token count a place."""

from __future__ import annotations

import math
from heapq import heappop, heappush

from telemap.flows.alignment import Alignment
from telemap.flows.net import Block, Net, Tokens, Transition

Marking = tuple[int, ...]
MOST_TOKENS = 4  # in a place
MOST_STATES = 3_000


class TooLarge(Exception):  # noqa: N818 - no error: such an example is passed over
    """The net has more states than the long way can go."""


def marking_of(net: Net, tokens: Tokens) -> Marking:
    held = dict(tokens)
    return tuple(held.get(place, 0) for place in range(net.place_count))


def after(marking: Marking, transition: Transition) -> Marking | None:
    """The marking after a transition; None where it is not enabled."""
    counts = list(marking)
    for place, count in transition.inputs:
        counts[place] -= count
    if any(count < 0 for count in counts):
        return None
    for place, count in transition.outputs:
        counts[place] += count
    if max(counts, default=0) > MOST_TOKENS:
        raise TooLarge
    return tuple(counts)


def can_end(net: Net, marking: Marking) -> bool:
    ends = {marking_of(net, end) for end in net.ends}
    found, waiting = {marking}, [marking]
    for one in waiting:
        onward = [next_ for transition in net.transitions if (next_ := after(one, transition)) is not None]
        waiting += [next_ for next_ in dict.fromkeys(onward) if next_ not in found]
        found.update(onward)
        if len(found) > MOST_STATES:
            raise TooLarge
    return not ends.isdisjoint(found)


def least_cost(net: Net, variant: tuple[str, ...], *, is_beginning: bool) -> float:
    """The cost of an optimal alignment, by Dijkstra's algorithm over all moves."""
    ends = {marking_of(net, end) for end in net.ends}
    waiting = [(0, marking_of(net, net.start), 0)]
    done: set[tuple[Marking, int]] = set()
    while waiting:
        cost, marking, position = heappop(waiting)
        if (marking, position) in done:
            continue
        done.add((marking, position))
        if len(done) > MOST_STATES:
            raise TooLarge
        is_through = position == len(variant)
        if is_through and (can_end(net, marking) if is_beginning else marking in ends):
            return cost
        if not is_through:
            heappush(waiting, (cost + 1, marking, position + 1))
        for transition in net.transitions:
            then = after(marking, transition)
            if then is not None:
                heappush(waiting, (cost + (transition.label is not None), then, position))
                if not is_through and transition.label == variant[position]:
                    heappush(waiting, (cost, then, position + 1))
    return math.inf


def is_explanation(net: Net, variant: tuple[str, ...], alignment: Alignment, *, is_beginning: bool) -> bool:
    """Whether the moves tell of all events, cost what they are said to, and the steps are those of a run."""
    assert alignment.moves is not None
    told = [move.position for move in alignment.moves if move.kind in ("log", "synchronous")]
    named = all(
        move.transition is not None and move.transition.label == variant[move.position]
        for move in alignment.moves
        if move.kind == "synchronous"
    )
    cost = sum(move.kind in ("log", "model") for move in alignment.moves)
    steps = [move.transition for move in alignment.moves if move.transition is not None]
    return told == list(range(len(variant))) and named and cost == alignment.cost and _is_run(net, steps, is_beginning)


def _is_run(net: Net, steps: list[Transition], is_beginning: bool) -> bool:
    marking: Marking | None = marking_of(net, net.start)
    for step in steps:
        marking = after(marking, step) if marking is not None else None
    if marking is None:
        return False
    return can_end(net, marking) if is_beginning else marking in {marking_of(net, end) for end in net.ends}


def language(block: Block, most: int) -> set[tuple[str, ...]]:
    """The runs of a block that have no more than ``most`` events, by what its kind means."""
    parts = [language(part, most) for part in block.parts]
    match block.kind:
        case "step":
            runs = {() if block.label is None else (block.label,)}
        case "choice":
            runs = set().union(*parts)
        case "loop":
            runs, last = parts[0], set[tuple[str, ...]]()
            while runs != last:
                last = runs
                runs = runs | _joined(_joined(runs, parts[1], most), parts[0], most)
        case _:
            runs = {()}
            for part in parts:
                runs = _joined(runs, part, most) if block.kind == "sequence" else _mixed(runs, part, most)
    return {run for run in runs if len(run) <= most}


def _joined(left: set[tuple[str, ...]], right: set[tuple[str, ...]], most: int) -> set[tuple[str, ...]]:
    return {a + b for a in left for b in right if len(a) + len(b) <= most}


def _mixed(left: set[tuple[str, ...]], right: set[tuple[str, ...]], most: int) -> set[tuple[str, ...]]:
    return {run for a in left for b in right if len(a) + len(b) <= most for run in _mixes(a, b)}


def _mixes(a: tuple[str, ...], b: tuple[str, ...]) -> set[tuple[str, ...]]:
    if not a or not b:
        return {a + b}
    return {(a[0], *run) for run in _mixes(a[1:], b)} | {(b[0], *run) for run in _mixes(a, b[1:])}
