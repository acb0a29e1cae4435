"""What is told of the functions of a file as it was → the same of those that are unchanged, where they are now."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import replace

from telemap.model.code import CodeSymbol
from telemap.tested.functions import FunctionLines
from telemap.tested.report import CoveredFile, CoveringTest


class Unchanged:
    """The functions whose text has stayed the same, and how far each was moved.

    Args:
        before: the functions of the file as it was.
        now: those of the file as it is.
    """

    def __init__(self, before: Iterable[CodeSymbol], now: Iterable[CodeSymbol]) -> None:
        present = _by_text(now)
        self._functions: dict[tuple[str, int], int] = {}
        self._lines: dict[int, int] = {}
        for text, symbols in _by_text(before).items():
            if len(symbols) != len(present[text]):  # nobody knows which of them has gone
                continue
            for one, same in zip(symbols, present[text], strict=True):
                shift = same.line_number - one.line_number
                self._functions[one.qualified_name, one.line_number] = shift
                self._lines.update(dict.fromkeys(range(one.line_number, one.end_line_number + 1), shift))

    def function(self, told: FunctionLines) -> FunctionLines | None:
        """What is told of a function, where it is now; None for one that was changed."""
        shift = self._functions.get((told.qualified_name, told.line_number))
        if shift is None:
            return None
        return replace(
            told,
            line_number=told.line_number + shift,
            measured_lines=tuple(line + shift for line in told.measured_lines),
            executed_lines=tuple(line + shift for line in told.executed_lines),
        )

    def file(self, told: CoveredFile) -> CoveredFile:
        """What is told of the lines in these functions, where they are now."""
        return CoveredFile(
            told.path,
            self._carried(told.executed_lines),
            None if told.missed_lines is None else self._carried(told.missed_lines),
            tuple(CoveringTest(test.name, lines) for test in told.tests if (lines := self._carried(test.lines))),
        )

    def _carried(self, lines: Iterable[int]) -> tuple[int, ...]:
        return tuple(sorted(line + self._lines[line] for line in lines if line in self._lines))


def _by_text(symbols: Iterable[CodeSymbol]) -> defaultdict[tuple[str, str], list[CodeSymbol]]:
    found: defaultdict[tuple[str, str], list[CodeSymbol]] = defaultdict(list)
    for symbol in sorted(symbols, key=lambda one: one.line_number):
        found[symbol.qualified_name, symbol.body_hash].append(symbol)
    return found
