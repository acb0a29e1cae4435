"""What the records around a record say of where it was written.

Of several statements that can have written a record, the one is likelier whose file wrote records around it, and the
one that comes next in the file after what was logged before it in the same trace, or last before what was logged after.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Hashable, Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from operator import attrgetter
from typing import Generic, NamedTuple, TypeVar

from telemap.mapping.records import Candidate, Origins
from telemap.model.code import CodeLocation

AROUND = 100  # records before and after that are looked at
SURE = 0.9  # whose places are taken for known
MOST = 0.89  # no neighbour makes a place as sure as that
# What each makes a statement likelier by; python -m benchmarks callsites --data … tells how often that is right.
SAME_FILE, NEXT_LINE = 9.0, 3.0

Payload = TypeVar("Payload")


@dataclass(frozen=True, slots=True)
class Placed(Generic[Payload]):
    """A record of a source, as far as it is known where it was written; ``trace_id`` is None where that is not known.

    ``record`` is whatever comes with it.
    """

    source: Hashable
    trace_id: Hashable
    origins: Origins
    record: Payload


class _Known(NamedTuple):
    number: int
    trace_id: Hashable
    location: CodeLocation


def among_neighbours(records: Iterable[Placed[Payload]]) -> Iterator[Placed[Payload]]:
    """The records, of one source after the other and in the order of each, with what their neighbours say of them."""
    waiting: deque[tuple[int, Placed[Payload]]] = deque()
    known: deque[_Known] = deque()
    for number, placed in enumerate(records):
        if waiting and waiting[-1][1].source != placed.source:
            yield from _settled(waiting, known, 0)
            known.clear()
        waiting.append((number, placed))
        if (location := _known_place(placed.origins)) is not None:
            known.append(_Known(number, placed.trace_id, location))
        yield from _settled(waiting, known, AROUND)
    yield from _settled(waiting, known, 0)


def _settled(waiting: deque[tuple[int, Placed[Payload]]], known: deque[_Known], left: int) -> Iterator[Placed[Payload]]:
    """Those of the waiting records of which all neighbours are known, but for the last ``left``."""
    while len(waiting) > left:
        number, placed = waiting.popleft()
        while known and known[0].number < number - AROUND:
            known.popleft()
        written = placed.origins.written
        statements = [candidate for candidate in written if candidate.template is not None]
        if len(statements) > 1 and known and written[0].location.confidence < SURE:
            told = [candidate for candidate in written if candidate.template is None]  # and is as sure as that makes it
            weighed = _weighed(statements, *_neighbours(number, placed.trace_id, known))
            ranked = sorted([*told, *weighed], key=attrgetter("location.confidence"), reverse=True)
            placed = replace(placed, origins=replace(placed.origins, written=tuple(ranked)))
        yield placed


def _known_place(origins: Origins) -> CodeLocation | None:
    first = origins.written[0].location if origins.written else None
    return first if first and first.confidence >= SURE and first.commit_id is None else None


def _neighbours(
    number: int, trace_id: Hashable, known: Iterable[_Known]
) -> tuple[set[tuple[str, str]], CodeLocation | None, CodeLocation | None]:
    """The files that wrote the records around, and the places of those before and after it in its trace."""
    files = set()
    before = after = None
    for one in known:
        if one.number > number + AROUND:
            break
        files.add(_file(one.location))
        if one.trace_id == trace_id:
            if one.number < number:
                before = one.location
            elif after is None and one.number > number:
                after = one.location
    return files, before, after


def _file(location: CodeLocation) -> tuple[str, str]:
    return location.root, location.file_path


def _weighed(
    written: Sequence[Candidate],
    files: set[tuple[str, str]],
    before: CodeLocation | None,
    after: CodeLocation | None,
) -> list[Candidate]:
    places = [candidate.location for candidate in written]
    weights, reasons = [1.0] * len(places), [list[str]() for _ in places]
    if not {*map(_file, places)} <= files:
        for number, place in enumerate(places):
            if _file(place) in files:
                weights[number] *= SAME_FILE
                reasons[number].append(f"records around it are from {place.file_path}")
    for other, is_before in ((before, True), (after, False)):
        if other is not None and (nearest := _nearest(places, other, is_before)) is not None:
            weights[nearest] *= NEXT_LINE
            reasons[nearest].append(f"{'after' if is_before else 'before'} what line {other.line_number} logged")
    shares = [place.confidence * weight for place, weight in zip(places, weights, strict=True)]
    part = sum(place.confidence for place in places) / sum(shares)
    return [_told(*each, part) for each in zip(written, shares, reasons, strict=True)]


def _nearest(places: list[CodeLocation], other: CodeLocation, is_before: bool) -> int | None:
    """Which of the places is the next behind another line of its file, or the last in front of it."""
    sign = 1 if is_before else -1
    distances = [
        (distance, number)
        for number, place in enumerate(places)
        if _file(place) == _file(other) and (distance := sign * (place.line_number - other.line_number)) > 0
    ]
    return min(distances)[1] if distances else None


def _told(candidate: Candidate, share: float, reasons: list[str], part: float) -> Candidate:
    location = candidate.location
    confidence = round(min(share * part, max(MOST, location.confidence)), 3)
    reason = "; ".join([location.reason, *reasons] if location.reason else reasons)
    return replace(candidate, location=replace(location, confidence=confidence, reason=reason))
