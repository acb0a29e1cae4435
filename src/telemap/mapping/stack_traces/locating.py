"""From a frame of a stack trace to its line in the indexed code, with how sure the link is.

How sure depends on how much the printed path agrees with that of an indexed file, and on what is at the printed line:

=====================================================  =======  =====  ==========
at the printed line                                    folders  alone  name
=====================================================  =======  =====  ==========
the function that the frame names                      0.98     0.85   0.6
nobody can say: the frame names no function            0.8      0.6    0.2
another one, and the file has one function so named:   0.6      0.4    0.3
the code has moved, and the function is offered
another one, and the file has none or several          0.3      0.2    0.1
=====================================================  =======  =====  ==========

``folders``: the folders agree as far as both have some; ``alone``: one of both is a file name and no more; ``name``:
the name of the file agrees while the folders do not, or the frame is a library's. Of several files that agree as much
as each other, or one path under several roots, each has its share of that, by the weight of what is at the line.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import Enum
from functools import lru_cache

from telemap.code.reading import CodeIndex
from telemap.mapping.paths import Agreement, FilePaths
from telemap.mapping.stack_traces.languages import TraceLanguage, trace_languages
from telemap.mapping.stack_traces.traces import Frame
from telemap.model.code import CodeLocation, CodeSymbol

MAX_CANDIDATES = 5


class Fit(Enum):
    """What is at the printed line: its weight among several files, and what to tell of it."""

    AGREES = 20, "the function is at the printed line"
    UNNAMED = 5, "the frame names no function"
    MOVED = 2, "the code has moved: the function is no longer at the printed line"
    UNKNOWN = 1, "the code has changed: the function of the frame is not where it was printed"


CONFIDENCE = {
    Agreement.FOLDERS: {Fit.AGREES: 0.98, Fit.UNNAMED: 0.8, Fit.MOVED: 0.6, Fit.UNKNOWN: 0.3},
    Agreement.ALONE: {Fit.AGREES: 0.85, Fit.UNNAMED: 0.6, Fit.MOVED: 0.4, Fit.UNKNOWN: 0.2},
    Agreement.NAME: {Fit.AGREES: 0.6, Fit.UNNAMED: 0.2, Fit.MOVED: 0.3, Fit.UNKNOWN: 0.1},
}


@dataclass(frozen=True, slots=True)
class Located:
    """The places that a frame can be, best first, and what the best one rests on, or why there is none."""

    locations: tuple[CodeLocation, ...]
    reason: str


class FrameLocator:
    """Finds the frames of stack traces in one code index.

    Args:
        index: the functions and files that are known.
        line_counts: file path → the number of its lines, where that is known.
    """

    def __init__(self, index: CodeIndex, line_counts: Mapping[str, int] | None = None) -> None:
        self._paths = FilePaths(index.file_paths)
        self._line_counts = line_counts or {}
        self._symbols: dict[str, list[CodeSymbol]] = {}
        for symbol in index.symbols:
            self._symbols.setdefault(symbol.file_path, []).append(symbol)
        self._known = lru_cache(maxsize=10_000)(self._located)

    def locate(self, frame: Frame) -> Located:
        """The places of the frame in the index, at most five; none where no indexed file is named like its file."""
        return self._known(frame)

    def _located(self, frame: Frame) -> Located:
        language = trace_languages()[frame.language]
        agreement, copies = self._paths.matching(_path(frame, language))
        if frame.root:
            copies = dict.fromkeys(copies, 1)
        if frame.is_vendored:
            agreement = Agreement.NAME
        fits = [(*self._fit(frame, path, language), path) for path in copies]
        whole = sum(fit.value[0] * copies[path] for fit, _, _, path in fits)
        locations = [
            CodeLocation(
                path,
                line_number,
                function_name,
                confidence=round(CONFIDENCE[agreement][fit] * fit.value[0] / whole, 3),
                evidence="stack",
                root=frame.root or (self._root(path) if copies[path] == 1 else ""),
            )
            for fit, line_number, function_name, path in fits
            if line_number
        ]
        locations.sort(key=lambda location: (-location.confidence, location.file_path))
        return Located(tuple(locations[:MAX_CANDIDATES]), _reason(frame, agreement, copies, [fit for fit, *_ in fits]))

    def _root(self, path: str) -> str:
        return next((symbol.root for symbol in self._symbols.get(path, ())), "")

    def _fit(self, frame: Frame, path: str, language: TraceLanguage) -> tuple[Fit, int | None, str]:
        """What is at the printed line of one file, the line to go to, and the function around it."""
        symbols = [one for one in self._symbols.get(path, []) if frame.root in ("", one.root)]
        line_number, name = frame.line_number, _own_name(frame.function_name, language)
        around = [one for one in symbols if line_number and one.line_number <= line_number <= one.end_line_number]
        around.sort(key=lambda symbol: symbol.line_number)
        innermost = around[-1].qualified_name if around else ""
        if not name:
            is_past = line_number and line_number > self._line_counts.get(path, line_number)
            return (Fit.UNKNOWN if is_past else Fit.UNNAMED), line_number, innermost
        named = [symbol for symbol in symbols if _own_name(symbol.qualified_name, language) == name]
        holding = [symbol for symbol in around if symbol in named]
        if holding:
            return Fit.AGREES, line_number, holding[-1].qualified_name
        if len({symbol.line_number for symbol in named}) == 1:
            return Fit.MOVED, named[0].line_number, named[0].qualified_name
        return Fit.UNKNOWN, line_number, innermost


def _path(frame: Frame, language: TraceLanguage) -> str:
    package = frame.function_name.split(".")[:-2] if language.names_package and frame.file_path else []
    return "/".join([*package, frame.file_path])


def _own_name(function_name: str, language: TraceLanguage) -> str:
    """The name that the code gives a function, without classes and packages; ``""`` for one without a name."""
    names = re.findall(r"\w+", language.unnamed.sub("", function_name))
    return next((name for name in reversed(names) if not name.isdecimal()), "")


def _reason(frame: Frame, agreement: Agreement, copies: Mapping[str, int], fits: Sequence[Fit]) -> str:
    if not frame.file_path:
        return "the frame names no file"
    if not copies:
        return "no indexed file has this name"
    reasons = [max(fits, key=lambda fit: fit.value[0]).value[1]]
    if frame.is_vendored:
        reasons.append("the frame is a library's")
    elif agreement is Agreement.NAME:
        reasons.append("the folders of the file differ")
    if (files := sum(copies.values())) > 1:
        reasons.append(f"{files} files agree as much with the printed path")
    return "; ".join(reasons)
