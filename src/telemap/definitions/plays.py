"""Flows that play others: the steps of the other flow stand in the place of the play."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace

from telemap.definitions.told_blocks import RefusalError
from telemap.flows.net import Block

MOST_DEPTH = 50  # of plays in each other
MOST_BLOCKS = 50_000  # of a flow with all that it plays


@dataclass(frozen=True, slots=True)
class Play:
    """What stands in a block for another flow."""

    flow_id: str
    line_number: int


def play(flow_id: str, line_number: int) -> Block:
    """The block of a play, to be replaced."""
    return Block("step", step=Play(flow_id, line_number))


class Plays:
    """The blocks of flows by their ids, with all that they play; each is put together once."""

    def __init__(self, blocks: Mapping[str, Block]) -> None:
        self._blocks = blocks
        self._whole: dict[str, tuple[Block, int]] = {}

    def whole(self, block: Block, flow_id: str) -> Block:
        """The block of a flow with others in the places of its plays.

        Raises:
            RefusalError: another flow is not there, or plays this one, or is too large.
        """
        self._prepare(block, (flow_id,))
        return self._put_together(block)[0]

    def _prepare(self, block: Block, playing: tuple[str, ...]) -> None:
        """Put together what the block plays."""
        count = 0
        for told in _plays(block):
            other = self._blocks.get(told.flow_id)
            if told.flow_id in playing:
                way = " → ".join((*playing[playing.index(told.flow_id) :], told.flow_id))
                raise _refusal(told, f"the flows play each other without an end: {way}")
            if other is None:
                raise _refusal(told, "no YAML file declares a usable flow of this id")
            if told.flow_id not in self._whole:
                if len(playing) > MOST_DEPTH:
                    raise _refusal(told, f"more than {MOST_DEPTH} flows play each other")
                try:
                    self._prepare(other, (*playing, told.flow_id))
                except RefusalError as error:
                    raise _refusal(told, error.told[2]) from error
                self._whole[told.flow_id] = self._put_together(other)
            count += self._whole[told.flow_id][1]
            if count > MOST_BLOCKS:
                raise _refusal(told, f"with all that is played the flow has more than {MOST_BLOCKS:,} parts")

    def _put_together(self, block: Block) -> tuple[Block, int]:
        """The block with others in the places of its plays, and the number of blocks in it."""
        if isinstance(block.step, Play):
            return self._whole[block.step.flow_id]
        found = [self._put_together(part) for part in block.parts]
        return replace(block, parts=tuple(part for part, _ in found)), 1 + sum(count for _, count in found)


def _plays(block: Block) -> Iterator[Play]:
    waiting = [block]
    while waiting:
        one = waiting.pop()
        if isinstance(one.step, Play):
            yield one.step
        waiting += reversed(one.parts)


def _refusal(told: Play, reason: str) -> RefusalError:
    summary, help = f"play of {told.flow_id!r} cannot be used", "declare the other flow, or write its steps out"
    return RefusalError(told.line_number, summary, reason, help)
