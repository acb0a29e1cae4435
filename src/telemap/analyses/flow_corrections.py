"""What is to be changed of a declaration so that all complete runs follow it."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Set
from dataclasses import dataclass
from functools import cached_property

from telemap.analyses.flow_declarations import Declaration
from telemap.definitions.corrections import Correction, Item, NewStep
from telemap.flows.alignment import FlowChecker
from telemap.flows.deviations import Difference, differences
from telemap.store.store import Row

LEAST_RUNS = 3
"""Complete runs that are needed; fewer say too little of what always happens."""
MOST_VARIANTS = 20
"""Of so many variants, the most frequent ones, it is tried whether they tell how the flow is to be corrected."""

Course = tuple[str, ...]
Key = tuple[str, str]
"""Kind of a difference, and its event."""


@dataclass(frozen=True)
class Evidence:
    """What runs of a declared sequence showed.

    Attributes:
        declared: the sequence.
        courses: the events of its complete runs, with how many runs had them.
        events: all that came in any run.
        handlers: by event those that answered it, with the number of runs.
    """

    declared: Declaration
    courses: Mapping[Course, int]
    events: Set[str]
    handlers: Mapping[str, Mapping[str, int]]

    @cached_property
    def differing(self) -> Mapping[Course, tuple[Difference, ...] | None]:
        """How each course differs from the declaration; None where that is not known."""
        return {course: differences(self.declared.checker, course) for course in self.courses}

    @property
    def runs(self) -> int:
        """How many complete runs there are."""
        return sum(self.courses.values())


@dataclass(frozen=True, slots=True)
class Candidate:
    """A correction, and what may still differ with it."""

    correction: Correction
    left: Set[Key]


def evidence(declared: Declaration, rows: Iterable[Row], handlers: Iterable[Row]) -> Evidence:
    """What the rows of ``flows.sql`` and ``flow_handlers.sql`` that belong to a sequence show."""
    courses, events = Counter[Course](), set[str]()
    for row in rows:
        events.update(row["beats"])
        if not (row["lacks_start"] or row["lacks_end"] or row["is_failed"]):
            courses[tuple(row["beats"])] += row["runs"]
    answering: dict[str, dict[str, int]] = {}
    for row in handlers:
        answering.setdefault(row["event_name"], {})[row["handler"]] = row["runs"]
    return Evidence(declared, courses, events, answering)


def keys(found: Iterable[Difference]) -> set[Key]:
    """What the differences are about."""
    return {(one.kind, one.event) for one in found}


def candidates(shown: Evidence) -> Iterator[Candidate]:
    """Corrections to be tried, the best first.

    Each is what one variant shows, which all others may fit, too. At last it is what all of them show alike, with the
    rest left as it is.
    """
    known = {course: found for course, found in shown.differing.items() if found is not None}
    if len(known) < len(shown.differing):
        return
    for course in sorted(known, key=lambda course: (-shown.courses[course], course))[:MOST_VARIANTS]:
        allowed = [one for one in known[course] if _is_consistent(one, shown)]
        yield Candidate(_correction(shown, course, allowed), keys(known[course]) - keys(allowed))
    common = set.intersection(*map(keys, known.values()))
    course = max(known, key=lambda course: (shown.courses[course], course))
    allowed = [one for one in known[course] if (one.kind, one.event) in common and _is_consistent(one, shown)]
    yield Candidate(_correction(shown, course, allowed), set[Key]().union(*map(keys, known.values())) - keys(allowed))


def is_better(shown: Evidence, net: FlowChecker, left: Set[Key]) -> bool:
    """Whether all complete runs follow a net, but for what is left as it is."""
    found = [differences(net, course) for course in shown.courses]
    return all(one is not None and keys(one) <= left for one in found)


def _is_consistent(one: Difference, shown: Evidence) -> bool:
    """Whether no incomplete run has what a complete one shows to be gone."""
    gone = one.event if one.kind == "missing-beat" else one.instead
    return gone not in shown.events or sum(step.event == gone for step in shown.declared.steps.values()) > 1


def _correction(shown: Evidence, course: Course, found: list[Difference]) -> Correction:
    """What makes a course fit, as far as it differs in what was found."""
    alignment = shown.declared.checker.alignment(course)
    items: dict[int, Item] = {
        move.position: move.transition.step
        for move in alignment.moves or ()
        if move.kind == "synchronous" and move.transition and isinstance(move.transition.step, int)
    }
    renamed: dict[int, str] = {}
    removed: set[int] = set()
    placed: list[tuple[int, Item]] = []
    for serial, one in enumerate(found):
        number = one.step if isinstance(one.step, int) else None
        if number and one.kind == "undeclared-event" and _is_renamed(shown, number, one.event):
            renamed[number] = one.event
            items[one.position] = number
            continue
        if number and one.kind in ("missing-beat", "undeclared-event"):
            removed.add(number)
        if one.kind != "missing-beat":
            is_moved = one.kind == "out-of-order"
            items[one.position] = number if number and is_moved else _new(one.event, serial, shown)
            placed.append((one.position, items[one.position]))
    before = {item: items.get(max((at for at in items if at < position), default=-1)) for position, item in placed}
    return Correction(
        renamed,
        _handlers(shown, renamed),
        frozenset(removed),
        tuple(before.items()),
    )


def _is_renamed(shown: Evidence, number: int, event: str) -> bool:
    """Whether an event came for a step of another name, and not another step: one that another handler answered."""
    handlers = shown.handlers.get(event, {})
    return not handlers or shown.declared.steps[number].handler in (None, *handlers)


def _new(event: str, serial: int, shown: Evidence) -> NewStep:
    """A step for an event, with the handler that answers it if there is one only."""
    handlers = shown.declared.handlers(event) or sorted(shown.handlers.get(event, ()))
    handler = handlers[0] if len(handlers) == 1 else None
    words = re.findall(r"[A-Z]?[a-z]+|[A-Z]+(?![a-z])|\d+", handler or re.split(r"[:./]", event)[-1])
    return NewStep(event, serial, handler, " ".join(word[:1].upper() + word[1:] for word in words) or event)


def _handlers(shown: Evidence, renamed: Mapping[int, str]) -> Mapping[int, str]:
    """By step the handler that always answered in the place of the declared ones."""
    found = {}
    for number, step in shown.declared.steps.items():
        event = renamed.get(number, step.event)
        seen = shown.handlers.get(event, {})
        declared = {step.handler, *shown.declared.handlers(event)}
        if step.handler and len(seen) == 1 and declared.isdisjoint(seen) and sum(seen.values()) >= LEAST_RUNS:
            found[number] = next(iter(seen))
    return found
