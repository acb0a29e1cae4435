"""Shapes of lines → what they mean: each distinct shape is matched against the format once, all its lines follow.

A shape that has had enough lines, and for which the regular expressions are proven not to look at what it hides, gets a
plan of captures, which the scan kernel carries out on all its lines. Lines of all other shapes are matched one by one.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from telemap.model.interning import Codes, Interner
from telemap.model.telemetry import RECORD_TEXT, SPAN_TEXT, UNKNOWN_CODE
from telemap.records import scan
from telemap.records.stack import NO_RULE, Stack, StackMatch

LINES_FOR_A_PLAN = 4
"""From how many lines of one shape a plan pays for the work of making and checking it."""

MOST_SHAPES = 65_536
"""Shapes that are told apart; lines of further ones are matched one by one, which is slow but costs no memory."""

STEP_NUMBERS = 5  # the group first; see ``scan_python.capture_all``

CONSTANT_GROUPS = frozenset(SPAN_TEXT + RECORD_TEXT)
"""Groups whose text is interned, so that text which the shape itself spells out is looked up only once."""

Spans = dict[str, tuple[int, int]]


@dataclass(slots=True)
class Steps:
    """The plans of all shapes in the form of the kernel: those of class k are ``first[k]`` to ``first[k + 1]``."""

    first: npt.NDArray[np.int32]
    steps: npt.NDArray[np.int32]

    def spans(self, lines: npt.NDArray[np.int64], groups: int) -> npt.NDArray[np.int64]:
        """How many spans are found of each of so many groups, in so many lines of each of the first classes."""
        steps = self.steps[: self.first[len(lines)] * STEP_NUMBERS : STEP_NUMBERS]
        told = np.bincount(steps, np.repeat(lines, np.diff(self.first[: len(lines) + 1])), groups)
        return told.astype(np.int64)


class Resolver:
    """What is known of the shapes of one source; arrays are indexed by class, the last entry is for all that overflow.

    Args:
        stack: the formats of the source.
        interner: of the codes of constant text.
        marks: beginnings of tokens that make a shape another (see ``scan.ClassTable``).
    """

    def __init__(self, stack: Stack, interner: Interner, marks: Sequence[bytes] = ()) -> None:
        self.stack = stack
        self.interner = interner
        self.groups = stack.groups
        self.has_values = not stack.main.spells_out_values
        self._literal_tokens = stack.main.literal_tokens
        self.classes = scan.ClassTable(MOST_SHAPES, self.has_values, marks)
        self.is_planned = np.zeros(MOST_SHAPES + 1, np.bool_)
        self.begins = np.zeros(MOST_SHAPES + 1, np.bool_)
        self.rule = np.full(MOST_SHAPES + 1, NO_RULE, np.int64)
        self.format = np.zeros(MOST_SHAPES + 1, np.int8)
        self.constants: dict[str, Codes] = {}
        self._lines = np.zeros(MOST_SHAPES + 1, np.int64)
        self._is_looked_at = np.zeros(MOST_SHAPES + 1, np.bool_)
        self._is_looked_at[-1] = True
        self._plans: dict[int, bytes] = {}  # an array each would take twice the room
        self._sizes = np.zeros(MOST_SHAPES + 1, np.int32)  # how many steps the class before has
        self._steps: Steps | None = None

    def count(self, classes: npt.NDArray[np.int64]) -> npt.NDArray[np.int64]:
        """Note the lines of a block; the classes of which it is time to look at one line (see ``look_at``)."""
        counts = np.bincount(classes)
        known = slice(len(counts))  # classes are numbered from 0, and most sources have few
        self._lines[known] += counts
        return np.flatnonzero((self._lines[known] >= LINES_FOR_A_PLAN) & ~self._is_looked_at[known])

    def look_at(self, class_id: int, line: bytes) -> None:
        """Resolve a class by one of its lines, and plan for the others if that is safe."""
        self._is_looked_at[class_id] = True
        match = self.stack.match(line)
        if not self._is_uniform(line, match):
            return
        if match is not None:
            plan = self._plan(line, match.spans, class_id)
            if plan is None:
                return
            self._plans[class_id] = np.array(plan, np.int32).tobytes()
            self._sizes[class_id + 1] = len(plan)
            self._steps = None
            self.begins[class_id] = True
            self.rule[class_id] = match.rule
            self.format[class_id] = match.format
        self.is_planned[class_id] = True

    @property
    def steps(self) -> Steps:
        """All plans so far."""
        if self._steps is None:
            steps = np.frombuffer(b"".join(self._plans[class_id] for class_id in sorted(self._plans)), np.int32)
            self._steps = Steps(np.cumsum(self._sizes, dtype=np.int32), steps)
        return self._steps

    def _is_uniform(self, line: bytes, expected: StackMatch | None) -> bool:
        """Whether lines that differ only in what the shape hides are matched alike (other digits, other ids)."""
        hidden = scan.masks(line, self.has_values)
        variable = hidden
        if expected is not None and "timestamp" in expected.spans:  # other digits would make no date
            first, last = expected.spans["timestamp"]
            variable = [m for m in hidden if m[1] <= first or m[0] >= last]
        for digit, letter in ((b"1", b"b"), (b"7", b"y")):
            other = bytearray(line)
            for start, end, _ in variable:
                other[start:end] = re.sub(rb"[A-Za-z]", letter, re.sub(rb"\d", digit, line[start:end]))
            if self.stack.match(bytes(other)) != expected:
                return False
        for token in self._literal_tokens:
            other = bytearray(line)
            for start, end, _ in reversed(variable):
                other[start:end] = token
            found = self.stack.match(bytes(other))
            if (found and found.rule) != (expected and expected.rule):
                return False
        return True

    def _plan(self, line: bytes, spans: Spans, class_id: int) -> list[tuple[int, ...]] | None:
        hidden = scan.masks(line, self.has_values)
        is_constant = {
            group: group in CONSTANT_GROUPS and not any(s < end and e > start for s, e, _ in hidden)
            for group, (start, end) in spans.items()
        }
        sought = [(group, *span) for group, span in spans.items() if not is_constant[group]]
        places = [(start, start if end == len(line) else end) for _, start, end in sought]
        boundaries = scan.plan_of(line, places, self.has_values)
        if boundaries is None:
            return None
        for group, (start, end) in spans.items():
            if is_constant[group]:
                codes = self.constants.setdefault(group, np.full(MOST_SHAPES + 1, UNKNOWN_CODE, np.int32))
                codes[class_id] = self.interner.code(line[start:end].decode(errors="replace"))
        steps = []
        for place, (group, _, end) in enumerate(sought):
            first_mask, first, last_mask, last = boundaries[4 * place : 4 * place + 4]
            until = (scan.LINE_END, 0) if end == len(line) else (last_mask, last)
            steps.append((self.groups.index(group), first_mask, first, *until))
        return sorted(steps, key=lambda step: step[1:])
