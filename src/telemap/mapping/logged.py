"""What a record says of where it was written, whichever logger wrote it."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field

from telemap.code.parsing import language_of
from telemap.mapping.hints import Hints, split_location
from telemap.mapping.stack_traces import StackTrace, stack_traces

# What loggers call what a hint is made of; the first that a record has, and that looks like one, counts. An attribute
# of such a name may as well be the business of the program: the file that was uploaded, the method of a request.
_FUNCTION = ("code.function.name", "code.function", "funcName", "func_name", "caller_method_name", "function", "func")
_FILE = ("code.file.path", "code.filepath", "pathname", "filename", "caller_file_name", "file")
_LINE = ("code.line.number", "code.lineno", "lineno", "line_number", "caller_line_number", "line")
_MODULE = ("code.namespace", "module", "caller_class_name", "target")
_PLACE = ("caller", "location", "file", "src")  # shop/cart.go:56
HINT_NAMES = frozenset((*_FUNCTION, *_FILE, *_LINE, *_MODULE, *_PLACE))
_IS_FUNCTION = re.compile(r"[\w$<>.:*()]+")
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
        printed = self.printed_location or printed_location
        if self.attributes.keys().isdisjoint(HINT_NAMES):
            return Hints(self.logger_name, self.severity_text, printed).located()
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

    def apart(self) -> tuple[str, list[StackTrace]]:
        """The message without the stack trace that follows it, and all traces of the record."""
        traces = list(stack_traces(self.message)) if "\n" in self.message else []
        message = self.message.split("\n", 1)[0] if traces else self.message
        for text in self.attributes.values():
            if text and "\n" in text:
                traces += stack_traces(text)
        return message, traces

    def _first(self, names: Iterable[str], is_one: Callable[[str], object]) -> str:
        told = (self.attributes[name] for name in names if name in self.attributes)
        return next((value for value in told if value and is_one(value)), "")


def _is_place(text: str) -> bool:
    return bool(split_location(text)[0])
