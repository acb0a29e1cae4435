"""How far regular expressions get in a line: what to tell people whose lines are not understood."""

from __future__ import annotations

import re
from dataclasses import dataclass

from telemap.records.formats import Format


@dataclass(frozen=True, slots=True)
class Attempt:
    """How far one pattern or event got: ``stop`` bytes into the line; from there on it wanted ``expected``."""

    name: str
    stop: int
    expected: str


def attempts(line: bytes, log_format: Format) -> list[Attempt]:
    """The patterns of a format that a line does not fit, the one that gets furthest first."""
    return _ranked([_attempt(p.name, p.regex, line, 0, len(line)) for p in log_format.patterns])


def event_attempts(line: bytes, body: tuple[int, int], log_format: Format) -> list[Attempt]:
    """The events that the body of a line does not fit, the one that gets furthest first; none that fail at once."""
    found = [_attempt(rule.name, rule.regex, line, *body) for rule in log_format.events]
    return _ranked([attempt for attempt in found if attempt.stop > body[0]])


def _ranked(found: list[Attempt]) -> list[Attempt]:
    return sorted(found, key=lambda attempt: -attempt.stop)


def _attempt(name: str, regex: re.Pattern[bytes], line: bytes, start: int, end: int) -> Attempt:
    """The furthest that any beginning of the expression gets, as far as it can be cut there."""
    source, best, cut = regex.pattern, start, 0
    for length in range(1, len(source)):
        beginning = _compiled(source[:length])
        found = beginning and beginning.match(line, start, end)
        if found and found.end() >= best:
            best, cut = found.end(), length
    return Attempt(name, best, source[cut:].decode(errors="replace"))


def _compiled(beginning: bytes) -> re.Pattern[bytes] | None:
    if beginning.endswith(b"|"):  # nothing at all would fit the alternative that begins there
        return None
    try:
        return re.compile(beginning + b")" * _open_groups(beginning))
    except re.error:  # it is cut inside an escape, a class or a group's name
        return None


def _open_groups(source: bytes) -> int:
    plain = re.sub(rb"\\.|\[\^?\]?[^\]]*\]", b"", source, flags=re.DOTALL)
    return plain.count(b"(") - plain.count(b")")
