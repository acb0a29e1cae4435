"""Calls and imports of one source text, found with the rules of its language."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, NamedTuple

from telemap.code.languages import Language, Rule, languages, rules
from telemap.code.symbols import follow, search
from telemap.model.code import Call, CodeSymbol, Import

if TYPE_CHECKING:
    from ast_grep_py import SgNode

# Names of names; anything else in front of a call is computed, and says nothing that could be looked up.
_NAME = re.compile(r"[\w$#]+[?!=]?")
_NAMES = re.compile(r"[\w$@#]+(?:(?:[?!]*\.|->|\?->|::|\\)[\w$@#]+[?!=]?)*|\\[\w\\]+")
MAX_CALLEE_CHARACTERS = 200


@dataclass(frozen=True, slots=True)
class CallRule:
    """A kind of node that calls: the paths to the name that it calls and to what the callee begins with."""

    name: tuple[str, ...]
    receiver: tuple[str, ...] = ()
    rule: Rule = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class NameRule:
    """A kind of node that says what is imported: the paths to its name in the module and in the file.

    Without a path the node is its own name. ``stands_for`` is the name in the module where the text has none.
    """

    name: tuple[str, ...] = ()
    alias: tuple[str, ...] = ()
    stands_for: str | None = None
    rule: Rule = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class ImportRule:
    """A kind of node that imports.

    Args:
        rule: which nodes it is about, an ast-grep rule.
        names: node kind of what is imported → how it is named. Inside of no module, what is imported is a module.
        modules: node kind, from the import inwards → path to the module, or to the next part of it.
        is_split: the last part of a path is the name of something in the module that the others name.
        binds_last: what stands between the parts of a module that is known by the last of them.
    """

    rule: Rule
    names: Mapping[str, NameRule]
    modules: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    is_split: bool = False
    binds_last: str = ""


@dataclass(frozen=True, slots=True)
class CallRules:
    """``calls.toml`` of one folder of ``rules/``; paths are those of ``Language``.

    Args:
        name: the name of the folder.
        calls: node kind of a call → where its callee stands.
        imports: kinds of imports; of several that fit the first counts.
        own: receivers that stand for the object or class of the method around; ``""`` where none is needed.
        constructors: names of the methods that a call of their class runs.
        sees_folder: files of one folder see each other's functions without an import.
    """

    name: str
    calls: Mapping[str, CallRule]
    imports: tuple[ImportRule, ...]
    own: frozenset[str]
    constructors: frozenset[str] = frozenset()
    sees_folder: bool = False


def call_rules(file_path: str) -> CallRules | None:
    """The rules for a file by the ending of its name; None where its language has none."""
    language = languages().get("." + file_path.rpartition(".")[2])
    return rules("calls", CallRules).get(language.name) if language else None


class Calls(NamedTuple):
    """Calls and imports in the order of the text."""

    calls: list[Call]
    imports: list[Import]


def parse_calls(root: SgNode, file_path: str, symbols: Iterable[CodeSymbol], language: Language) -> Calls:
    """Every call of a name, and every import, of the text whose tree has this root.

    Args:
        root: of the text, in the grammar that the language has for the file.
        file_path: as the symbols have it.
        symbols: all functions of the file. Of several on one line, the last has the calls on it.
        language: of the file.
    """
    found = call_rules(file_path)
    if not found:
        return Calls([], [])
    imports = [
        one
        for node in search(root, *(rule.rule for rule in found.imports))
        for one in _imports(node, file_path, _first_fitting(node, found.imports), language.separator)
    ]
    functions = _functions_by_line(symbols)
    text = " " * root.range().start.index + root.text()  # a tree begins with its first token
    nodes = search(root, *({"kind": kind, **call.rule} for kind, call in found.calls.items()))
    calls = [_call(node, text, file_path, found.calls[node.kind()], functions) for node in nodes]
    return Calls([call for call in calls if call], imports)


def _first_fitting(node: SgNode, rules: Iterable[ImportRule]) -> ImportRule:
    return next(rule for rule in rules if node.matches(**rule.rule))


def _functions_by_line(symbols: Iterable[CodeSymbol]) -> Mapping[int, str]:
    by_line = {}
    for symbol in sorted(symbols, key=lambda symbol: (symbol.line_number, -symbol.end_line_number)):
        by_line.update(dict.fromkeys(range(symbol.line_number, symbol.end_line_number + 1), symbol.qualified_name))
    return by_line


def _call(node: SgNode, text: str, file_path: str, rule: CallRule, functions: Mapping[int, str]) -> Call | None:
    named = follow(node, rule.name) if rule.name else node
    name = named.text() if named and named.range().end.line == named.range().start.line else ""
    if not named or not _NAME.fullmatch(name):
        return None
    start, end = (follow(node, rule.receiver) or named).range().start.index, named.range().end.index
    written = "".join(text[start:end].split()) if end - start <= MAX_CALLEE_CHARACTERS else ""
    callee = written if _NAMES.fullmatch(written) else f".{name}"
    line_number = named.range().start.line + 1
    return Call(file_path, line_number, functions.get(line_number, ""), callee, name)


def _imports(node: SgNode, file_path: str, rule: ImportRule, separator: str) -> Iterator[Import]:
    by_module: dict[str, list[tuple[str, str]]] = {}
    end = -1
    for name in search(node, *({"kind": kind, **name.rule} for kind, name in rule.names.items())):
        parts = _module(name, node, rule)
        # A name inside of another, or of the module, is a part of that.
        if parts is not None and name.range().start.index >= end:
            end = name.range().end.index
            module, pair = _imported(name, parts, rule, separator)
            by_module.setdefault(module, []).append(pair)
    if not by_module and (parts := _module(node, node, rule)):
        by_module[parts[0]] = []
    for module, names in by_module.items():
        yield Import(file_path, node.range().start.line + 1, module, tuple(names))


def _module(name: SgNode, node: SgNode, rule: ImportRule) -> list[str] | None:
    """The parts of the module that a name is taken from, outermost first; None for what is itself a part of it."""
    parts: list[str] = []
    inner: SgNode | None = name
    while inner:
        path = rule.modules.get(inner.kind())
        if path and (module := follow(inner, path)):
            if _is_within(name, module):
                return None
            parts.insert(0, _unquoted(module))
        if _is_within(node, inner):
            break
        inner = inner.parent()
    return parts


def _imported(name: SgNode, parts: list[str], rule: ImportRule, separator: str) -> tuple[str, tuple[str, str]]:
    """The module, and its name with that in the file."""
    names = rule.names[name.kind()]
    written = _unquoted(follow(name, names.name) or name)
    alias = follow(name, names.alias)
    whole = separator.join([*parts, written])
    if names.stands_for is not None:
        there = names.stands_for
    elif rule.is_split and separator in whole:
        *parts, there = whole.split(separator)
    else:
        there = written if parts else ""
    module = separator.join(parts) or written
    if alias:
        return module, (there, _unquoted(alias))
    if there == "" and rule.binds_last:
        return module, ("", module.rpartition(rule.binds_last)[2])
    return module, (there, written if there in {"", "default"} else there)


def _is_within(inner: SgNode, outer: SgNode) -> bool:
    span, around = inner.range(), outer.range()
    return around.start.index <= span.start.index and span.end.index <= around.end.index


def _unquoted(node: SgNode) -> str:
    return "".join(node.text().split()).strip("'\"`")
