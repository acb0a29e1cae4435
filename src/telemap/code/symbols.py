"""Functions of one source text, found with the rules of its language."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from hashlib import blake2b
from re import match
from typing import TYPE_CHECKING, Any, NamedTuple

from telemap.code.languages import Language
from telemap.model.code import CodeSymbol

if TYPE_CHECKING:
    from ast_grep_py import SgNode


# A token that the grammar had to add to go on is a node without text.
SYNTAX_ERRORS = ({"kind": "ERROR"}, {"regex": "^$"})


class Parsed(NamedTuple):
    """Functions in the order of the text, and the line of the first thing that the grammar does not know, if any."""

    symbols: list[CodeSymbol]
    error_line_number: int | None


def parse_symbols(text: str, file_path: str, language: Language) -> Parsed:
    """Every function of ``text`` that has a name; what does not parse costs only the functions in it."""
    from ast_grep_py import SgRoot

    if not text.strip():  # of which the grammar says that everything is missing
        return Parsed([], None)
    dialect = language.extensions["." + file_path.rpartition(".")[2]]
    return symbols_of(SgRoot(text, dialect.grammar).root(), file_path, language)


def symbols_of(root: SgNode, file_path: str, language: Language) -> Parsed:
    """Every function below ``root`` that has a name; what did not parse costs only the functions in it."""
    dialect = language.extensions["." + file_path.rpartition(".")[2]]
    # One search for all: each costs a walk of the tree.
    rules = [{"kind": kind, **conditions} for kind, conditions in language.functions.items()]
    search: Any = {"rule": {"any": [*rules, *language.exports, *SYNTAX_ERRORS]}}
    functions, exported_names, errors = [], set(), []
    for node in root.find_all(search):
        if (kind := node.kind()) in language.functions:
            functions.append(node)
        elif kind == "ERROR" or not node.text():
            errors.append(node)
        else:
            exported_names.add(node.text())
    symbols = [
        CodeSymbol(
            file_path=file_path,
            line_number=scope.name.line_number,
            end_line_number=node.range().end.line + 1,
            name=scope.name.text,
            qualified_name=".".join(scope.names),
            kind="method" if scope.is_in_class else "function",
            language=dialect.language,
            is_exported=scope.is_outermost and (scope.is_exporting or scope.names[0] in exported_names),
            body_hash=_hash(node.text()),
        )
        for node, scope in _scopes(functions, language)
        if scope.name
    ]
    return Parsed(symbols, errors[0].range().start.line + 1 if errors else None)


class _Name(NamedTuple):
    text: str
    line_number: int


class _Scope(NamedTuple):
    name: _Name | None
    names: tuple[str, ...]  # of all that encloses it, outermost first, and its own
    end: int
    is_in_class: bool
    is_outermost: bool  # in no function and no class, so that other files can name it
    is_exporting: bool


def _scopes(functions: Iterable[SgNode], language: Language) -> Iterator[tuple[SgNode, _Scope]]:
    """Each function with its names and what surrounds it; functions come in the order of the text."""
    enclosing: list[_Scope] = []
    for function in functions:
        span = function.range()
        while enclosing and enclosing[-1].end <= span.start.index:
            enclosing.pop()
        surroundings = list(_surroundings(function, language))
        name, outer_names = _names(function, surroundings, language)
        kinds = {kind for _, kind in surroundings}
        is_in_class = not kinds.isdisjoint(language.classes)
        enclosing.append(
            _Scope(
                name,
                (*(enclosing[-1].names if enclosing else ()), *outer_names, *([name.text] if name else ())),
                span.end.index,
                is_in_class,
                is_outermost=not enclosing and not is_in_class,
                is_exporting=not kinds.isdisjoint(language.exporting)
                and not (name and match(language.private, name.text)),
            )
        )
        yield function, enclosing[-1]


def _surroundings(function: SgNode, language: Language) -> Iterator[tuple[SgNode, str]]:
    """What encloses a function, with its kind, innermost first, up to the next function."""
    node = function.parent()
    while node and (kind := node.kind()) not in language.functions:
        yield node, kind
        node = node.parent()


def _names(
    function: SgNode, surroundings: list[tuple[SgNode, str]], language: Language
) -> tuple[_Name | None, list[str]]:
    """The name of a function, and the names around it, outermost first."""
    binding = next((at for at, (_, kind) in enumerate(surroundings) if kind not in language.wrappers), None)
    # What a function is bound to goes before its own name: const run = function named() {}
    name = None if binding is None else _name(*surroundings[binding], language)
    outer = surroundings[binding + 1 :] if binding is not None and name else surroundings
    outer_names = [found.text for node, kind in reversed(outer) if (found := _name(node, kind, language))]
    return name or _name(function, function.kind(), language), outer_names


def _name(node: SgNode, kind: str, language: Language) -> _Name | None:
    """The name that a node gives to what it encloses; None for a node that gives none."""
    if kind in language.default_names and node.field(language.default_names[kind]):
        return _Name("default", node.range().start.line + 1)
    found: SgNode | None = None
    for step in language.names.get(kind, ()):
        found = (found or node).field(step) or found
    text = found.text().strip("'\"`") if found else ""
    # A destructuring or a computed key is no name that anything else could use.
    return _Name(text, found.range().start.line + 1) if found and text[:1] not in {"", "{", "["} else None


def _hash(text: str) -> str:
    # A checkout may change the line ends, which changes nothing of the function.
    return blake2b(text.replace("\r\n", "\n").encode(), digest_size=16).hexdigest()
