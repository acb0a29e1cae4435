"""Calls and decorators in one shape for all languages, and the texts and names that stand in their arguments."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from ast_grep_py import SgNode

_QUOTED = re.compile(r"""^[$@A-Za-z]*("{3}|'{3}|["'`/])(.*)\1[a-z]*$""", re.DOTALL)
_THIS = re.compile(r"^(this|self)\b[.:>-]*|&")


@dataclass(frozen=True, slots=True)
class Syntax:
    """``[syntax]`` of ``registrations.toml``: the kinds of nodes that a grammar has for what all languages have.

    Args:
        calls: call → field of what is called, ``""`` where the call itself holds object and name.
        members: access to a member → fields of the object and of the name.
        decorators: decorator, annotation or attribute → field of its name, ``""`` for the first thing in it.
        carriers: nodes that may stand between a decorator and what it decorates.
        argument_lists: arguments of a node that has no field for them.
        arguments: wrapper of one argument → fields of name and value; ``""`` as value stands for the last thing in it.
        objects: literals that map names to values.
        pairs: entry of such a literal → fields of key and value; ``""`` where the entry is its own.
        keys: keys that spell a name themselves.
        lists: literals of several values.
        strings: literals of text.
        interpolations: nodes in a text that are replaced by a value.
        additions: operators that may join texts or lists.
        functions: everything with a body that runs when called.
        classes: classes.
        declarations: nodes that bind a new name → fields of name and value, ``""`` as value for the last thing in it.
        assignments: nodes that bind a known name, likewise.
        returns: nodes that return a value.
        exports: node → field of what a file exports without a name.
        wrappers: nodes that change nothing of the value in them.
        identifiers: plain names.
    """

    calls: Mapping[str, str]
    members: Mapping[str, tuple[str, str]]
    strings: frozenset[str]
    functions: frozenset[str]
    classes: frozenset[str]
    identifiers: frozenset[str]
    decorators: Mapping[str, str] = field(default_factory=dict)
    carriers: frozenset[str] = frozenset()
    argument_lists: frozenset[str] = frozenset()
    arguments: Mapping[str, tuple[str, str]] = field(default_factory=dict)
    objects: frozenset[str] = frozenset()
    pairs: Mapping[str, tuple[str, str]] = field(default_factory=dict)
    keys: frozenset[str] = frozenset()
    lists: frozenset[str] = frozenset()
    interpolations: frozenset[str] = frozenset()
    additions: frozenset[str] = frozenset()
    declarations: Mapping[str, tuple[str, str]] = field(default_factory=dict)
    assignments: Mapping[str, tuple[str, str]] = field(default_factory=dict)
    returns: frozenset[str] = frozenset()
    exports: Mapping[str, str] = field(default_factory=dict)
    wrappers: frozenset[str] = frozenset()


class Call(NamedTuple):
    """A call, or a decorator with what it decorates; ``named`` has the entries of literals among the arguments too."""

    node: SgNode
    receiver: SgNode | None
    name: str
    positional: tuple[SgNode, ...]
    named: Mapping[str, SgNode]
    decorated: SgNode | None = None

    def argument(self, picks: tuple[str | int, ...]) -> SgNode | None:
        """The first argument that is there, by name or by place; negative places count from the end."""
        for pick in picks:
            if isinstance(pick, str):
                if pick in self.named:
                    return self.named[pick]
            elif -len(self.positional) <= pick < len(self.positional):
                return self.positional[pick]
        return None


def line_of(node: SgNode) -> int:
    """The 1-based line on which a node begins."""
    return node.range().start.line + 1


def named_children(node: SgNode) -> list[SgNode]:
    """What stands in a node, without punctuation and comments."""
    return [child for child in node.children() if child.is_named() and "comment" not in child.kind()]


def enclosing(node: SgNode, kinds: frozenset[str]) -> Iterator[SgNode]:
    """The nodes of these kinds around a node, innermost first."""
    return (around for around in node.ancestors() if around.kind() in kinds)


def read_call(node: SgNode, syntax: Syntax) -> Call | None:
    """The call or decorator that a node is."""
    kind = node.kind()
    decorated = None
    if kind in syntax.decorators:
        decorated = _decorated(node, syntax)
        content = (
            node.field(syntax.decorators[kind]) if syntax.decorators[kind] else next(iter(named_children(node)), None)
        )
        if content is None or decorated is None:
            return None
        if content.kind() in syntax.calls:
            node = content
            content = _called(content, syntax)
    else:
        content = _called(node, syntax)
    if content is None:
        return None
    receiver, name = _member(content, syntax)
    positional, named = _arguments(node, syntax)
    return Call(node, receiver, name.partition("<")[0], tuple(positional), named, decorated)


def _called(node: SgNode, syntax: Syntax) -> SgNode | None:
    name = syntax.calls[node.kind()]
    return node.field(name) if name else node


def _member(node: SgNode, syntax: Syntax) -> tuple[SgNode | None, str]:
    """The object and the name that a name with dots stands for."""
    if fields := syntax.members.get(node.kind()):
        name = node.field(fields[1])
        return node.field(fields[0]), name.text() if name else ""
    return None, node.text()


def _decorated(node: SgNode, syntax: Syntax) -> SgNode | None:
    bearers = syntax.functions | syntax.classes
    while True:
        for sibling in node.next_all():
            if not sibling.is_named():  # the word "class" is of the kind of a class
                continue
            if sibling.kind() in bearers:
                return sibling
            if sibling.kind() not in syntax.decorators and "comment" not in sibling.kind():
                break
        parent = node.parent()
        if parent is None or parent.kind() in bearers:
            return parent
        if parent.kind() not in syntax.carriers:
            return None
        node = parent


def _arguments(node: SgNode, syntax: Syntax) -> tuple[list[SgNode], dict[str, SgNode]]:
    holder = node.field("arguments") or next(
        (child for child in node.children() if child.kind() in syntax.argument_lists), None
    )
    positional: list[SgNode] = []
    named: dict[str, SgNode] = {}
    for argument in named_children(holder) if holder else ():
        name, value = _pair(argument, syntax.arguments)
        if name is not None:
            named[name.text()] = value
            continue
        positional.append(value)
        if value.kind() in syntax.objects:
            named |= dict(entries(value, syntax))
    return positional, named


def _pair(node: SgNode, kinds: Mapping[str, tuple[str, str]]) -> tuple[SgNode | None, SgNode]:
    if node.kind() not in kinds:
        return None, node
    name_field, value_field = kinds[node.kind()]
    value = node.field(value_field) if value_field else named_children(node)[-1]
    return node.field(name_field), value or node


def entries(node: SgNode, syntax: Syntax) -> Iterator[tuple[str, SgNode]]:
    """Name and value of each entry of a literal that maps names to values."""
    for child in named_children(node):
        if child.kind() in syntax.pairs:
            key_field, value_field = syntax.pairs[child.kind()]
            key = child.field(key_field) if key_field else child
            value = child.field(value_field) if value_field else child
            if key and value and key.kind() in syntax.keys:
                yield key.text().strip("'\"`"), value


def unwrapped(node: SgNode, syntax: Syntax) -> SgNode:
    """A node without what changes nothing of its value: parentheses, ``await``, types."""
    while node.kind() in syntax.wrappers and (inner := named_children(node)):
        node = inner[0]
    return node


def elements(node: SgNode, syntax: Syntax) -> list[SgNode]:
    """The values of a list literal; the node itself if it is none."""
    node = unwrapped(node, syntax)
    return named_children(node) if node.kind() in syntax.lists else [node]


def dotted(node: SgNode, syntax: Syntax) -> str | None:
    """A name such as ``views.users``, without what stands for the object around it; None for other expressions."""
    node = unwrapped(node, syntax)
    if node.kind() not in syntax.identifiers and node.kind() not in syntax.members:
        return None
    return _THIS.sub("", re.sub(r"\s+|[?!]", "", node.text())).replace("::", ".")


def literal(node: SgNode, syntax: Syntax, constants: Mapping[str, str]) -> str | None:
    """The text that an expression stands for, names that are not in ``constants`` as ``${NAME}``; None for no text."""
    node = unwrapped(node, syntax)
    kind = node.kind()
    if kind in syntax.additions:
        parts = [literal(part, syntax, constants) for part in named_children(node)]
        return "".join(filter(None, parts)) if all(part is not None for part in parts) else None
    if kind in syntax.strings:
        return _string(node, syntax, constants)
    name = (dotted(node, syntax) or "").rpartition(".")[2]
    return constants.get(name, f"${{{name}}}" if name.isupper() else None)


def _string(node: SgNode, syntax: Syntax, constants: Mapping[str, str]) -> str | None:
    text = node.text()
    quoted = _QUOTED.match(text)
    if quoted is None:
        return None
    inner = quoted[2]
    for child in node.children():
        if child.kind() in syntax.interpolations:
            name = child.text().strip("${}").rpartition(".")[2]
            inner = inner.replace(child.text(), constants.get(name, f"${{{name}}}"), 1)
    if text[:1] in {"f", "$"}:
        inner = inner.replace("{{", "{").replace("}}", "}")
    return inner if text[:1] in {"r", "@", "`"} else inner.replace("\\\\", "\\")
