"""Calls in a syntax tree: what is called, and with which arguments."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, NamedTuple

from telemap.code.logging_rules import LoggingRules

if TYPE_CHECKING:
    from ast_grep_py import SgNode

# What is called is named at the end; all before it may be a chain over many lines.
_MAX_CALLEE = 400
_BRACKETS = frozenset("()[]{}")
_ASIDE = re.compile("comment|line_continuation")
_INSIDE = re.compile(r"\([^()]*\)|\"[^\"\n]*\"|'[^'\n]*'")
_SEPARATOR = re.compile(r"[?!]*\.|->|::|!|\s+(?=[\w$#@]+$)")


def significant(node: SgNode) -> list[SgNode]:
    """The children of a node without comments and marks that a line goes on."""
    return [child for child in node.children() if not _ASIDE.search(child.kind())]


class Source:
    """The text of a tree, by the places of its nodes."""

    def __init__(self, root: SgNode) -> None:
        self._text = root.text()
        self._offset = root.range().start.index  # a tree begins where its text does, after blanks
        self._contained = {"": True}

    def text(self, start: int, end: int) -> str:
        """What stands between two places."""
        return self._text[start - self._offset : end - self._offset]

    def contains(self, pattern: str) -> bool:
        """Whether a pattern is found anywhere."""
        if pattern not in self._contained:
            self._contained[pattern] = re.search(pattern, self._text) is not None
        return self._contained[pattern]


class Argument(NamedTuple):
    """One argument: its name, if the call gives one, its nodes (several where a macro takes tokens), and their text."""

    name: str
    nodes: tuple[SgNode, ...]
    text: str

    @property
    def node(self) -> SgNode | None:
        """The expression, where it is one."""
        return self.nodes[0] if len(self.nodes) == 1 else None


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
    """A call, its parts read when they are asked for."""

    def __init__(self, node: SgNode, source: Source, rules: LoggingRules) -> None:
        self.node = node
        self._source = source
        self._rules = rules

    @cached_property
    def _list(self) -> SgNode:
        return self.node.field("arguments") or self.node.field("block") or self.node.children()[-1]

    @property
    def receiver(self) -> SgNode:
        """The expression that a method is called on."""
        callee = self.node.children()[0]
        return callee.children()[0] if callee.kind() in self._rules.text.members else callee

    @cached_property
    def callee(self) -> Callee:
        """What is called."""
        end = self._list.range().start.index
        text = self._source.text(max(self.node.range().start.index, end - _MAX_CALLEE), end).strip()
        return Callee(text, callee_path(text))

    @cached_property
    def arguments(self) -> list[Argument]:
        """The arguments, in their order."""
        return [self._argument(nodes) for nodes in self._split(self._list)]

    def _split(self, node: SgNode) -> Iterator[list[SgNode]]:
        if node.kind() not in self._rules.argument_lists:
            yield [node]
            return
        nodes: list[SgNode] = []
        for child in significant(node):
            kind = child.kind()
            if kind == ",":
                yield nodes
                nodes = []
            elif kind in self._rules.argument_lists and kind != node.kind():
                yield from self._split(child)
            elif kind not in _BRACKETS:
                nodes.append(child)
        if nodes:
            yield nodes

    def _argument(self, nodes: list[SgNode]) -> Argument:
        name = ""
        if len(nodes) == 1 and nodes[0].kind() in self._rules.named_arguments:
            parts = [child for child in significant(nodes[0]) if child.is_named()]
            name, nodes = parts[0].text() if len(parts) > 1 else "", parts[-1:]
        elif len(nodes) > 2 and nodes[1].kind() in {"=", ":"}:
            name, nodes = nodes[0].text(), nodes[2:]
        text = self._source.text(nodes[0].range().start.index, nodes[-1].range().end.index) if nodes else ""
        return Argument(name.strip(" :"), tuple(nodes), text)


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
