"""Shapes of lines → what they mean: each distinct shape is matched against the format once, all its lines follow.

A resolution that has earned it (enough lines, and the regular expression proven not to look at what the shape hides)
gets a capture plan, which the scan kernel carries out; all other lines are matched one by one.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from telemap.model.telemetry import RECORD_TEXT, SPAN_TEXT
from telemap.records.formats import EventRule, Format, Pattern
from telemap.records.scan import masks, plan_of

LINES_FOR_A_PLAN = 4
"""From how many lines of one shape a plan pays for the work of making and checking it."""

CONSTANT_GROUPS = frozenset(SPAN_TEXT + RECORD_TEXT)
"""Groups whose text is interned, so that text which the shape itself spells out is looked up only once."""

Spans = dict[str, tuple[int, int]]


@dataclass(slots=True)
class Match:
    """What one line means: how a record begins here and which event it is."""

    pattern: Pattern
    rule: EventRule | None
    spans: Spans


@dataclass(slots=True)
class Plan:
    """How to find the groups of every line of a shape: constant text, or boundaries for the kernel to look up."""

    constants: dict[str, bytes]
    groups: tuple[str, ...]
    boundaries: npt.NDArray[np.int32]
    to_line_end: tuple[bool, ...]


@dataclass(slots=True)
class Resolution:
    """A shape: its first line, how many lines it had, and, once it is proven uniform, what all its lines mean."""

    first_line: bytes
    lines: int = 0
    is_uniform: bool | None = None  # None: not looked at yet; False: its lines must be matched one by one
    match: Match | None = None  # of a uniform shape; None where no record begins (a continuation)
    plan: Plan | None = None


class Resolver:
    """The resolutions of one format, by class id of one scan table."""

    def __init__(self, log_format: Format) -> None:
        self.format = log_format
        self.by_class: list[Resolution] = []
        self.is_uniform = bytearray()  # by class, as an array the columns can look up in
        self.begins = bytearray()  # by class: does a record begin here, if uniform
        self._literal_tokens = _literal_tokens(log_format)

    def match(self, line: bytes) -> Match | None:
        """What ``line`` means by itself."""
        found = self.format.match(line)
        return None if found is None else Match(*found)

    def learn(self, class_id: int, line: bytes) -> None:
        """Take ``line`` as the first of class ``class_id``; classes come in order, without gaps."""
        assert class_id == len(self.by_class)
        self.by_class.append(Resolution(line))
        self.is_uniform.append(0)
        self.begins.append(0)

    def count(self, class_id: int, lines: int) -> None:
        """Note ``lines`` more lines of a class, which may earn it a plan."""
        resolution = self.by_class[class_id]
        resolution.lines += lines
        if resolution.is_uniform is None and resolution.lines >= LINES_FOR_A_PLAN:
            resolution.match = self.match(resolution.first_line)
            resolution.is_uniform = self._is_uniform(resolution)
            if resolution.is_uniform and resolution.match is not None:
                resolution.plan = _plan(resolution.first_line, resolution.match.spans)
                resolution.is_uniform = resolution.plan is not None
            self.is_uniform[class_id] = resolution.is_uniform
            self.begins[class_id] = resolution.match is not None

    def _is_uniform(self, resolution: Resolution) -> bool:
        """Whether lines that differ only in what the shape hides are matched alike (other digits, other ids)."""
        line, expected = resolution.first_line, resolution.match
        hidden = masks(line)
        if expected is not None and "timestamp" in expected.spans:
            first, last = expected.spans["timestamp"]
            hidden = [m for m in hidden if m[1] <= first or m[0] >= last]
        for digit, letter in ((b"1", b"b"), (b"7", b"y")):
            other = bytearray(line)
            for start, end, _ in hidden:
                token = re.sub(rb"[A-Za-z]", letter, re.sub(rb"\d", digit, line[start:end]))
                other[start:end] = token
            if not _same(self.match(bytes(other)), expected, line):
                return False
        for token in self._literal_tokens:
            other = bytearray(line)
            for start, end, _ in reversed(hidden):
                other[start:end] = token
            found = self.match(bytes(other))
            if (found and found.rule) is not (expected and expected.rule):
                return False
        return True


def _same(found: Match | None, expected: Match | None, line: bytes) -> bool:
    if found is None or expected is None:
        return found is expected
    return found.pattern is expected.pattern and found.rule is expected.rule and found.spans == expected.spans


def _literal_tokens(log_format: Format) -> tuple[bytes, ...]:
    """Words with digits that the format's expressions spell out: only lines with just these may match them."""
    tokens = set()
    for regex in [p.regex for p in log_format.patterns] + [e.regex for e in log_format.events]:
        plain = re.sub(rb"\\.|\[[^\]]*\]|\{\d+(?:,\d*)?\}|\(\?P<\w+>", b" ", regex.pattern)
        tokens.update(re.findall(rb"[A-Za-z]*\d[A-Za-z0-9]*", plain))
    return tuple(sorted(tokens))


def _plan(line: bytes, spans: Spans) -> Plan | None:
    hidden = masks(line)
    constants: dict[str, bytes] = {}
    groups, places, to_line_end = [], [], []
    for group, (start, end) in spans.items():
        if group in CONSTANT_GROUPS and not any(s < end and e > start for s, e, _ in hidden):
            constants[group] = line[start:end]
            continue
        runs_to_end = end == len(line)
        groups.append(group)
        to_line_end.append(runs_to_end)
        places.append((start, start if runs_to_end else end))
    boundaries = plan_of(line, places)
    if boundaries is None:
        return None
    return Plan(constants, tuple(groups), np.array(boundaries, np.int32), tuple(to_line_end))
