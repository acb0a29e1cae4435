"""From a record to the places in code that it can have come from: what it says itself, its text, its stack trace.

The statements that can have written the text are ranked by ``telemap.mapping.matching``; where a stack trace stands in
it, the place that raised the error follows by ``telemap.mapping.stack_traces``. What was told by attributes of
OpenTelemetry's, or printed in front of the message, has ``attribute`` or ``location`` for evidence.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import lru_cache

from telemap.code.reading import CodeIndex
from telemap.mapping.code_attributes import CODE_ATTRIBUTES, AttributeIndex, told_line
from telemap.mapping.hints import Hints, agreement, split_location
from telemap.mapping.logged import Logged
from telemap.mapping.matching import MOST_RANKINGS, Match, Matcher
from telemap.mapping.source_maps import BundleMaps
from telemap.mapping.stack_traces import FrameLocator, StackTrace
from telemap.mapping.values import MessageTemplate, Value, values_in
from telemap.model.code import CodeLocation, LogStatement, Template
from telemap.model.identity import MadeOnce
from telemap.model.severity import severity_number

MAX_CANDIDATES = 5
MOST_FOR_A_LINE = 0.5  # how sure a printed place alone makes
LEAST_SURE = 0.5  # that a message is of a template
SUREST = 0.999  # no text is certain to be of one place
FRAMES_HELD = 10_000

# `WARNING: ` or `[warn] `, which the logger puts in front of messages.
_SEVERITY = re.compile(r"\s*[\[(<]?([A-Za-z]{3,11})(?:[\])>]:?|:)\s+")


@dataclass(frozen=True, slots=True)
class Candidate:
    """A place that a record can have come from, and the template of the statement there, if that is one."""

    location: CodeLocation
    template: Template | None = None


@dataclass(frozen=True, slots=True)
class Origins:
    """Where a record was written, and where the errors were raised whose traces it holds; both best first.

    ``message`` is the text that the candidates are of, without what loggers put in front of it.
    """

    written: tuple[Candidate, ...]
    raised: tuple[Candidate, ...] = ()
    message: str = ""

    @property
    def attributes(self) -> Mapping[str, Value]:
        """The values in the message, by what the code calls them in the place that is first of the ``written``."""
        template = self.written[0].template if self.written else None
        return values_in(self.message, template) if template else {}

    @property
    def ranked(self) -> tuple[Candidate, ...]:
        """The places that the record can have come from, best first, at most five.

        Where a statement wrote it, it did not come from where the error was raised: the more likely the one is, the
        less the other.
        """
        if not self.raised:
            return self.written
        left = max(0.0, 1 - sum(candidate.location.confidence for candidate in self.written))
        raised = (replace(c, location=_weighed(c.location, left)) for c in self.raised)
        return _distinct([*self.written, *raised])


class RecordLocator:
    """Log statements, functions and files of an index, to be asked where records come from.

    Args:
        statements: the log statements.
        index: the functions and files.
        logger_names: what the code calls its loggers, wherever it makes them.
        maps: the source maps of bundles that stack traces may name.
    """

    def __init__(
        self,
        statements: Sequence[LogStatement],
        index: CodeIndex,
        logger_names: Iterable[str] = (),
        maps: BundleMaps | None = None,
    ) -> None:
        self._maps = maps
        self._matcher = Matcher(statements, logger_names=logger_names)
        self._attributes = AttributeIndex(index)
        # The same error is raised over and over.
        self._frame = lru_cache(FRAMES_HELD)(FrameLocator(index).locate)
        # Records share their matches.
        self._written: MadeOnce[Sequence[Match], tuple[Candidate, ...]] = MadeOnce(_written, MOST_RANKINGS)

    def locate(self, logged: Logged) -> Origins:
        """Where the record was written, and where its errors were raised."""
        whole, traces = logged.apart()
        message, hints = _said(logged, whole)
        matches, message = self._matches(message, hints)
        written = self._written(matches, hints)
        if (hints.file_path or logged.attributes) and (told := list(self._told(logged, hints))):
            written = _with_told(written, matches, told)
        raised = _distinct(Candidate(place) for trace in traces for place in self._raised(trace)) if traces else ()
        return Origins(written, raised, message)

    def message_template(self, logged: Logged) -> tuple[MessageTemplate | None, bool]:
        """The template that more likely than not a record is of, and whether it is so whichever digits are in the body.

        It does not matter which of the statements with that text wrote the record.
        """
        whole, _ = logged.apart()
        message, hints = _said(logged, whole)
        matches, bare = self._matches(message, hints)
        is_same = message is whole and all(map(self._matcher.is_told_by_shape, {message, bare}))
        if not matches:
            return None, is_same
        template = matches[0].statement.template
        same = (match.confidence for match in matches if match.statement.template.literals == template.literals)
        if sum(same) < LEAST_SURE:
            return None, is_same
        return MessageTemplate(template, len(whole) - len(bare), len(whole) < len(logged.message)), is_same

    def _matches(self, message: str, hints: Hints) -> tuple[Sequence[Match], str]:
        """The statements that can have written a message, and the message without a severity that a logger printed."""
        matches = self._matcher.match(message, hints)
        found = None if hints.severity_text else _SEVERITY.match(message)
        if found is None or severity_number(found[1]) is None:
            return matches, message
        bare = message[found.end() :]
        others = self._matcher.match(bare, hints._replace(severity_text=found[1]))
        surest, other = (max((match.confidence for match in each), default=0) for each in (matches, others))
        return (others, bare) if other > surest else (matches, message)

    def _told(self, logged: Logged, hints: Hints) -> Iterator[tuple[CodeLocation, bool]]:
        """The places that the record tells itself, and whether it tells their lines, not their functions only."""
        if not logged.attributes.keys().isdisjoint(CODE_ATTRIBUTES):
            line_number = told_line(logged.attributes)
            for location in self._attributes.locate(logged.attributes):
                is_line = location.line_number == line_number
                yield location if is_line else _unsure(location, "its function is told, not the line"), is_line
        elif hints.file_path and hints.line_number:
            told = {"code.file.path": hints.file_path, "code.line.number": hints.line_number}
            for location in self._attributes.locate(told):
                # It is that of the build that wrote the record, which may be another than the indexed one.
                yield replace(_unsure(location, "printed with the message"), evidence="location"), True

    def _raised(self, trace: StackTrace) -> Iterator[CodeLocation]:
        """The places where the error can have been raised, or the innermost call of the program's own."""
        # A bundle holds the code of libraries too, so which frame is the program's own is told by its sources.
        frame = (self._maps.original(trace) if self._maps else trace).in_app_frame()
        if frame is not None:
            located = self._frame(frame)
            for location in located.locations:
                yield replace(location, reason=f"{trace.error_class} was raised there: {located.reason}")


def _said(logged: Logged, message: str) -> tuple[str, Hints]:
    """The message without a place in front of it, and what else the record says of where it was written."""
    hints = logged.hints()
    if hints.file_path or hints.printed_location:
        return message, hints
    place, rest = split_location(message)
    return (rest, logged.hints(place)) if place else (message, hints)


def _weighed(location: CodeLocation, share: float) -> CodeLocation:
    return replace(location, confidence=round(location.confidence * share, 3))


def _distinct(candidates: Iterable[Candidate]) -> tuple[Candidate, ...]:
    """The best first, at most five, each place once."""
    best: dict[tuple[str, str, int], Candidate] = {}
    for candidate in sorted(candidates, key=lambda candidate: -candidate.location.confidence):
        location = candidate.location
        best.setdefault((location.root, location.file_path, location.line_number), candidate)
    return tuple(best.values())[:MAX_CANDIDATES]


def _unsure(location: CodeLocation, reason: str) -> CodeLocation:
    return replace(location, confidence=min(location.confidence, MOST_FOR_A_LINE), reason=reason)


def _is_at(statement: LogStatement, told: CodeLocation, has_line: bool) -> bool:
    """Whether a statement is the place that a record tells, or is in the function that it tells."""
    if (statement.root, statement.file_path) != (told.root, told.file_path):
        return False
    is_at_line = statement.line_number <= told.line_number <= statement.end_line_number
    return is_at_line if has_line else statement.function_name == told.function_name


def _with_told(
    written: Sequence[Candidate], matches: Sequence[Match], told: Iterable[tuple[CodeLocation, bool]]
) -> tuple[Candidate, ...]:
    """The statements that match and the places that the record tells, those of both once."""
    found, others = list(written), []
    for place, has_line in told:
        numbers = (number for number, match in enumerate(matches) if _is_at(match.statement, place, has_line))
        if (number := next(numbers, None)) is None:
            others.append(Candidate(place))
        elif has_line:
            found[number] = _surer(found[number], place)
    return _distinct([*others, *found])


def _surer(candidate: Candidate, told: CodeLocation) -> Candidate:
    """A statement that matches, where the record tells that it is there."""
    location = candidate.location
    confidence = max(told.confidence, location.confidence)
    reason = f"{told.reason}; {location.reason}" if told.reason else location.reason
    return replace(candidate, location=replace(location, confidence=confidence, evidence=told.evidence, reason=reason))


def _written(matches: Sequence[Match], hints: Hints) -> tuple[Candidate, ...]:
    return tuple(_statement(match, hints) for match in matches)


def _statement(match: Match, hints: Hints) -> Candidate:
    statement = match.statement
    is_told = hints.line_number is not None and agreement(hints, statement).line > 0
    location = CodeLocation(
        statement.file_path,
        statement.line_number,
        statement.function_name,
        min(match.confidence, SUREST),
        "location" if is_told else "template",
        "; ".join(match.evidence),
        statement.root,
    )
    return Candidate(location, statement.template)
