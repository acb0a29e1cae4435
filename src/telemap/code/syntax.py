"""``syntax.toml``: the kinds of nodes that a grammar has for what all languages have, and what such nodes hold."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from functools import cache, cached_property
from typing import TYPE_CHECKING

from telemap.code.languages import Language, Rule, rules

if TYPE_CHECKING:
    from ast_grep_py import SgNode

NOTHING = "(?!)"  # matches nothing

Fields = Mapping[str, tuple[str, str]]

_ASIDE = re.compile("comment|line_continuation")
_BESIDE_NAMES = re.compile(r"\s+|[?!]")
_THIS = re.compile(r"^(this|self)\b[.:>-]*|&")


@dataclass(frozen=True)
class Syntax:
    """``syntax.toml`` of one folder of ``rules/``.

    Args:
        name: the name of the folder.
        calls: call → the field of what is called, or those of object and name; none where it is the first thing in it.
        members: access to a member, the object first → field of the name.
        decorators: decorator, annotation or attribute → field of its name, ``""`` for the first thing in it.
        carriers: nodes that may stand between a decorator and what it decorates.
        argument_lists: what holds arguments, those within each other too.
        named_arguments: an argument with its name, if it has one, first and its value last.
        objects: literals that map names to values.
        pairs: entry of such a literal → fields of key and value; ``""`` where the entry is its own.
        keys: keys that spell a name themselves.
        lists: literals of several values.
        strings: literals of text, interpolated ones too.
        fragments: text in such a literal; what stands beside it is a mark if in ``delimiters`` or without a name, and
            else an expression.
        interpolations: an expression in a literal with the marks around it.
        quotes: pattern of the marks around a literal that holds no nodes.
        continuation: pattern of what lets a literal go on in the next line.
        raw: pattern of the literals in which a backslash is one.
        doubled: pattern of the literals in which a brace is written twice.
        sequences: what puts the texts in it one after another.
        additions: ``a + b`` and the like.
        functions: what has a body that runs when called, beside the functions of ``functions.toml``.
        classes: classes, where they are not the nodes of ``functions.toml``.
        declarations: what binds a new name → the fields, or node kinds, of name and value; ``""`` for the last thing
            in it.
        assignments: what binds a known name, likewise.
        returns: what returns a value.
        exports: node → field of what a file exports without a name.
        wrappers: what changes nothing of the value in it.
        identifiers: plain names.
    """

    name: str
    calls: Mapping[str, tuple[str, ...]]
    strings: frozenset[str]
    fragments: frozenset[str]
    members: Mapping[str, str] = field(default_factory=dict)
    decorators: Mapping[str, str] = field(default_factory=dict)
    carriers: frozenset[str] = frozenset()
    argument_lists: frozenset[str] = frozenset()
    named_arguments: frozenset[str] = frozenset()
    objects: frozenset[str] = frozenset()
    pairs: Fields = field(default_factory=dict)
    keys: frozenset[str] = frozenset()
    lists: frozenset[str] = frozenset()
    delimiters: frozenset[str] = frozenset()
    interpolations: frozenset[str] = frozenset()
    quotes: str = r"""^[@$\w]*["'`]+|["'`]+$"""
    continuation: str = r"\\\r?\n"
    raw: str = NOTHING
    doubled: str = NOTHING
    sequences: frozenset[str] = frozenset()
    additions: frozenset[str] = frozenset()
    functions: frozenset[str] = frozenset()
    classes: frozenset[str] = frozenset()
    declarations: Fields = field(default_factory=dict)
    assignments: Fields = field(default_factory=dict)
    returns: frozenset[str] = frozenset()
    exports: Mapping[str, str] = field(default_factory=dict)
    wrappers: frozenset[str] = frozenset()
    identifiers: frozenset[str] = frozenset()

    @cached_property
    def bound(self) -> Fields:
        """Everything that binds a name, new or known."""
        return {**self.declarations, **self.assignments}

    @cached_property
    def bearers(self) -> frozenset[str]:
        """Everything that decorators may stand on."""
        return self.functions | self.classes

    @cached_property
    def sums(self) -> frozenset[str]:
        """Everything that may put texts or lists together."""
        return self.sequences | self.additions


@cache
def syntax_of(language: str) -> Syntax:
    """What the folder of a language says."""
    found: Syntax = rules("syntax", Syntax)[language]
    names: Language = rules("functions", Language)[language]
    return replace(found, functions=found.functions | names.functions.keys(), classes=found.classes or names.classes)


def calls_named(pattern: str, syntax: Syntax) -> list[Rule]:
    """Rules for the calls of what ends in a name that the pattern matches."""
    # Compiled anew for every search: a class of ASCII takes a third of the time of Unicode's, and less than an edge.
    called = {"regex": rf"(?:^|[^A-Za-z0-9_])(?:{pattern})$"}
    return [
        {"kind": kind, "has": {**called, **({"field": fields[-1]} if fields else {})}}
        for kind, fields in syntax.calls.items()
    ]


def known(rules: Iterable[Rule], grammar: str) -> list[Rule]:
    """The rules for nodes that a grammar has: those of a folder serve several grammars, which differ in a few."""
    return [rule for rule in rules if knows(grammar, rule["kind"])]


@cache
def knows(grammar: str, kind: str) -> bool:
    """Whether a grammar has such nodes."""
    from ast_grep_py import SgRoot

    try:
        SgRoot("", grammar).root().find({"rule": {"kind": kind}})
    except RuntimeError:
        return False
    return True


def line_of(node: SgNode) -> int:
    """The 1-based line on which a node begins."""
    return node.range().start.line + 1


@cache
def is_aside(kind: str) -> bool:
    """Whether nodes of a kind mean nothing: comments, and marks that a line goes on."""
    return _ASIDE.search(kind) is not None


def significant(node: SgNode) -> list[SgNode]:
    """The children of a node without comments and marks that a line goes on."""
    return [child for child in node.children() if not is_aside(child.kind())]


def named_children(node: SgNode) -> list[SgNode]:
    """What stands in a node, without punctuation and comments."""
    return [child for child in node.children() if child.is_named() and not is_aside(child.kind())]


def enclosing(node: SgNode, kinds: Iterable[str]) -> Iterator[SgNode]:
    """The nodes of these kinds around a node, innermost first."""
    return (around for around in node.ancestors() if around.kind() in kinds)


def unwrapped(node: SgNode, syntax: Syntax) -> SgNode:
    """A node without what changes nothing of its value: parentheses, ``await``, types."""
    while node.kind() in syntax.wrappers and (inner := named_children(node)):
        node = inner[0]
    return node


def elements(node: SgNode, syntax: Syntax) -> list[SgNode]:
    """The values of a list literal; the node itself if it is none."""
    node = unwrapped(node, syntax)
    return named_children(node) if node.kind() in syntax.lists else [node]


def entries(node: SgNode, syntax: Syntax) -> Iterator[tuple[str, SgNode]]:
    """Name and value of each entry of a literal that maps names to values."""
    for child in named_children(node):
        if child.kind() in syntax.pairs:
            key_field, value_field = syntax.pairs[child.kind()]
            key = child.field(key_field) if key_field else child
            value = child.field(value_field) if value_field else child
            if key and value and key.kind() in syntax.keys:
                yield key.text().strip("'\"`"), value


def dotted(node: SgNode, syntax: Syntax) -> str | None:
    """A name such as ``views.users``, without what stands for the object around it; None for other expressions."""
    node = unwrapped(node, syntax)
    if node.kind() not in syntax.identifiers and node.kind() not in syntax.members:
        return None
    return _THIS.sub("", _BESIDE_NAMES.sub("", node.text())).replace("::", ".")


def assigned(node: SgNode, syntax: Syntax) -> tuple[SgNode | None, SgNode | None]:
    """Target and value of what binds a name; None for a value that it does not give."""
    to, of = syntax.bound[node.kind()]
    target, value = _part(node, to), _part(node, of)
    return target, None if target and value and target.range().start.index == value.range().start.index else value


def _part(node: SgNode, name: str) -> SgNode | None:
    if found := node.field(name) if name else None:
        return found
    children = [child for child in named_children(node) if name in {"", child.kind()}]
    return children[-1] if children else None
