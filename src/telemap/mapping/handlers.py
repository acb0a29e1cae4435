"""From the name of a handler to the functions that it can be, with how sure each link is.

How sure a link is depends on how many functions have the name and on the module that is declared for it:

==================  =====================================================================  ==================
functions named so  where                                                                  confidence
==================  =====================================================================  ==================
one                 in the declared module                                                 0.98
one                 beside it: ``ui.stage-crew.ts`` where ``ui.symphony`` is declared      0.95
one                 no module is declared, or no such module is in the index               0.9
one                 elsewhere, though the declared module is in the index, or is a part    0.5
                    of the name; or in a test
several             all of them elsewhere or in tests                                      0.5 shared by weight
several             otherwise                                                              0.95 shared by weight
none                                                                                       no candidate
==================  =====================================================================  ==================

The name of the indexed root, which often is the package, counts as the first folder of its files.
Equals share equally: each of n has 0.95 / n. The weight of a candidate is the product of what speaks for it: it is in
the declared module or beside it, it is exported, its file is named like the file of the sequence
(``drag.move.json``, ``drag.symphony.ts``) or after the kind of the beat (``stage-crew``), and is no test.
"""

from __future__ import annotations

import os
import re
from collections.abc import Iterable
from functools import lru_cache
from itertools import takewhile
from typing import NamedTuple

from telemap.code.files import is_test_file
from telemap.code.languages import languages
from telemap.code.reading import CodeIndex
from telemap.model.code import CodeLocation, CodeSymbol


class Standing(NamedTuple):
    """Where a function is, seen from the declared module: how sure that makes it alone, and its weight among others."""

    confidence: float
    weight: float
    words: str


DECLARED = Standing(0.98, 100, "in the declared module")
BESIDE = Standing(0.95, 20, "beside the declared module")
UNKNOWN = Standing(0.9, 1, "and no module to compare with")
ELSEWHERE = Standing(0.5, 1, "but in another module than declared")
TEST = Standing(0.5, 0.1, "but in a test")

SHARED_CONFIDENCE = 0.95
EXPORTED_WEIGHT = 3.0
NAME_PART_WEIGHT = 2.0  # for each leading part that the names of two files have in common
KIND_WEIGHT = 2.0
MAX_CANDIDATES = 5

SOURCE_FOLDERS = frozenset({".", "..", "src", "lib", "dist"})


def locate_function(
    name: str,
    module_hint: str | None,
    index: CodeIndex,
    *,
    declared_in: str | None = None,
    kind: str | None = None,
    evidence: str = "definition",
) -> tuple[CodeLocation, ...]:
    """The places that a function of this name can be, best first, at most five; none where no function has the name.

    Args:
        name: ``renderReact``, ``Checkout.charge``, or with its module ``storefront.handlers.checkout.charge``.
        module_hint: where it should be: a dotted Python module, an npm package, or a path in either.
        index: the functions that are known.
        declared_in: path of the file that names the function, whose name often resembles that of the code.
        kind: what the definition calls that sort of handler, often a part of the file name.
        evidence: what the name was taken from.
    """
    symbols, module_in_name = _named(name.replace(".<locals>", ""), index)
    if not symbols:
        return ()
    modules = _modules(module_hint or module_in_name)
    roots = tuple(sorted({symbol.root for symbol in symbols}))
    is_elsewhere = bool(module_in_name and not module_hint) or _is_indexed(modules, index.file_paths, roots)
    otherwise = ELSEWHERE if is_elsewhere else UNKNOWN
    standings = [_standing(_path(symbol.root, symbol.file_path), modules) or otherwise for symbol in symbols]
    weighed = [
        (standing.weight * _weight(symbol, declared_in, kind), symbol, standing)
        for symbol, standing in zip(symbols, standings, strict=True)
    ]
    weighed.sort(key=lambda one: (-one[0], one[1].file_path, one[1].line_number))
    named = "the only function" if len(symbols) == 1 else f"one of {len(symbols)} functions"
    surest = max(standing.confidence for standing in standings)
    shared = SHARED_CONFIDENCE if len(symbols) > 1 and surest >= UNKNOWN.confidence else surest
    whole = sum(weight for weight, _, _ in weighed)
    return tuple(
        CodeLocation(
            symbol.file_path,
            symbol.line_number,
            symbol.qualified_name,
            confidence=round(shared * weight / whole, 3),
            evidence=evidence,
            reason=f"{named} of this name, {standing.words}",
            root=symbol.root,
        )
        for weight, symbol, standing in weighed[:MAX_CANDIDATES]
    )


def _named(name: str, index: CodeIndex) -> tuple[tuple[CodeSymbol, ...], str]:
    """The functions of a name, and what of it is none of theirs, which may be a module."""
    if name in index.by_name:
        return index.by_name[name], ""
    matching = [
        symbol
        for symbol in index.by_name.get(name.rpartition(".")[2], ())
        if f".{name}".endswith(f".{symbol.qualified_name}")
    ]
    if not matching:  # namespaces and modules that the name leaves out
        outer = index.by_name.get(name.rpartition(".")[2], ())
        return tuple(symbol for symbol in outer if symbol.qualified_name.endswith(f".{name}")), ""
    longest = max(len(symbol.qualified_name) for symbol in matching)
    return tuple(symbol for symbol in matching if len(symbol.qualified_name) == longest), name[: -longest - 1]


@lru_cache
def _is_indexed(modules: tuple[str, ...], file_paths: tuple[str, ...], roots: tuple[str, ...]) -> bool:
    return any(_standing(_path(root, path), modules) is DECLARED for path in file_paths for root in roots)


def _path(root: str, file_path: str) -> str:
    # The root is often the package that a module is named by.
    return f"{os.path.basename(root)}/{file_path}" if root else file_path


def _standing(file_path: str, modules: Iterable[str]) -> Standing | None:
    """How a file stands towards the module declared; None for one that has nothing to do with it."""
    if is_test_file(file_path):
        return TEST
    path = _module_path(file_path)
    for module in modules:
        # The root that was indexed may lie inside the module; a single name at the end is too little to say so.
        if module in path or (module.endswith(path) and path.count("/") > 2):
            return DECLARED
        *folders, last = module.strip("/").split("/")
        if "." in last and "/".join(["", *folders, last.partition(".")[0] + "."]) in path:
            return BESIDE
    return None


def _modules(hint: str) -> tuple[str, ...]:
    if not hint:
        return ()
    # A scope such as @company is no folder; a hint without slashes is a dotted module, or a single file.
    path = _module_path(re.sub(r"^@[^/]*/", "", hint))
    return (path,) if "/" in hint else (path, path.replace(".", "/"))


@lru_cache(maxsize=100_000)
def _module_path(path: str) -> str:
    """A path as ``/package/folder/module/``: without extension and without the folders that only hold sources."""
    stem, _, extension = path.rpartition(".")
    *folders, last = (stem if f".{extension}" in languages() else path).split("/")
    return "/".join(["", *(folder for folder in folders if folder not in SOURCE_FOLDERS), last, ""])


def _weight(symbol: CodeSymbol, declared_in: str | None, kind: str | None) -> float:
    file_name = symbol.file_path.rpartition("/")[2]
    in_common = 0
    if declared_in is not None:
        names = (re.split(r"[._-]", name.rpartition("/")[2].lower())[:-1] for name in (file_name, declared_in))
        in_common = sum(1 for _ in takewhile(lambda pair: pair[0] == pair[1], zip(*names, strict=False)))
    is_of_kind = kind is not None and kind in file_name.split(".")
    return (
        (EXPORTED_WEIGHT if symbol.is_exported else 1)
        * NAME_PART_WEIGHT**in_common
        * (KIND_WEIGHT if is_of_kind else 1)
    )
