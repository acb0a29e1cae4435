"""From calls to the functions that they can reach, with how sure each edge is.

The first line that finds functions counts. Several share its confidence equally; more than five are none:

====================  ====================================================================  ==========
callee                functions found                                                       confidence
====================  ====================================================================  ==========
``self.x``, ``x``     of the class of the caller, as the language writes that               0.95
``x``                 in the functions around the caller, or outermost in its file          0.95
``x``, ``m.x``        imported, and the file or folder of the module has it                 0.95
``x``, ``m.x``        imported, and the tree has only the end of the module's path          0.6
``Shop.x``, ``Shop``  so named in full, in the same file; a class is its constructor        0.95
``Shop.x``, ``Shop``  so named in full, elsewhere                                           0.8
``x``                 in a file of the same folder, where the language needs no import      0.8
``repo.x``, ``x``     so named, wherever it is                                              0.5
====================  ====================================================================  ==========

The last line does not hold where the receiver, or the name itself, is imported from outside of the tree, nor for a bare
name that is not imported where the language needs an import.
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from functools import cache
from itertools import accumulate, takewhile
from posixpath import join, normpath
from typing import NamedTuple

from telemap.code.calls import CallRules, call_rules
from telemap.code.languages import languages
from telemap.model.code import Call, CodeSymbol, Import

SURE = 0.95
NAMED_IN_FULL = 0.8
SAME_FOLDER = 0.8
PART_OF_MODULE = 0.6
NAME_ALONE = 0.5
MAX_CANDIDATES = 5

_BETWEEN_NAMES = re.compile(r"[^\w$#@]+")
_BETWEEN_MODULES = re.compile(r"::|[./\\]")
# What stands in paths and is no part of what code calls a module.
_UNSPOKEN = frozenset({"", ".", "..", "index", "__init__", "mod", "lib", "src", "crate", "self", "super"})


@dataclass(frozen=True, slots=True)
class CallEdge:
    """One function that a call can reach, with how sure that is (0…1) and what it rests on.

    ``caller`` is None for a call outside of all functions.
    """

    call: Call
    caller: CodeSymbol | None
    callee: CodeSymbol
    confidence: float
    evidence: str


def resolve_calls(calls: Iterable[Call], imports: Iterable[Import], symbols: Iterable[CodeSymbol]) -> list[CallEdge]:
    """Every edge from a call to a function of the tree, in the order of the calls.

    A call of what the tree has no function for gives none.

    Args:
        calls: of all files.
        imports: of all files.
        symbols: all functions of the tree.
    """
    tree = _Tree(symbols, imports)
    reached = cache(tree.reached)
    edges = []
    for call in calls:
        if found := reached(call.file_path, call.function_name, call.callee, call.name):
            caller, confidence = tree.caller(call), round(found.confidence / len(found.symbols), 3)
            edges += [CallEdge(call, caller, callee, confidence, found.evidence) for callee in found.symbols]
    return edges


class _Found(NamedTuple):
    confidence: float
    evidence: str
    symbols: Sequence[CodeSymbol]


class _Tree:
    def __init__(self, symbols: Iterable[CodeSymbol], imports: Iterable[Import]) -> None:
        self.by_name: dict[str, list[tuple[str, CodeSymbol]]] = defaultdict(list)  # with the name that calls have
        self.by_place: dict[tuple[str, str], list[CodeSymbol]] = defaultdict(list)
        self.imported: dict[str, dict[str, tuple[str, str]]] = defaultdict(dict)
        for symbol in symbols:
            name = _called(symbol)
            self.by_name[name.rpartition(".")[2]].append((name, symbol))
            self.by_place[symbol.file_path, symbol.qualified_name].append(symbol)
        for one in imports:
            self.imported[one.file_path].update({here: (one.module, there) for there, here in one.names})

    def caller(self, call: Call) -> CodeSymbol | None:
        around = self.by_place.get((call.file_path, call.function_name), ())
        return next((one for one in around if one.line_number <= call.line_number <= one.end_line_number), None)

    def reached(self, file_path: str, function_name: str, callee: str, name: str) -> _Found | None:
        """What a callee can be, as it is written in a function."""
        rules = call_rules(file_path)
        if not rules:
            return None
        # A receiver that is computed is written as nothing: ``.save``.
        receiver = _BETWEEN_NAMES.split(callee.removesuffix(name))[:-1]
        found = next((one for one in self._ways(rules, file_path, function_name, receiver, name) if one.symbols), None)
        return found if found and len(found.symbols) <= MAX_CANDIDATES else None

    def _ways(
        self, rules: CallRules, file_path: str, function_name: str, receiver: list[str], name: str
    ) -> Iterator[_Found]:
        named, imported = self.by_name.get(name, ()), self.imported.get(file_path, {})
        anywhere = _Found(NAME_ALONE, "name", [symbol for _, symbol in named])
        if len(receiver) == 1 and receiver[0] and receiver[0] in rules.own:
            yield _Found(SURE, "own class", self._around(file_path, function_name, name, is_bare=False, is_own=True))
            yield anywhere
            return
        if not receiver:
            is_own = "" in rules.own
            yield _Found(SURE, "same file", self._around(file_path, function_name, name, is_bare=True, is_own=is_own))
        if targets := self._targets(file_path, [*receiver, name]):
            yield from self._imported(targets)
            return
        if receiver != [""]:
            full = _named_in_full(named, receiver, name)
            yield _Found(SURE, "same file", [symbol for symbol in full if symbol.file_path == file_path])
            if not receiver and not rules.sees_folder and "*" not in imported:
                return
            yield _Found(NAMED_IN_FULL, "name in full", full)
        if not receiver and rules.sees_folder:
            folder = _folder(file_path)
            beside = [symbol for called, symbol in named if called == name and _folder(symbol.file_path) == folder]
            yield _Found(SAME_FOLDER, "same folder", beside)
        yield anywhere

    def _around(
        self, file_path: str, function_name: str, name: str, *, is_bare: bool, is_own: bool
    ) -> Sequence[CodeSymbol]:
        """What a name means at a place in a file, from the inside outwards: functions, and those of an own class."""
        outside = [*accumulate(function_name.split("."), "{}.{}".format)] if function_name else []
        for outer in [*reversed(outside), ""]:
            is_function = (file_path, outer) in self.by_place
            found = self.by_place.get((file_path, f"{outer}.{name}" if outer else name), ())
            is_seen = (is_bare and is_function) or (is_own and not is_function) if outer else is_bare
            if found and is_seen:
                return found
        return ()

    def _targets(self, file_path: str, names: list[str]) -> list[list[str]]:
        """What names mean by the imports of a file, as paths from a module inwards; none where nothing imports them."""
        imported = self.imported.get(file_path, {})
        for length in range(len(names), 0, -1):
            here = ".".join(names[:length])
            if here in imported:
                module, there = imported[here]
                parts, inner = _module_parts(module, file_path), names[length:]
                if there not in {"", "default"}:
                    return [[*parts, there, *inner]]
                if there == "" and inner:
                    return [[*parts, *inner]]
                # What a module exports without a name, each file calls as it likes, most by its name.
                return [[*parts, here, *inner], [*parts, "default", *inner]]
        return []

    def _imported(self, targets: Sequence[Sequence[str]]) -> Iterator[_Found]:
        standings = [
            (_standing(symbol.file_path, called.split("."), target), symbol)
            for target in targets
            for called, symbol in self.by_name.get(target[-1], ())
        ]
        for confidence in (SURE, PART_OF_MODULE):
            yield _Found(confidence, "import", [symbol for standing, symbol in standings if standing == confidence])


def _called(symbol: CodeSymbol) -> str:
    """The name that calls have for a function: a constructor is called by that of its class."""
    outer, _, name = symbol.qualified_name.rpartition(".")
    rules = call_rules(symbol.file_path)
    is_constructor = (rules and name in rules.constructors) or name == outer.rpartition(".")[2]
    return outer if outer and is_constructor else symbol.qualified_name


def _named_in_full(named: Iterable[tuple[str, CodeSymbol]], receiver: Sequence[str], name: str) -> Sequence[CodeSymbol]:
    full = "." + ".".join([*filter(None, receiver), name])
    # A bare name in full is a class that is called; functions are looked for where they can be seen.
    return [
        symbol
        for called, symbol in named
        if f".{called}".endswith(full) and (receiver or called != symbol.qualified_name)
    ]


def _standing(file_path: str, called: Sequence[str], target: Sequence[str]) -> float:
    """How surely a function is what an import means: its name has to be the end of it, its file or folder the rest."""
    if [*target][-len(called) :] != [*called]:
        return 0
    module = target[: -len(called)]
    path = _path_parts(file_path)
    if not module:  # a namespace is part of the name; a single name can be anybody's
        return SURE if len(called) > 1 else PART_OF_MODULE
    in_common = max(_in_common(path, module), _in_common(path[:-1], module))
    return SURE if in_common == len(module) else PART_OF_MODULE if in_common else 0


def _in_common(path: Sequence[str], module: Sequence[str]) -> int:
    """How many parts at the end of both are the same."""
    pairs = zip(reversed(path), reversed(module), strict=False)
    return sum(1 for _ in takewhile(lambda pair: pair[0] == pair[1], pairs))


def _module_parts(module: str, file_path: str) -> list[str]:
    """The path of a module: from the root of the tree if it is said from the file, else as far as it is said."""
    dots = len(module) - len(module.lstrip("."))
    if dots and "/" not in module and module not in {".", ".."}:  # Python counts the folders that it leaves
        folders = file_path.split("/")
        parts = [*folders[: len(folders) - dots], *module[dots:].split(".")]
    elif dots:
        return [*_path_parts(normpath(join(_folder(file_path), module)))]
    else:
        parts = module.split("/") if "/" in module else _BETWEEN_MODULES.split(module)
    return [part for part in parts if part not in _UNSPOKEN and part[0] not in "@~"]


@cache
def _path_parts(file_path: str) -> Sequence[str]:
    stem, dot, extension = file_path.rpartition(".")
    return [
        part for part in (stem if dot + extension in languages() else file_path).split("/") if part not in _UNSPOKEN
    ]


def _folder(file_path: str) -> str:
    return file_path.rpartition("/")[0]
