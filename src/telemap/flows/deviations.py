"""How variants differ from a declared flow: explanations in the words of the declaration, each difference told once."""

from __future__ import annotations

from collections.abc import Callable, Hashable, Iterator, Sequence
from dataclasses import dataclass
from typing import Literal

from telemap.flows.alignment import FlowChecker, Move

Passed = tuple[Literal["before", "after"], str]
Kind = Literal["missing-beat", "extra-beat", "out-of-order", "repeated-beat", "undeclared-event"]


@dataclass(frozen=True, slots=True)
class Difference:
    """One difference.

    Attributes:
        kind: what differs.
        event: the event that came, or the one that is missing.
        step: what the net says of the step that it is about; None where it is about no step.
        position: of the event in the variant; of one that is missing, of the event before which it is.
        instead: the event of the step that an undeclared one came for, if it came for one.
        passed: of one out of order, whether it came before or after which event; declared is the other way round.
    """

    kind: Kind
    event: str
    step: Hashable
    position: int
    instead: str | None = None
    passed: Passed | None = None


@dataclass(frozen=True, slots=True)
class _Left:
    """A move that is not synchronous; moves between the same two synchronous ones are of one gap."""

    event: str
    step: Hashable
    position: int
    gap: int


def differences(
    checker: FlowChecker, variant: Sequence[str], *, lacks_start: bool = False, lacks_end: bool = False
) -> tuple[Difference, ...] | None:
    """How a variant differs from the flow, in its order; None where no explanation was found within the limits.

    Args:
        checker: of the flow.
        variant: names of events.
        lacks_start: what came before is not known, so that no step before the first one seen is missing.
        lacks_end: what came after is not known.
    """
    if (checker.begins if lacks_end else checker.fits)(variant):
        return ()
    moves = checker.alignment(variant, is_beginning=lacks_end).moves
    return None if moves is None else tuple(sorted(_told(checker, variant, moves, lacks_start), key=_position))


def _told(
    checker: FlowChecker, variant: Sequence[str], moves: Sequence[Move], lacks_start: bool
) -> Iterator[Difference]:
    surplus: list[_Left] = []
    missing: list[_Left] = []
    kept: list[str] = []  # the events between the gaps
    for move in moves:
        if move.transition is None:
            surplus.append(_Left(variant[move.position], None, move.position, len(kept)))
        elif move.kind == "model":
            missing.append(_Left(str(move.transition.label), move.transition.step, move.position, len(kept)))
        elif move.kind == "synchronous":
            kept.append(variant[move.position])
    if lacks_start:
        missing = [one for one in missing if one.gap]
    rest = []
    for one in surplus:
        if twin := _taken(missing, lambda other, one=one: other.event == one.event):  # type: ignore[misc]
            yield Difference("out-of-order", one.event, twin.step, one.position, passed=_passed(one, twin, kept))
        else:
            rest.append(one)
    steps = {one.label: one.step for one in reversed(checker.net.transitions)}
    for one in rest:
        if one.event not in steps:
            place = _taken(missing, lambda other, one=one: other.gap == one.gap)  # type: ignore[misc]
            step, instead = (place.step, place.event) if place else (None, None)
            yield Difference("undeclared-event", one.event, step, one.position, instead)
        else:
            kind: Kind = "repeated-beat" if one.event in kept[: one.gap] else "extra-beat"
            yield Difference(kind, one.event, steps[one.event], one.position)
    for one in missing:
        yield Difference("missing-beat", one.event, one.step, one.position)


def _passed(came: _Left, declared: _Left, kept: Sequence[str]) -> Passed:
    """An event between where one came and where it is declared: were there none, it would not be out of order."""
    return ("after", kept[declared.gap]) if came.gap > declared.gap else ("before", kept[declared.gap - 1])


def _taken(among: list[_Left], is_wanted: Callable[[_Left], bool]) -> _Left | None:
    """The first that is wanted, taken out of the list."""
    found = next(filter(is_wanted, among), None)
    if found is not None:
        among.remove(found)
    return found


def _position(difference: Difference) -> int:
    return difference.position
