"""From a record to the places in code that it can have come from: what it says itself, its text, its stack trace.

The statements that can have written the text are ranked by ``telemap.mapping.matching``; where a stack trace stands in
it, the place that raised the error follows by ``telemap.mapping.stack_traces``. What was told by attributes of
OpenTelemetry's, or printed in front of the message, has ``attribute`` or ``location`` for evidence.
"""

from __future__ import annotations

import math
import re
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import lru_cache

from telemap.code.parsing import language_of
from telemap.code.reading import CodeIndex
from telemap.mapping.code_attributes import CODE_ATTRIBUTES, AttributeIndex, told_line
from telemap.mapping.hints import Hints, agreement, split_location
from telemap.mapping.matching import Match, Matcher
from telemap.mapping.source_maps import BundleMaps
from telemap.mapping.stack_traces import FrameLocator, StackTrace, stack_traces
from telemap.model.code import CodeLocation, LogStatement, Template, Variable
from telemap.model.severity import severity_number

Value = str | int | float

MAX_CANDIDATES = 5
MOST_FOR_A_LINE = 0.5  # how sure a printed place alone makes
SUREST = 0.999  # no text is certain to be of one place
FRAMES_HELD = 10_000

# What loggers call what a hint is made of; the first that a record has, and that looks like one, counts. An attribute
# of such a name may as well be the business of the program: the file that was uploaded, the method of a request.
_FUNCTION = ("code.function.name", "code.function", "funcName", "func_name", "caller_method_name", "function", "func")
_FILE = ("code.file.path", "code.filepath", "pathname", "filename", "caller_file_name", "file")
_LINE = ("code.line.number", "code.lineno", "lineno", "line_number", "caller_line_number", "line")
_MODULE = ("code.namespace", "module", "caller_class_name", "target")
_PLACE = ("caller", "location", "file", "src")  # shop/cart.go:56
_IS_FUNCTION = re.compile(r"[\w$<>.:*()]+")
# `WARNING: ` or `[warn] `, which the logger puts in front of messages.
_SEVERITY = re.compile(r"\s*[\[(<]?([A-Za-z]{3,11})(?:[\])>]:?|:)\s+")
_GROUPING = re.compile("[,_]")  # 12,000
_IS_LINE = re.compile(r"[0-9]{1,7}")


@dataclass(frozen=True, slots=True)
class Logged:
    """What a record says: its message, and what else may tell where it was written; ``""`` for what it does not."""

    message: str
    logger_name: str = ""
    severity_text: str = ""
    printed_location: str = ""
    attributes: Mapping[str, str] = field(default_factory=dict)

    def hints(self, printed_location: str = "") -> Hints:
        """What narrows the search for its statement; ``printed_location`` is what its message begins with."""
        file_path = self._first(_FILE, language_of)
        line = self._first(_LINE, _IS_LINE.fullmatch) if file_path else ""
        return Hints(
            logger_name=self.logger_name,
            severity_text=self.severity_text,
            printed_location=self.printed_location or self._first(_PLACE, _is_place) or printed_location,
            module=self._first(_MODULE, _IS_FUNCTION.fullmatch),
            function=self._first(_FUNCTION, _IS_FUNCTION.fullmatch),
            file_path=file_path,
            line_number=int(line) if line else None,
        ).located()

    def _first(self, names: Iterable[str], is_one: Callable[[str], object]) -> str:
        told = (self.attributes[name] for name in names if name in self.attributes)
        return next((value for value in told if value and is_one(value)), "")


@dataclass(frozen=True, slots=True)
class Candidate:
    """A place that a record can have come from, and the template of the statement there, if that is one.

    ``attributes`` are the values that the message has in the gaps of the template, told for the likeliest statement.
    """

    location: CodeLocation
    template: Template | None = None
    attributes: Mapping[str, Value] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Origins:
    """Where a record was written, and where the errors were raised whose traces it holds; both best first."""

    written: tuple[Candidate, ...]
    raised: tuple[Candidate, ...]

    @property
    def ranked(self) -> tuple[Candidate, ...]:
        """The places that the record can have come from, best first, at most five.

        Where a statement wrote it, it did not come from where the error was raised: the more likely the one is, the
        less the other.
        """
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

    def locate(self, logged: Logged) -> Origins:
        """Where the record was written, and where its errors were raised."""
        message, traces = _apart(logged)
        hints = logged.hints()
        if not hints.file_path and not hints.printed_location:
            place, message = split_location(message)
            hints = logged.hints(place)
        matches, message = self._matches(message, hints)
        matched = [*(_written(match, hints, message) for match in matches[:1])]
        matched += (_written(match, hints) for match in matches[1:])
        others = []
        for told, has_line in self._told(logged, hints):
            numbers = (number for number, match in enumerate(matches) if _is_at(match.statement, told, has_line))
            if (number := next(numbers, None)) is None:
                others.append(Candidate(told))
            elif has_line:
                matched[number] = _surer(matched[number], told)
        raised = (Candidate(location) for trace in traces for location in self._raised(trace))
        return Origins(_distinct([*others, *matched]), _distinct(raised))

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


def _surer(candidate: Candidate, told: CodeLocation) -> Candidate:
    """A statement that matches, where the record tells that it is there."""
    location = candidate.location
    confidence = max(told.confidence, location.confidence)
    reason = f"{told.reason}; {location.reason}" if told.reason else location.reason
    return replace(candidate, location=replace(location, confidence=confidence, evidence=told.evidence, reason=reason))


def _is_place(text: str) -> bool:
    return bool(split_location(text)[0])


def _written(match: Match, hints: Hints, message: str | None = None) -> Candidate:
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
    captured = match.captured(message) if message is not None else ()
    return Candidate(
        location, statement.template, {variable.name: _typed(variable, text) for variable, text in captured}
    )


def _typed(variable: Variable, text: str) -> Value:
    """A value as what its directive lets stand there; the text where that is not a number after all."""
    try:
        if variable.kind == "int":
            return int(_GROUPING.sub("", text))
        if variable.kind == "float" and math.isfinite(value := float(_GROUPING.sub("", text).removesuffix("%"))):
            return value
    except ValueError:
        pass
    return text


def _apart(logged: Logged) -> tuple[str, list[StackTrace]]:
    """The message without the stack trace that follows it, and all traces of the record."""
    traces = list(stack_traces(logged.message)) if "\n" in logged.message else []
    message = logged.message.split("\n", 1)[0] if traces else logged.message
    for text in logged.attributes.values():
        if text and "\n" in text:
            traces += stack_traces(text)
    return message, traces
