"""Functions of one source text, found with the rules of its language."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from hashlib import blake2b
from re import compile
from typing import TYPE_CHECKING, Any, NamedTuple

from telemap.code.languages import Language, Rule
from telemap.model.code import CodeSymbol

if TYPE_CHECKING:
    from ast_grep_py import SgNode


# A destructuring or a computed key is no name that anything else could use; Ruby's operator [] is one.
COMPUTED = compile(r"[\[{(,][^\]]")

# What a function runs, in grammars that have no field for it.
BODIES = frozenset({"accessor_list", "arrow_expression_clause", "block", "function_body"})

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
    dialect = language.dialect(file_path)
    return symbols_of(SgRoot(text, dialect.grammar).root(), file_path, language)


def symbols_of(root: SgNode, file_path: str, language: Language) -> Parsed:
    """Every function below ``root`` that has a name; what did not parse costs only the functions in it."""
    dialect = language.dialect(file_path)
    # One search for all: each costs a walk of the tree.
    rules = {**language.functions, **{kind: export.rule for kind, export in language.exports.items()}}
    sought = [*({"kind": kind, **rule} for kind, rule in rules.items()), *language.namespaces, *SYNTAX_ERRORS]
    functions, exported_names, errors = [], set(), []
    namespace: tuple[str, ...] = ()
    for node in search(root, *sought):
        if (kind := node.kind()) in language.functions:
            functions.append((node, namespace))
        elif export := language.exports.get(kind):
            exported_names.add((follow(node, export.name) or node).text())
        elif kind == "ERROR" or not node.text():
            errors.append(node)
        elif found := _name(node, kind, language):
            namespace = (found.text,)
    # Asked of each function it would be worked out anew each time what the rule says, which costs a hundred times more.
    is_function = {"any": [{"kind": kind} for kind in language.functions]}
    exported = set(map(_span, search(root, {"all": [is_function, language.exported]}))) if functions else set()
    symbols = [
        CodeSymbol(
            file_path=file_path,
            line_number=scope.name.line_number,
            end_line_number=node.range().end.line + 1,
            name=scope.name.text,
            qualified_name=".".join(scope.names),
            kind="method" if scope.is_in_class else "function",
            language=dialect.language,
            is_exported=not scope.is_inner
            and (scope.span in exported or (not scope.is_in_class and scope.names[0] in exported_names)),
            body_hash=_hash(node.text()),
            body_line_number=_body_line_number(node),
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
    span: tuple[int, int]
    is_in_class: bool
    is_inner: bool  # in another function, so that no other file can name it


def _scopes(functions: Iterable[tuple[SgNode, tuple[str, ...]]], language: Language) -> Iterator[tuple[SgNode, _Scope]]:
    """Each function with its names and what surrounds it; functions come in the order of the text."""
    enclosing: list[_Scope] = []
    for function, namespace in functions:
        span = _span(function)
        while enclosing and enclosing[-1].span[1] <= span[0]:
            enclosing.pop()
        outer = enclosing[-1] if enclosing else None
        surroundings = list(_surroundings(function, outer, language))
        name, inner_names = _names(function, surroundings, language)
        owner = _name_at(function, language.owners.get(function.kind(), ()), language)
        enclosing.append(
            _Scope(
                name,
                (
                    *(outer.names if outer else namespace),
                    *inner_names,
                    *(part.text for part in (owner, name) if part),
                ),
                span,
                is_in_class=owner is not None or any(kind in language.classes for _, kind in surroundings),
                is_inner=outer is not None,
            )
        )
        yield function, enclosing[-1]


def _surroundings(function: SgNode, outer: _Scope | None, language: Language) -> Iterator[tuple[SgNode, str]]:
    """What encloses a function, with its kind, innermost first, up to the function around it."""
    node = function.parent()
    while node:
        kind = node.kind()
        if outer and kind in language.functions and _span(node) == outer.span:
            return
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
    named = [(node, kind) for node, kind in reversed(outer) if kind not in language.functions]
    outer_names = [found.text for node, kind in named if (found := _name(node, kind, language))]
    return name or _name(function, function.kind(), language), outer_names


def _name(node: SgNode, kind: str, language: Language) -> _Name | None:
    """The name that a node gives to itself or to what it encloses; None for a node that gives none."""
    name = _name_at(node, language.names.get(kind, ()), language)
    default = language.default_names.get(kind)
    if name or not default or (default.rule and not node.matches(**default.rule)):
        return name
    return _Name(default.name, node.range().start.line + 1)


def _name_at(node: SgNode, path: Iterable[str], language: Language) -> _Name | None:
    found = follow(node, path)
    written = found.text() if found else ""
    text = written.strip("'\"`:").replace(language.separator, ".")
    if not found or not text or (text == written and COMPUTED.search(text)):
        return None
    return _Name(text, found.range().start.line + 1)


def follow(node: SgNode, path: Iterable[str]) -> SgNode | None:
    """The node at the end of ``path`` as ``Language`` describes it; None where the first step leads nowhere."""
    found: SgNode | None = None
    for step in path:
        below = _child(found or node, step)
        if not (found or below):
            return None
        found = below or found
    return found


def search(root: SgNode, *rules: Rule) -> list[SgNode]:
    """All nodes of a tree that one of the rules holds of, in the order of the text; costs a walk of the tree."""
    config: Any = {"rule": {"any": rules}}
    return root.find_all(config)


def _child(node: SgNode, step: str) -> SgNode | None:
    kinds = step.split("|")
    return node.field(step) or next((child for child in node.children() if child.kind() in kinds), None)


def _span(node: SgNode) -> tuple[int, int]:
    span = node.range()
    return span.start.index, span.end.index


def _body_line_number(function: SgNode) -> int:
    """The first line that a function shares with neither its head nor what stands before that."""
    body = function.field("body") or next((one for one in function.children() if one.kind() in BODIES), None)
    before = body.prev() if body else None
    head_end = before.range().end.line if before else function.range().start.line
    begin = body.range().start.line if body else head_end
    return max(begin, head_end + 1) + 1


def _hash(text: str) -> str:
    # A checkout may change the line ends, which changes nothing of the function.
    return blake2b(text.replace("\r\n", "\n").encode(), digest_size=16).hexdigest()
