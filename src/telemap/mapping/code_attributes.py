"""From the ``code.*`` attributes of a span or record to its place, with how sure the link is.

==============================================================================  =====================================
what is told                                                                    confidence
==============================================================================  =====================================
function, file and a line that lies in the function                             0.99
function and file; or file and a line that lies in some function                0.97; 0.9
function, but the file has none of the name, or the line lies in another        0.5 for the one, 0.4 for the other
function alone                                                                  as ``telemap.mapping.handlers`` has it
file and line, outside of all functions                                         0.8
a file of which only the last part of the path is the same, without a function  0.6
a file that is not in the index, or may be several; nothing of it known         no candidate of its file
==============================================================================  =====================================
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from telemap.code.reading import CodeIndex
from telemap.mapping.handlers import locate_function
from telemap.model.code import CodeLocation, CodeSymbol

EVIDENCE = "attribute"
_FUNCTION = ("code.function.name", "code.function")
_FILE = ("code.file.path", "code.filepath")
_NAMESPACE = ("code.namespace",)
_LINE = ("code.line.number", "code.lineno")
CODE_ATTRIBUTES = frozenset((*_FUNCTION, *_FILE, *_NAMESPACE, *_LINE))


class AttributeIndex:
    """The functions and files of a tree, to be asked for the places that ``code.*`` attributes mean."""

    def __init__(self, index: CodeIndex) -> None:
        self.index = index
        self._symbols: dict[str, list[CodeSymbol]] = {}
        for symbol in index.symbols:
            self._symbols.setdefault(symbol.file_path, []).append(symbol)
        self._paths: dict[str, list[str]] = {}
        for path in index.file_paths:
            self._paths.setdefault(path.rpartition("/")[2], []).append(path)

    def locate(self, attributes: Mapping[str, Any]) -> tuple[CodeLocation, ...]:
        """The places that ``code.*`` attributes, new or old, can mean, best first."""
        function, told_path = _text(attributes, _FUNCTION), _text(attributes, _FILE)
        if "code.function.name" not in attributes and function and (namespace := _text(attributes, _NAMESPACE)):
            function = f"{namespace}.{function}"
        line_number = _line_number(attributes)
        file_path, is_whole = self.file_of(told_path) if told_path else (None, False)
        if function is None:
            return self._by_line(file_path, line_number, is_whole)
        name = plain_name(function)
        named = self._named(name)
        there = [symbol for symbol in named if symbol.file_path == file_path]
        if not there:
            found = locate_function(name, None, self.index, evidence=EVIDENCE) if named else ()
            return found if file_path is None else tuple(_capped(location, 0.5) for location in found)
        if line_number is None:
            return tuple(_at(symbol, symbol.line_number, 0.97 / len(there)) for symbol in there)
        # A decorator or an annotation stands above the line of the name.
        inside = [symbol for symbol in there if symbol.line_number - 1 <= line_number <= symbol.end_line_number]
        if inside:
            return (_at(max(inside, key=lambda symbol: symbol.line_number), line_number, 0.99),)
        around = self._innermost(file_path, line_number)
        other = (_at(around, line_number, 0.4),) if around else ()
        return (*(_at(symbol, symbol.line_number, 0.5 / len(there)) for symbol in there), *other)

    def file_of(self, told: str) -> tuple[str | None, bool]:
        """The one file whose path ends like the one told, or it like that; and whether more than its name does."""
        parts = re.split(r"[\\/]+", told.removeprefix("file://").strip("/"))
        shared: dict[int, list[str]] = {}
        for path in self._paths.get(parts[-1], ()):
            own = path.split("/")
            count = min(len(own), len(parts))
            if own[-count:] == parts[-count:]:
                shared.setdefault(count, []).append(path)
        longest = max(shared, default=0)
        best = shared.get(longest, [])
        return (best[0], longest > 1 or len(parts) == 1) if len(best) == 1 else (None, False)

    def _by_line(self, file_path: str | None, line_number: int | None, is_whole: bool) -> tuple[CodeLocation, ...]:
        if file_path is None or line_number is None:
            return ()
        symbol = self._innermost(file_path, line_number)
        confidence = 0.6 if not is_whole else 0.9 if symbol else 0.8
        name = symbol.qualified_name if symbol else ""
        return (CodeLocation(file_path, line_number, name, confidence, EVIDENCE),)

    def _innermost(self, file_path: str | None, line_number: int) -> CodeSymbol | None:
        around = [
            symbol
            for symbol in self._symbols.get(file_path or "", ())
            if symbol.line_number <= line_number <= symbol.end_line_number
        ]
        return max(around, key=lambda symbol: symbol.line_number, default=None)

    def _named(self, name: str) -> list[CodeSymbol]:
        """The functions that a name with as much before it as there is can mean."""
        return [
            symbol
            for symbol in self.index.by_name.get(name.rpartition(".")[2], ())
            if f".{name}".endswith(f".{symbol.qualified_name}") or f".{symbol.qualified_name}".endswith(f".{name}")
        ]


def plain_name(name: str) -> str:
    """The name of a function with dots alone: ``main.(*server).show``, ``A::b``, ``pkg.C#m`` and ``f.<locals>.g``."""
    name = re.sub(r"\(\*?([\w.]+)\)", r"\1", name).replace(".<locals>", "")
    return re.sub(r"::|[#/$\\]", ".", name).strip(".")


def _at(symbol: CodeSymbol, line_number: int, confidence: float) -> CodeLocation:
    return CodeLocation(symbol.file_path, line_number, symbol.qualified_name, round(confidence, 3), EVIDENCE)


def _capped(location: CodeLocation, confidence: float) -> CodeLocation:
    return CodeLocation(
        location.file_path,
        location.line_number,
        location.function_name,
        min(location.confidence, confidence),
        location.evidence,
    )


def _text(attributes: Mapping[str, Any], names: tuple[str, ...]) -> str | None:
    return next((value for name in names if isinstance(value := attributes.get(name), str) and value), None)


def _line_number(attributes: Mapping[str, Any]) -> int | None:
    for name in _LINE:
        value = attributes.get(name)
        if isinstance(value, int) or (isinstance(value, str) and value.isdigit()):
            return int(value)
    return None
