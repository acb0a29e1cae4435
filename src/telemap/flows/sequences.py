"""Declared sequences as flows: the beats one after the other, except those that wait while the others go on."""

from __future__ import annotations

from telemap.flows.net import Block, Net, interleaving, net_of, sequence, step
from telemap.model.declared import Beat, Sequence

# A beat with one of these timings is only scheduled when its turn comes; it runs at any time from then on.
DEFERRED = frozenset({"after-beat", "next-measure", "delayed"})


def net_of_sequence(declared: Sequence) -> Net:
    """The net of a sequence; the step of a transition is the number of the beat in the whole sequence, from 1."""
    beats = [beat for movement in declared.movements for beat in movement.beats]
    return net_of(_block([(number, beat) for number, beat in enumerate(beats, start=1)]))


def _block(beats: list[tuple[int, Beat]]) -> Block:
    rest: list[Block] = []
    for number, beat in reversed(beats):
        one = step(beat.event, number)
        rest = [interleaving(one, sequence(*rest))] if beat.timing in DEFERRED else [one, *rest]
    return sequence(*rest)
