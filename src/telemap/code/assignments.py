"""What names stand for: the values that a file gives to them."""

from __future__ import annotations

import re
from collections.abc import Iterable
from typing import TYPE_CHECKING, NamedTuple

from telemap.code.logging_rules import LoggingRules
from telemap.code.syntax import Syntax, assigned, enclosing, named_children

if TYPE_CHECKING:
    from ast_grep_py import SgNode

MAX_ALTERNATIVES = 8  # texts that one can be of, by the values that are given to a name; with more it is not known

_TARGET = re.compile(r"[\w$.#@]+")
_WORD = re.compile(r"[\w$]+")


class _Binding(NamedTuple):
    node: SgNode
    value: SgNode | None  # None where something gives the name a value that no one reads here
    is_member: bool  # a.name rather than name


class Assignments:
    """The assignments of a file by the name that they are to, its last part for a member."""

    def __init__(self, nodes: Iterable[SgNode], rules: LoggingRules, syntax: Syntax) -> None:
        self._functions = syntax.functions
        self._bindings: dict[str, list[_Binding]] = {}
        self._scopes: dict[str, dict[int | None, list[SgNode]]] = {}
        for node in nodes:
            field = rules.bindings.get(node.kind())
            if field is not None:
                self._add(node, node.field(field) if field else node, None)
            else:
                for target, value in _pairs(*assigned(node, syntax), rules.text.groups):
                    self._add(node, target, value)

    def _add(self, node: SgNode, target: SgNode | None, value: SgNode | None) -> None:
        text = target.text() if target else ""
        if _TARGET.fullmatch(text):
            name = re.split(r"[.]", text)[-1].lstrip("#$@")
            self._bindings.setdefault(name, []).append(_Binding(node, value, "." in text))
        else:
            for word in set(_WORD.findall(text)):
                self._bindings.setdefault(word.lstrip("$"), []).append(_Binding(node, None, False))

    def items(self) -> Iterable[tuple[str, SgNode]]:
        """Every name with each value that it is given."""
        for name, bindings in self._bindings.items():
            yield from ((name, binding.value) for binding in bindings if binding.value)

    def values(self, name: str) -> list[SgNode]:
        """All values that are given to a name anywhere."""
        return [binding.value for binding in self._bindings.get(name, ()) if binding.value]

    def constants(self, name: str, use: SgNode, *, is_member: bool) -> list[SgNode]:
        """What a name can stand for where it is used, none if that is not known."""
        scopes: list[int | None] = [None] if is_member or name not in self._bindings else [*self._enclosing(use), None]
        return next((self._in_scope(name)[scope] for scope in scopes if scope in self._in_scope(name)), [])

    def _in_scope(self, name: str) -> dict[int | None, list[SgNode]]:
        """What a name can stand for by the function that gives it, none if that is not known; None outside of all."""
        if name not in self._scopes:
            found: dict[int | None, list[SgNode | None]] = {}
            for binding in self._bindings.get(name, ()):
                found.setdefault(None if binding.is_member else self._function(binding.node), []).append(binding.value)
            self._scopes[name] = {scope: _known(name, values) for scope, values in found.items()}
        return self._scopes[name]

    def _enclosing(self, node: SgNode) -> Iterable[int]:
        """The functions around a node, innermost first, each by where it begins."""
        return (around.range().start.index for around in enclosing(node, self._functions))

    def _function(self, node: SgNode) -> int | None:
        return next(iter(self._enclosing(node)), None)


def _known(name: str, values: list[SgNode | None]) -> list[SgNode]:
    """The values, none of them if any is not known, is made of the name itself, or there are too many to tell."""
    known = [value for value in values if value and name not in _WORD.findall(value.text())]
    return known if len(known) == len(values) <= MAX_ALTERNATIVES else []


def _pairs(
    target: SgNode | None, value: SgNode | None, groups: frozenset[str]
) -> Iterable[tuple[SgNode | None, SgNode | None]]:
    """``a, b = c, d`` as ``a = c`` and ``b = d``."""
    if target and value and target.kind() in groups and value.kind() in groups:
        targets, values = map(named_children, (target, value))
        if len(targets) == len(values):
            return zip(targets, values, strict=True)
    return [(target, value)]
