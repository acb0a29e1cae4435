"""From a record to the places in code that it can have come from: what it says itself, its text, its stack trace.

The statements that can have written the text are ranked by ``telemap.mapping.matching``; where a stack trace stands in
it, the place that raised the error follows by ``telemap.mapping.stack_traces``. What was told by attributes of
OpenTelemetry's, or printed in front of the message, has ``attribute`` or ``location`` for evidence.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace

from telemap.code.reading import CodeIndex
from telemap.mapping.code_attributes import CODE_ATTRIBUTES, AttributeIndex
from telemap.mapping.hints import Hints, agreement, split_location
from telemap.mapping.matching import Match, Matcher
from telemap.mapping.stack_traces import FrameLocator, StackTrace, stack_traces
from telemap.model.code import CodeLocation, LogStatement

MAX_CANDIDATES = 5
MOST_FOR_A_LINE = 0.5  # how sure a printed place alone makes
SUREST = 0.999  # no text is certain to be of one place

# What loggers call what a hint is made of; the first that a record has counts.
_FUNCTION = ("code.function.name", "code.function", "funcName", "func_name", "function", "func", "method")
_FILE = ("code.file.path", "code.filepath", "pathname", "filename", "file")
_LINE = ("code.line.number", "code.lineno", "lineno", "line_number", "line")
_MODULE = ("code.namespace", "module", "class", "target")
_PLACE = ("caller", "location", "src")  # shop/cart.go:56


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
        line = self._first(_LINE)
        return Hints(
            logger_name=self.logger_name,
            severity_text=self.severity_text,
            printed_location=self.printed_location or self._first(_PLACE) or printed_location,
            module=self._first(_MODULE),
            function=self._first(_FUNCTION),
            file_path=self._first(_FILE),
            line_number=int(line) if line.isdecimal() else None,
        ).located()

    def _first(self, names: Iterable[str]) -> str:
        return next((self.attributes[name] for name in names if name in self.attributes), "")


@dataclass(frozen=True, slots=True)
class Candidate:
    """A place that a record can have come from, and the template of the statement there, if that is one."""

    location: CodeLocation
    template: str | None = None


class RecordLocator:
    """Log statements, functions and files of an index, to be asked where records come from."""

    def __init__(self, statements: Sequence[LogStatement], index: CodeIndex) -> None:
        self._matcher = Matcher(statements)
        self._attributes = AttributeIndex(index)
        self._frames = FrameLocator(index)

    def locate(self, logged: Logged) -> tuple[Candidate, ...]:
        """The places that the record can have come from, best first, at most five; a place is there once."""
        message, traces = _apart(logged)
        hints = logged.hints()
        if not hints.file_path and not hints.printed_location:
            place, message = split_location(message)
            hints = logged.hints(place)
        found = [
            *(Candidate(location) for location in self._told(logged, hints)),
            *(_written(match, hints) for match in self._matcher.match(message, hints)),
            *(Candidate(location) for trace in traces for location in self._raised(trace)),
        ]
        best: dict[tuple[str, int, str], Candidate] = {}
        for candidate in sorted(found, key=lambda candidate: -candidate.location.confidence):
            location = candidate.location
            best.setdefault((location.root, location.line_number, location.file_path), candidate)
        return tuple(best.values())[:MAX_CANDIDATES]

    def _told(self, logged: Logged, hints: Hints) -> Iterator[CodeLocation]:
        """The places that the record tells itself."""
        if not logged.attributes.keys().isdisjoint(CODE_ATTRIBUTES):
            yield from self._attributes.locate(logged.attributes)
        elif hints.file_path and hints.line_number:
            told = {"code.file.path": hints.file_path, "code.line.number": hints.line_number}
            for location in self._attributes.locate(told):
                # It is that of the build that wrote the record, which may be another than the indexed one.
                confidence = min(location.confidence, MOST_FOR_A_LINE)
                yield replace(location, confidence=confidence, evidence="location", reason="printed with the message")

    def _raised(self, trace: StackTrace) -> Iterator[CodeLocation]:
        """The places where the error can have been raised, or the innermost call of the program's own."""
        frame = trace.in_app_frame()
        if frame is not None:
            located = self._frames.locate(frame)
            for location in located.locations:
                yield replace(location, reason=f"{trace.error_class} was raised there: {located.reason}")


def _written(match: Match, hints: Hints) -> Candidate:
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
    return Candidate(location, str(statement.template))


def _apart(logged: Logged) -> tuple[str, list[StackTrace]]:
    """The message without the stack trace that follows it, and all traces of the record."""
    traces = list(stack_traces(logged.message)) if "\n" in logged.message else []
    message = logged.message.split("\n", 1)[0] if traces else logged.message
    for text in logged.attributes.values():
        if text and "\n" in text:
            traces += stack_traces(text)
    return message, traces
