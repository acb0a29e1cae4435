"""How far formats get in a line, and what its timestamp says: what to tell people who wonder how it is understood."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from itertools import islice

from telemap.model.documents import iso_time
from telemap.records import json_lines, times
from telemap.records.formats import JSON_OBJECT, Format
from telemap.records.members import values_of

MISSING = {
    times.LOCAL: "no zone: UTC, unless telemap ingest --tz says another",
    times.YEARLESS: "no year and no zone",
    times.TIME_ONLY: "no date and no zone",
    times.OUT_OF_RANGE: "outside of the years 1678 to 2261",
    times.UNREADABLE: "no layout fits: [time] layouts in the format's file can say how it is written",
}
"""What a timestamp of each kind lacks."""

_TOLD = {
    times.ABSOLUTE: slice(None),
    times.LOCAL: slice(-1),
    times.YEARLESS: slice(5, -1),
    times.TIME_ONLY: slice(11, -1),
}


NEAREST = 12
COARSE_STEP = 8  # parts of an expression at a time, for a first look at many: each cut has to be compiled

# Where an expression can be cut: not inside of an escape, a set, a repetition or the head of a group.
_TOKEN = re.compile(rb"\\.|\[\^?\]?(?:\\.|[^\]\\])*\]|\{\d*,?\d*\}|\(\?P<\w+>|\(\?<?[:=!>]|.", re.DOTALL)


@dataclass(frozen=True, slots=True)
class Attempt:
    """How far one pattern, event or JSON format got: ``stop`` bytes into the line.

    From there on an expression wanted ``expected``, its rest. A JSON format has a ``reason`` instead, and in
    ``expected`` the keys that are missing, with commas between.
    """

    name: str
    stop: int
    expected: str
    reason: str | None = None


@dataclass(frozen=True, slots=True)
class TimeTold:
    """A timestamp as far as it is understood, ISO 8601, and what it lacks; None where that is nothing."""

    time: str | None
    missing: str | None


def time_told(text: bytes, layouts: Sequence[str]) -> TimeTold:
    """What a timestamp says that is written in one of ``layouts``."""
    found, kinds = times.read([text], times.Layouts(layouts))
    kind = int(kinds[0])
    time = iso_time(int(found[0]))[_TOLD[kind]] if kind in _TOLD else None
    return TimeTold(time, MISSING.get(kind))


def attempts(line: bytes, log_format: Format) -> list[Attempt]:
    """The patterns of a format that a line does not fit, the one that gets furthest first."""
    if log_format.members is not None:
        return [_json_attempt(line, log_format.members.requires)]
    return _ranked([_attempt(p.name, p.regex, line, 0, len(line)) for p in log_format.patterns])


def nearest(line: bytes, formats: Sequence[Format]) -> list[tuple[Format, Attempt]]:
    """The patterns that get furthest in a line that fits none; JSON formats if it may be JSON."""
    json_formats = [f for f in formats if f.members is not None]
    patterns = [(f, p) for f in formats for p in f.patterns]
    if json_formats and (line.lstrip()[:1] == b"{" or not patterns):
        found = [(f, attempt) for f in json_formats for attempt in attempts(line, f)]
        found.sort(key=lambda it: (-it[1].stop, len(it[1].expected)))
        return found[:NEAREST] if found[0][1].expected else found[:1]  # what is no JSON is none to any of them
    if len(patterns) > NEAREST:
        patterns.sort(key=lambda it: -_attempt(it[1].name, it[1].regex, line, 0, len(line), COARSE_STEP).stop)
    found = [(f, _attempt(p.name, p.regex, line, 0, len(line))) for f, p in patterns[:NEAREST]]
    return sorted(found, key=lambda it: -it[1].stop)


def _json_attempt(line: bytes, requires: Sequence[str]) -> Attempt:
    """Where a line is no JSON object, or which keys it lacks."""
    error = json_lines.first_error(line)
    if error is not None:
        return Attempt(JSON_OBJECT.name, error[0], "", error[1])
    has = values_of([line])[0] or {}
    missing = [key for key in requires if key not in has]
    reason = f"there is no key {' and no key '.join(missing)}" if missing else "the object has no key"
    return Attempt(JSON_OBJECT.name, line.rfind(b"}"), ",".join(missing), reason)


def event_attempts(line: bytes, body: tuple[int, int], log_format: Format) -> list[Attempt]:
    """The events that the body of a line does not fit, the one that gets furthest first; none that fail at once."""
    found = [_attempt(rule.name, rule.regex, line, *body) for rule in log_format.events]
    return _ranked([attempt for attempt in found if attempt.stop > body[0]])


def _ranked(found: list[Attempt]) -> list[Attempt]:
    return sorted(found, key=lambda attempt: -attempt.stop)


def _attempt(name: str, regex: re.Pattern[bytes], line: bytes, start: int, end: int, step: int = 1) -> Attempt:
    """The furthest that any beginning of the expression gets, as far as it can be cut there."""
    source, best, cut = regex.pattern, start, 0
    for token in islice(_TOKEN.finditer(source, 0, len(source) - 1), step - 1, None, step):
        beginning = _compiled(source[: token.end()])
        found = beginning and beginning.match(line, start, end)
        if found and found.end() >= best:
            best, cut = found.end(), token.end()
    return Attempt(name, best, source[cut:].decode(errors="replace"))


@lru_cache(50_000)
def _compiled(beginning: bytes) -> re.Pattern[bytes] | None:
    if beginning.endswith(b"|"):  # nothing at all would fit the alternative that begins there
        return None
    try:
        return re.compile(beginning + b")" * _open_groups(beginning))
    except re.error:  # it is cut between a group and what it must hold
        return None


def _open_groups(source: bytes) -> int:
    plain = re.sub(rb"\\.|\[\^?\]?[^\]]*\]", b"", source, flags=re.DOTALL)
    return plain.count(b"(") - plain.count(b")")
