"""What is told of the lines of a file → what that says of its functions.

A function ran if a line of its body did. Its head says nothing: ``def`` runs where the module is imported, and ``const
price = () =>`` where that is read. What stands in functions within it is theirs.
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from telemap.model.code import CodeSymbol
from telemap.tested.report import CoveredFile, CoveredFunction

# Their functions come to be by statements, so that tools which work out calls from lines count those.
HEADS_RUN = frozenset({"python", "ruby"})

_LAST_NAME = re.compile(r"[\w$]+\W*$")
_ANONYMOUS = re.compile(r"\(?anonymous.*|<anonymous>|lambda|")


@dataclass(frozen=True, slots=True)
class FunctionLines:
    """What is told of a function, known by its name and the hash of its text.

    ``hits`` is how often it was called, None where the report does not count that.
    """

    qualified_name: str
    line_number: int
    body_hash: str
    measured_lines: tuple[int, ...]
    executed_lines: tuple[int, ...]
    hits: int | None
    tests: tuple[str, ...]


def function_lines(file: CoveredFile, symbols: Sequence[CodeSymbol]) -> list[FunctionLines]:
    """What a report says of each function that it measured.

    Args:
        file: what it says of the file.
        symbols: the functions in the content that it is about.
    """
    hits = _hits(file.functions, symbols)
    measured: dict[CodeSymbol, list[int]] = defaultdict(list)
    owners = _owners(symbols)
    for line in file.measured_lines:
        owner = owners.get(line)
        if owner and line >= (owner.body_line_number or line):
            measured[owner].append(line)
    executed = set(file.executed_lines)
    tests = [(test.name, set(test.lines)) for test in file.tests]
    found = []
    for symbol in sorted({*measured, *hits}, key=lambda one: (one.line_number, one.qualified_name)):
        lines = measured[symbol]
        ran = [line for line in lines if line in executed]
        called = None if symbol.language in HEADS_RUN else hits.get(symbol)
        if called is not None:
            # It tells more than lines do where body and head share one.
            lines = lines or [symbol.line_number]
            ran = (ran or lines[:1]) if called else []
        if lines:
            names = tuple(name for name, own in tests if not own.isdisjoint(ran))
            about = (symbol.qualified_name, symbol.line_number, symbol.body_hash)
            found.append(FunctionLines(*about, tuple(lines), tuple(ran), hits.get(symbol), names))
    return found


def _owners(symbols: Iterable[CodeSymbol]) -> Mapping[int, CodeSymbol]:
    """The innermost function around each line."""
    owners: dict[int, CodeSymbol] = {}
    for symbol in sorted(symbols, key=lambda one: (one.line_number, -one.end_line_number)):
        owners.update(dict.fromkeys(range(symbol.line_number, symbol.end_line_number + 1), symbol))
    return owners


def _hits(told: Sequence[CoveredFunction], symbols: Sequence[CodeSymbol]) -> dict[CodeSymbol, int]:
    """How often each function was called, of those that the report means without doubt."""
    hits: dict[CodeSymbol, int] = {}
    nameless: dict[int, list[CoveredFunction]] = defaultdict(list)
    by_name: dict[str, list[CodeSymbol]] = defaultdict(list)
    beginning: dict[int, list[CodeSymbol]] = defaultdict(list)
    for symbol in symbols:
        by_name[symbol.name].append(symbol)
        beginning[symbol.line_number].append(symbol)
    for function in told:
        own = [one for one in by_name[_last_name(function.name)] if _is_around(one, function.line_number)]
        if own:
            innermost = max(own, key=lambda one: one.line_number)
            hits[innermost] = hits.get(innermost, 0) + function.hits
        elif _ANONYMOUS.fullmatch(function.name):
            nameless[function.line_number].append(function)
    for line_number, functions in nameless.items():
        # What the code names, the report may not: an arrow that is bound to a name comes before those within it.
        here = [symbol for symbol in beginning[line_number] if symbol not in hits]
        if len(here) == 1 or len(here) == len(functions):
            hits.update((one, function.hits) for one, function in zip(here, functions, strict=False))
    return hits


def _last_name(told: str) -> str:
    found = _LAST_NAME.search(told.partition("(")[0])
    return found[0].strip() if found else told


def _is_around(symbol: CodeSymbol, line_number: int) -> bool:
    return symbol.line_number <= line_number <= symbol.end_line_number
