"""Calls in a syntax tree: what is called, and with which arguments."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, NamedTuple

from telemap.code.syntax import Syntax, entries, is_aside, named_children, significant

if TYPE_CHECKING:
    from ast_grep_py import SgNode

# What is called is named at the end; all before it may be a chain over many lines.
_MAX_CALLEE = 400
_BRACKETS = frozenset("()[]{}")
_INSIDE = re.compile(r"\([^()]*\)|\"[^\"\n]*\"|'[^'\n]*'")
_SEPARATOR = re.compile(r"[?!]*\.|->|::|!|\s+(?=[\w$#@]+$)")


class Source:
    """The text of a tree, by the places of its nodes, and the syntax of its language."""

    def __init__(self, root: SgNode, syntax: Syntax) -> None:
        self.syntax = syntax
        self.whole = root.text()
        self._offset = root.range().start.index  # a tree begins where its text does, after blanks
        self._contained = {"": True}

    def text(self, start: int, end: int) -> str:
        """What stands between two places."""
        return self.whole[start - self._offset : end - self._offset]

    def contains(self, pattern: str) -> bool:
        """Whether a pattern is found anywhere."""
        if pattern not in self._contained:
            self._contained[pattern] = re.search(pattern, self.whole) is not None
        return self._contained[pattern]


class Argument(NamedTuple):
    """One argument: its name, if the call gives one, and its nodes, several where a macro takes tokens."""

    name: str
    nodes: tuple[SgNode, ...]
    source: Source

    @property
    def node(self) -> SgNode | None:
        """The expression, where it is one."""
        return self.nodes[0] if len(self.nodes) == 1 else None

    @property
    def text(self) -> str:
        """The argument as written, without its name."""
        if not self.nodes:
            return ""
        return self.source.text(self.nodes[0].range().start.index, self.nodes[-1].range().end.index)


@dataclass(frozen=True, slots=True)
class Callee:
    """What is called: ``("self", "log", "info")`` for ``self.log.info``."""

    text: str
    path: tuple[str, ...]

    @property
    def name(self) -> str:
        """The function or method."""
        return self.path[-1]

    @property
    def receiver(self) -> str:
        """What a method is called on, ``""`` for a plain function."""
        return self.path[-2] if len(self.path) > 1 else ""

    @property
    def receivers(self) -> tuple[str, ...]:
        """What a method is called on; of a chain as ``log.bind(a=1).info`` all before it, nearest first."""
        return tuple(reversed(self.path[:-1])) if ")" in self.text else (self.receiver,)


class Call:
    """A call, or a decorator with what it decorates, its parts read when they are asked for."""

    def __init__(self, node: SgNode, source: Source, decorated: SgNode | None = None) -> None:
        self.node = node
        self.decorated = decorated
        self._source = source

    @cached_property
    def _parts(self) -> tuple[SgNode | None, SgNode | None, SgNode | None]:
        """The expression that is called, the object in it, and the name."""
        kind, syntax = self.node.kind(), self._source.syntax
        field = syntax.decorators.get(kind)
        fields = (field,) if field else syntax.calls.get(kind, ())
        if len(fields) > 1:
            return None, self.node.field(fields[0]), self.node.field(fields[1])
        called = self.node.field(fields[0]) if fields else next(iter(named_children(self.node)), None)
        member = syntax.members.get(called.kind()) if called else None
        return (called, called.children()[0], called.field(member)) if called and member else (called, None, called)

    @property
    def called(self) -> SgNode | None:
        """The expression that is called; None where object and name stand in the call itself."""
        return self._parts[0]

    @property
    def receiver(self) -> SgNode | None:
        """The expression that a method is called on; None for a plain function."""
        return self._parts[1]

    @cached_property
    def name(self) -> str:
        """The function or method, or all of an expression that is no name."""
        name = self._parts[2]
        return name.text().partition("<")[0] if name else ""

    @cached_property
    def callee(self) -> Callee:
        """What is called, as it is written: for languages whose trees do not say it alike."""
        span = self.node.range()
        end = self._list.range().start.index if self._list else span.end.index
        text = self._source.text(max(span.start.index, end - _MAX_CALLEE), end).strip()
        return Callee(text, callee_path(text))

    @cached_property
    def arguments(self) -> list[Argument]:
        """The arguments, in their order."""
        return [self._argument(nodes) for nodes in self._split(self._list)] if self._list else []

    @cached_property
    def positional(self) -> tuple[SgNode, ...]:
        """The arguments without a name."""
        return tuple(argument.nodes[0] for argument in self.arguments if argument.nodes and not argument.name)

    @cached_property
    def named(self) -> Mapping[str, SgNode]:
        """The arguments with a name, and the entries of literals among the others."""
        found = {argument.name: argument.nodes[0] for argument in self.arguments if argument.nodes and argument.name}
        for value in self.positional:
            if value.kind() in self._source.syntax.objects:
                found |= dict(entries(value, self._source.syntax))
        return found

    def argument(self, picks: tuple[str | int, ...]) -> SgNode | None:
        """The first argument that is there, by name or by place; negative places count from the end."""
        for pick in picks:
            if isinstance(pick, str):
                if pick in self.named:
                    return self.named[pick]
            elif -len(self.positional) <= pick < len(self.positional):
                return self.positional[pick]
        return None

    @cached_property
    def _list(self) -> SgNode | None:
        if found := self.node.field("arguments") or self.node.field("block"):
            return found
        children = (child for child in self.node.children() if child.kind() in self._source.syntax.argument_lists)
        return next(children, None)

    def _split(self, node: SgNode) -> Iterator[list[SgNode]]:
        lists = self._source.syntax.argument_lists
        if node.kind() not in lists:
            yield [node]
            return
        nodes: list[SgNode] = []
        for child in significant(node):
            kind = child.kind()
            if kind == ",":
                yield nodes
                nodes = []
            elif kind in lists and kind != node.kind():
                yield from self._split(child)
            elif kind not in _BRACKETS:
                nodes.append(child)
        if nodes:
            yield nodes

    def _argument(self, nodes: list[SgNode]) -> Argument:
        name = ""
        if len(nodes) == 1 and nodes[0].kind() in self._source.syntax.named_arguments:
            parts = named_children(nodes[0])
            name, nodes = parts[0].text() if len(parts) > 1 else "", parts[-1:] or nodes
        elif len(nodes) > 2 and nodes[1].kind() in {"=", ":"}:
            name, nodes = nodes[0].text(), nodes[2:]
        return Argument(name.strip(" :"), tuple(nodes), self._source)


def read_call(node: SgNode, source: Source) -> Call | None:
    """The call or decorator that a node is; None for a decorator of nothing."""
    if node.kind() not in source.syntax.decorators:
        return Call(node, source)
    decorated = _decorated(node, source.syntax)
    call = Call(node, source, decorated)
    if decorated is None or call.called is None:
        return None
    return Call(call.called, source, decorated) if call.called.kind() in source.syntax.calls else call


def _decorated(node: SgNode, syntax: Syntax) -> SgNode | None:
    while True:
        for sibling in node.next_all():
            if not sibling.is_named():  # the word "class" is of the kind of a class
                continue
            if sibling.kind() in syntax.bearers:
                return sibling
            if sibling.kind() not in syntax.decorators and not is_aside(sibling.kind()):
                break
        parent = node.parent()
        if parent is None or parent.kind() in syntax.bearers:
            return parent
        if parent.kind() not in syntax.carriers:
            return None
        node = parent


def callee_path(text: str) -> tuple[str, ...]:
    """The names in ``a.b(c).d``, without what they are called with.

    >>> callee_path("logging.getLogger(__name__).info")
    ('logging', 'getLogger', 'info')
    """
    while (stripped := _INSIDE.sub("", text)) != text:
        text = stripped
    return tuple(
        part.strip().lstrip("#$@") for part in _SEPARATOR.split(text.strip().rstrip("!(")) if part.strip()
    ) or ("",)
