"""The formats that the lines of one source may be in: its own, and those to which it may switch on its way."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import NamedTuple

from telemap.records.formats import EventRule, Format, Pattern

MAY_BEGIN = re.compile(rb"(?=.{0,100}(?:\d\d[:.]\d\d|\d{9}))\S", re.DOTALL)
"""Lines that another format is tried on: not indented, with something like a time near the beginning."""

NO_RULE = -1


class StackMatch(NamedTuple):
    """What a line means: its format, how it begins, its event (by number in the stack), where its groups stand."""

    format: int
    pattern: Pattern
    rule: int
    spans: dict[str, tuple[int, int]]


class Stack:
    """A source's own format, then the others that single lines of it can be in.

    Args:
        main: the source's own.
        others: formats for lines that are not in the main one. Taken are those by which a line shows that it is no
            part of the record above: it has a time, or the keys of a certain logger.
    """

    def __init__(self, main: Format, others: Sequence[Format] = ()) -> None:
        takes_any_json = main.members is not None or not main.patterns
        fitting = [f for f in others if f is not main and _can_join(f, takes_any_json=takes_any_json)]
        self.main = main
        self.formats = (main, *sorted(fitting, key=lambda f: f.is_generic))
        self.events: tuple[EventRule, ...] = tuple(rule for f in self.formats for rule in f.events)
        self._texts = [(number, f) for number, f in enumerate(self.formats) if number and f.members is None]
        self._numbers = {id(rule): number for number, rule in enumerate(self.events)}

    @property
    def json(self) -> list[tuple[int, Format]]:
        """The JSON formats with their numbers, the one that wants most keys first after the main one."""
        found = [(number, f) for number, f in enumerate(self.formats) if f.members is not None]
        return sorted(found, key=lambda it: (it[0] != 0, it[1].is_generic, -len(it[1].members.requires)))  # type: ignore[union-attr]

    @property
    def groups(self) -> tuple[str, ...]:
        """The named groups of all expressions."""
        return tuple(dict.fromkeys(group for f in self.formats for group in f.groups))

    def match(self, line: bytes) -> StackMatch | None:
        """What ``line``, which is no JSON object, means by itself; None where no record begins."""
        found = self.main.match(line) if self.main.patterns else None
        if found is not None:
            return StackMatch(0, found.pattern, self.number(found.event), found.spans)
        if self._texts and MAY_BEGIN.match(line):
            for number, other in self._texts:
                found = other.match(line)
                if found is not None and "timestamp" in found.spans:
                    return StackMatch(number, found.pattern, self.number(found.event), found.spans)
        return None

    def number(self, event: EventRule | None) -> int:
        """The number of an event of one of the formats."""
        return NO_RULE if event is None else self._numbers[id(event)]


def _can_join(other: Format, *, takes_any_json: bool) -> bool:
    if other.wraps:
        return False
    if other.members is not None:
        return bool(other.members.requires) or takes_any_json
    # Expressions that spell out digits make shapes ambiguous, which is worth checking in a source's own format only.
    return "timestamp" in other.groups and not other.literal_tokens
