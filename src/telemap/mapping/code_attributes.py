"""From the ``code.*`` attributes of a span or record to its place, with how sure the link is.

=====================================================================  ==========  =====
what is told                                                           folders     alone
=====================================================================  ==========  =====
function, file and a line that lies in the function                    0.99        0.85
function and file                                                      0.97        0.85
file and a line that lies in some function; outside of all functions   0.9; 0.8    0.6
function, file and a line that lies in another: the one, the other     0.5; 0.4
function, but no such file has it                                      at most 0.5
=====================================================================  ==========  =====

``folders`` and ``alone`` are how the file that is told and the one in the index agree, as for stack traces: a library
has an ``app.py`` too. Several functions share. A function without a file is as sure as ``telemap.mapping.handlers`` has
it, but at most 0.5 if a line is told that does not lie in it. What names no function of the index, and no file of it or
several, has no place.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from telemap.code.reading import CodeIndex
from telemap.mapping.handlers import locate_function
from telemap.mapping.paths import Agreement, FilePaths
from telemap.model.code import CodeLocation, CodeSymbol

EVIDENCE = "attribute"
_FUNCTION = ("code.function.name", "code.function")
_FILE = ("code.file.path", "code.filepath")
_NAMESPACE = ("code.namespace",)
LINE_ATTRIBUTES = ("code.line.number", "code.lineno")
_NUMBER = re.compile(r"[1-9][0-9]{0,8}")
MOST = {Agreement.FOLDERS: 0.99, Agreement.ALONE: 0.85}
CODE_ATTRIBUTES = frozenset((*_FUNCTION, *_FILE, *_NAMESPACE, *LINE_ATTRIBUTES))


class AttributeIndex:
    """The functions and files of a tree, to be asked for the places that ``code.*`` attributes mean."""

    def __init__(self, index: CodeIndex) -> None:
        self.index = index
        self._paths = FilePaths(index.file_paths)
        self._symbols: dict[str, list[CodeSymbol]] = {}
        for symbol in index.symbols:
            self._symbols.setdefault(symbol.file_path, []).append(symbol)

    def locate(self, attributes: Mapping[str, Any]) -> tuple[CodeLocation, ...]:
        """The places that ``code.*`` attributes, new or old, can mean, best first."""
        function, told_path = _text(attributes, _FUNCTION), _text(attributes, _FILE)
        if "code.function.name" not in attributes and function and (namespace := _text(attributes, _NAMESPACE)):
            function = f"{namespace}.{function}"
        line_number = told_line(attributes)
        agreement, copies = self._paths.matching(told_path or "")
        files = copies if agreement > Agreement.NAME else {}
        only_file = next(iter(files)) if sum(files.values()) == 1 else None
        name = plain_name(function or "")
        if not name or name.endswith(">"):  # <module>, <lambda>
            return self._by_line(only_file, line_number, agreement)
        named = self._named(name)
        there = [symbol for symbol in named if symbol.file_path in files]
        if not there:
            found = locate_function(name, None, self.index, evidence=EVIDENCE) if named else ()
            if told_path or line_number is None:
                return tuple(_capped(location, 0.5) for location in found) if told_path else found
            ends = {(one.root, one.file_path, one.line_number): one.end_line_number for one in named}
            return tuple(_with_line(location, line_number, ends) for location in found)
        if line_number is None:
            sure = min(0.97, MOST[agreement])
            return tuple(_at(symbol, symbol.line_number, sure / len(there)) for symbol in there)
        # A decorator or an annotation stands above the line of the name.
        inside = [symbol for symbol in there if symbol.line_number - 1 <= line_number <= symbol.end_line_number]
        if inside:
            innermost = {(symbol.root, symbol.file_path): symbol for symbol in inside}.values()
            return tuple(_at(symbol, line_number, MOST[agreement] / len(innermost)) for symbol in innermost)
        around = self._innermost(only_file, line_number)
        other = (_at(around, line_number, 0.4),) if around else ()
        return (*(_at(symbol, symbol.line_number, 0.5 / len(there)) for symbol in there), *other)

    def _by_line(
        self, file_path: str | None, line_number: int | None, agreement: Agreement
    ) -> tuple[CodeLocation, ...]:
        if file_path is None or line_number is None:
            return ()
        symbol = self._innermost(file_path, line_number)
        if symbol is None:
            sure = 0.8 if agreement is Agreement.FOLDERS else 0.6
            root = next((other.root for other in self._symbols.get(file_path, ())), "")
            return (CodeLocation(file_path, line_number, "", sure, EVIDENCE, root=root),)
        return (_at(symbol, line_number, 0.9 if agreement is Agreement.FOLDERS else 0.6),)

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
    name, sure = symbol.qualified_name, round(confidence, 3)
    return CodeLocation(symbol.file_path, line_number, name, sure, EVIDENCE, root=symbol.root)


def _with_line(location: CodeLocation, line_number: int, ends: Mapping[tuple[str, str, int], int]) -> CodeLocation:
    """The line, if it is in the function that begins there (``ends`` has its last line); else that, unsurely."""
    end_line_number = ends.get((location.root, location.file_path, location.line_number), 0)
    is_inside = location.line_number - 1 <= line_number <= end_line_number
    return replace(location, line_number=line_number) if is_inside else _capped(location, 0.5)


def _capped(location: CodeLocation, confidence: float) -> CodeLocation:
    return replace(location, confidence=min(location.confidence, confidence))


def _text(attributes: Mapping[str, Any], names: tuple[str, ...]) -> str | None:
    return next((value for name in names if isinstance(value := attributes.get(name), str) and value), None)


def told_line(attributes: Mapping[str, Any]) -> int | None:
    """The line that ``code.*`` attributes tell."""
    told = next((str(attributes[name]) for name in LINE_ATTRIBUTES if name in attributes), "")
    return int(told) if _NUMBER.fullmatch(told) else None
