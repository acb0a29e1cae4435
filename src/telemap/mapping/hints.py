"""What else a record says of where it was written, and whether a statement agrees with that."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterable, Iterator
from functools import lru_cache
from typing import NamedTuple

from telemap.code.languages import languages
from telemap.model.code import LogStatement
from telemap.model.severity import severity_number

_SEPARATORS = re.compile(r"::|[./\\$:]")
_UNNAMED_FILES = frozenset({"__init__", "__main__", "index", "mod"})  # are called as their folder is
_OUTSIDE = frozenset({"", "<module>"})
# In front of a message: `[Cart.ts:56:7] `, `shop/cart.py:56 - `, `t.s.CartServiceImpl#56 `, `(Cart.java:56)`.
_LOCATION = re.compile(
    r"""\s*[\[(<]?
    (?P<location>(?P<place>(?:[\w@+-]|[./\\$](?!\.))+?)(?P<separator>[#:])(?P<line>[0-9]{1,7})(?::[0-9]{1,7})?)
    (?![\w./]|:\S)[\])>]?[\s:|-]*""",
    re.VERBOSE,
)


class Hints(NamedTuple):
    """What a record says of its origin beside its message.

    Args:
        logger_name: a dotted module, a class (``t.s.TravelServiceImpl``), or any name that the code gives a logger.
        severity_text: as it was printed.
        printed_location: ``File.ts:56``, ``TravelServiceImpl#532``; it may be that of a wrapper around the logger.
        module: of the function that logs, dotted or its last part only.
        function: that logs, qualified or not.
        file_path: of the source, as far as it is known.
        line_number: in that file, of the build that wrote the record.
        is_given: whether the code gives a logger that name, which other files may then use.
    """

    logger_name: str = ""
    severity_text: str = ""
    printed_location: str = ""
    module: str = ""
    function: str = ""
    file_path: str = ""
    line_number: int | None = None
    is_given: bool = False

    def located(self) -> Hints:
        """The same, with the printed location taken apart, unless the file is told already."""
        found = None if self.file_path or not self.printed_location else _LOCATION.fullmatch(self.printed_location)
        if found is None:
            return self
        return self._replace(printed_location="", file_path=found["place"], line_number=int(found["line"]))


class Agreement(NamedTuple):
    """For each kind of hint whether a statement agrees with it: 1, -1 where it does not, 0 where nobody can tell."""

    logger: int = 0
    file: int = 0
    line: int = 0
    function: int = 0
    severity: int = 0


NO_HINTS = Hints()
NO_AGREEMENT = Agreement()


def split_location(message: str) -> tuple[str, str]:
    """The place that a message begins with, ``File.ts:56`` or ``a.b.Class#56``, and the rest; ``""`` for none."""
    found = _LOCATION.match(message)
    if found is None or not _is_code(found["place"], found["separator"]):
        return "", message
    return found["location"], message[found.end() :]


def _is_code(place: str, separator: str) -> bool:
    """Whether a name is that of a source file or of a class, and not of a host in front of its port."""
    last = re.split(r"[./\\]", place)[-1]
    return (f".{last}" in languages() and len(last) < len(place)) or (separator == "#" and last[:1].isupper())


def agreement(hints: Hints, statement: LogStatement) -> Agreement:
    """How a statement stands to hints that are ``located()``."""
    if hints == NO_HINTS:
        return NO_AGREEMENT
    file = [
        _names_file(name, statement.file_path, statement.function_name)
        for name in (hints.module, hints.file_path)
        if name
    ]
    is_in_file = min(file, default=0)
    return Agreement(
        logger=_logger(hints.logger_name, statement, hints.is_given),
        file=is_in_file,
        line=_line(hints, statement) if hints.file_path and is_in_file > 0 else 0,
        function=_function(hints.function, statement.function_name),
        severity=_severity(hints.severity_text, statement.severity_text),
    )


class Places:
    """The files, folders and classes of the statements, and the names of loggers."""

    def __init__(self, statements: Iterable[LogStatement], logger_names: Iterable[str] = ()) -> None:
        names = {name for statement in statements for name in _place_names(statement)}
        names |= {_parts(name) for name in logger_names}
        self._by_end: dict[str, list[tuple[str, ...]]] = defaultdict(list)
        for name in names:
            self._by_end[name[-1]].append(name)

    def features(self, hints: Hints) -> dict[str, float]:
        """Whether the place that a record names is one of the statements', as ``confidence`` weighs it."""
        name = hints.file_path or hints.logger_name or hints.module
        if not name:
            return {}
        parts = _parts(name)
        is_own = any(_ends_alike(parts, own) for own in self._by_end.get(parts[-1], ()))
        return {"own_place": 1.0} if is_own else {"foreign_place": 1.0}


def _place_names(statement: LogStatement) -> Iterator[tuple[str, ...]]:
    path = _path_parts(statement.file_path)
    for length in range(1, len(path) + 1):
        yield path[:length]
    classes = _parts(statement.function_name)[:-1]
    for depth in range(1, len(classes) + 1):
        yield (*path, *classes[:depth])
    if statement.logger_name and statement.kind != "raise":
        yield _parts(statement.logger_name)


def spoken(agreement: Agreement, hints: Hints, statement: LogStatement) -> Iterator[str]:
    """The agreement in words that a person can check."""
    told = (
        ("logger", agreement.logger, hints.logger_name, statement.logger_name or statement.file_path),
        ("module", agreement.file, hints.module if not hints.file_path else "", statement.file_path),
        ("file", agreement.file, hints.file_path, statement.file_path),
        ("line", agreement.line, hints.line_number, _lines(statement)),
        ("function", agreement.function, hints.function, statement.function_name or "none"),
        ("severity", agreement.severity, hints.severity_text, statement.severity_text),
    )
    for what, sign, given, own in told:
        if sign and given:
            yield f"{what} {given} is {own}" if sign > 0 else f"{what} {given} is not {own}"


def _lines(statement: LogStatement) -> str:
    begin, end = statement.line_number, statement.end_line_number
    return f"{begin}" if begin == end else f"{begin} to {end}"


def _logger(name: str, statement: LogStatement, is_given: bool) -> int:
    if not name:
        return 0
    own = statement.logger_name if statement.kind == "log" else ""
    if own and (name == own or _ends_alike(_parts(name), _parts(own))):
        return 1
    named = _names_file(name, statement.file_path, statement.function_name)
    if named < 1 and own:
        return -1  # a logger that calls itself something else is not one of this name, wherever it is
    return max(named, 0) if is_given else named


def _line(hints: Hints, statement: LogStatement) -> int:
    if hints.line_number is None:
        return 0
    return 1 if statement.line_number <= hints.line_number <= statement.end_line_number else -1


def _function(name: str, own: str) -> int:
    if not name:
        return 0
    if name in _OUTSIDE or not own:
        return 1 if name in _OUTSIDE and not own else -1
    return 1 if _ends_alike(_parts(name), _parts(own)) else -1


@lru_cache(maxsize=10_000)
def _severity(text: str, own: str) -> int:
    number, own_number = severity_number(text), severity_number(own)
    if number is None or own_number is None:
        return 0
    # OpenTelemetry's ranges, of four numbers each: a notice is an info.
    return 1 if (number - 1) // 4 == (own_number - 1) // 4 else -1


@lru_cache(maxsize=200_000)
def _names_file(name: str, file_path: str, function_name: str) -> int:
    """1 if a module, class or path is that of a file or of a class in it, 0 if of a folder around it, else -1."""
    parts, path = _parts(name), _path_parts(file_path)
    classes = _parts(function_name)[:-1]
    for depth in range(len(classes) + 1):
        if _ends_alike(parts, (*path, *classes[:depth])):
            return 1
    around = (path[:length] for length in range(1, len(path)))
    return 0 if any(len(parts) <= len(folder) and _ends_alike(parts, folder) for folder in around) else -1


def _ends_alike(one: tuple[str, ...], other: tuple[str, ...]) -> bool:
    """Whether the shorter of two names is the end of the longer, folders possibly abbreviated: ``t.s.Travel``."""
    if not one or not other or one[-1] != other[-1]:
        return False
    return all(a == b or (len(a) < 3 and b.startswith(a)) for a, b in zip(one[-2::-1], other[-2::-1], strict=False))


@lru_cache(maxsize=100_000)
def _parts(name: str) -> tuple[str, ...]:
    stem, dot, ending = name.rpartition(".")
    return _named(_SEPARATORS.split(stem if dot + ending in languages() else name))


@lru_cache(maxsize=100_000)
def _path_parts(file_path: str) -> tuple[str, ...]:
    return _named(file_path.rpartition(".")[0].split("/"))


def _named(parts: list[str]) -> tuple[str, ...]:
    *around, last = (part for part in parts if part) if any(parts) else ("",)
    return (*around,) if around and last in _UNNAMED_FILES else (*around, last)
