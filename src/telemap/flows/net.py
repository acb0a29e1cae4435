"""What a declared flow becomes: a labelled Petri net, put together from blocks or read from a file."""

from __future__ import annotations

from collections.abc import Hashable, Iterable, Sequence
from dataclasses import dataclass, field
from typing import Literal

Tokens = tuple[tuple[int, int], ...]  # (place, how many), each place once, in rising order


@dataclass(frozen=True, slots=True)
class Transition:
    """A step that takes tokens and gives tokens; silent where ``label`` is None, else its events have this name.

    ``step`` is whatever was declared to be this step: nothing here looks into it.
    """

    label: str | None
    inputs: Tokens
    outputs: Tokens
    step: Hashable = None


@dataclass(frozen=True, slots=True)
class Net:
    """A labelled Petri net; a run leads from ``start`` to exactly one of ``ends``."""

    place_count: int
    transitions: tuple[Transition, ...]
    start: Tokens
    ends: tuple[Tokens, ...]


@dataclass(slots=True)
class Draft:
    """A net that is being made."""

    place_count: int = 0
    transitions: list[Transition] = field(default_factory=list)

    def place(self) -> int:
        """A new place."""
        self.place_count += 1
        return self.place_count - 1

    def add(self, label: str | None, inputs: Iterable[int], outputs: Iterable[int], step: Hashable = None) -> None:
        """Add a transition; a place that is named twice gives or takes two tokens."""
        self.transitions.append(Transition(label, tokens(inputs), tokens(outputs), step))

    def embed(self, net: Net) -> int:
        """Add the places and transitions of a net; what is added to the numbers of its places."""
        first = self.place_count
        self.place_count += net.place_count
        for one in net.transitions:
            inputs, outputs = (
                tuple((first + place, count) for place, count in held) for held in (one.inputs, one.outputs)
            )
            self.transitions.append(Transition(one.label, inputs, outputs, one.step))
        return first

    def net(self, start: Iterable[int], *ends: Iterable[int]) -> Net:
        """The net as it is now."""
        return Net(self.place_count, tuple(self.transitions), tokens(start), tuple(map(tokens, ends)))


def tokens(places: Iterable[int]) -> Tokens:
    """The tokens of a marking in which each of ``places`` holds one for each time it is named."""
    held = list(places)
    return tuple((place, held.count(place)) for place in sorted(set(held)))


@dataclass(frozen=True, slots=True)
class Block:
    """A part of a flow with one way in and one way out."""

    kind: Literal["step", "sequence", "choice", "interleaving", "loop"]
    parts: tuple[Block, ...] = ()
    label: str | None = None
    step: Hashable = None


NOTHING = Block("step")


def step(label: str, declared: Hashable = None) -> Block:
    """A step whose event is named ``label``."""
    return Block("step", label=label, step=declared)


def sequence(*parts: Block) -> Block:
    """All parts, one after the other."""
    return Block("sequence", parts)


def choice(*parts: Block) -> Block:
    """Exactly one of the parts."""
    return Block("choice", parts)


def interleaving(*parts: Block) -> Block:
    """All parts, each in its own order, mixed with the others in any way."""
    return Block("interleaving", parts)


def option(part: Block) -> Block:
    """The part, or nothing."""
    return Block("choice", (part, NOTHING))


def loop(part: Block, between: Block = NOTHING) -> Block:
    """The part once or more often, with ``between`` before each time but the first."""
    return Block("loop", (part, between))


def in_turn(parts: Sequence[tuple[Block, bool]]) -> Block:
    """The parts one after the other; where the second is true, the part is only scheduled when its turn comes.

    It then runs at any time while the others go on.
    """
    rest: list[Block] = []  # the last first
    for part, is_deferred in reversed(parts):
        if is_deferred:
            rest = [interleaving(part, sequence(*reversed(rest)))]
        else:
            rest.append(part)
    return sequence(*reversed(rest))


def net_of(block: Block) -> Net:
    """The net whose runs are those of the block."""
    draft = Draft()
    start, end = draft.place(), draft.place()
    waiting = [(block, start, end)]
    while waiting:  # no recursion: blocks lie in each other as deeply as a file likes
        waiting += reversed(_laid(draft, *waiting.pop()))
    return draft.net([start], [end])


def _laid(draft: Draft, block: Block, start: int, end: int) -> list[tuple[Block, int, int]]:
    """The parts of a block that are still to be laid, each from one place to another.

    What leads from ``start`` to ``end`` never comes back to ``start`` nor goes on from ``end``.
    """
    match block.kind:
        case "step":
            draft.add(block.label, [start], [end], block.step)
        case "choice":
            return [(part, start, end) for part in block.parts]
        case "sequence" if block.parts:
            joints = [start, *(draft.place() for _ in block.parts[1:]), end]
            return list(zip(block.parts, joints, joints[1:], strict=False))
        case "sequence":
            draft.add(None, [start], [end])
        case "interleaving":
            ways = [(draft.place(), draft.place()) for _ in block.parts]
            draft.add(None, [start], [begin for begin, _ in ways])
            draft.add(None, [finish for _, finish in ways], [end])
            return [(part, begin, finish) for part, (begin, finish) in zip(block.parts, ways, strict=True)]
        case "loop":
            begin, finish = draft.place(), draft.place()
            draft.add(None, [start], [begin])
            draft.add(None, [finish], [end])
            return [(block.parts[0], begin, finish), (block.parts[1], finish, begin)]
    return []
