"""Expressions read as text: what of a message stands in the code, and what is put into it."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import product
from math import prod
from typing import TYPE_CHECKING

from telemap.code.assignments import MAX_ALTERNATIVES, Assignments
from telemap.code.call_nodes import Argument, Call, Source
from telemap.code.literals import literal_parts
from telemap.code.logging_rules import LoggingRules
from telemap.code.syntax import named_children, significant
from telemap.code.templates import Pieces, filled, merged
from telemap.model.code import Variable

if TYPE_CHECKING:
    from ast_grep_py import SgNode

MAX_CONSTANTS = 3  # a constant made of a constant …


@dataclass(frozen=True, slots=True)
class Reader:
    """Reads the expressions of one file."""

    rules: LoggingRules
    source: Source
    assignments: Assignments
    depth: int = 0

    def argument(self, argument: Argument) -> list[Pieces]:
        """What an argument can be as text; at least one alternative."""
        return self.read(argument.node) if argument.node else [(Variable(_flat(argument.text)),)]

    def constant(self, argument: Argument) -> str | None:
        """The text that an argument is, None if it can be another."""
        [pieces, *others] = self.argument(argument)
        texts = [piece for piece in pieces if isinstance(piece, str)]
        return None if others or len(texts) < len(pieces) else "".join(texts)

    def read(self, node: SgNode) -> list[Pieces]:
        """What an expression can be as text; at least one alternative, a variable where nothing of it is known."""
        found = list(self._read(node))
        is_known = any(map(has_text, found)) and len(found) <= MAX_ALTERNATIVES
        return list(dict.fromkeys(map(merged, found))) if is_known else [(_gap(node),)]

    def _read(self, node: SgNode) -> Iterable[Pieces]:
        kind, text, syntax = node.kind(), self.rules.text, self.source.syntax
        if kind in syntax.strings:
            return self._string(node)
        if kind in syntax.sequences:
            return _product([(self.read(child), child) for child in named_children(node)])
        if outcomes := text.outcomes.get(kind, (0,) if kind in syntax.wrappers else ()):
            named = named_children(node)
            return [pieces for at in outcomes if -len(named) <= at < len(named) for pieces in self.read(named[at])]
        if kind in syntax.additions or kind in text.choices:
            return self._binary(node)
        if kind in syntax.calls:
            return self._call(Call(node, self.source))
        if kind in text.names and self.depth < MAX_CONSTANTS:
            return self._constant(node)
        return ()

    def _string(self, node: SgNode) -> list[Pieces]:
        parts: list[tuple[list[Pieces], SgNode]] = [([("",)], node)]
        for part in literal_parts(node, self.source.syntax):
            if isinstance(part, str):
                parts.append(([(part,)], node))
            elif part.kind() in self.source.syntax.interpolations:
                parts.append((self._interpolated(part), next(iter(named_children(part)), part)))
            else:
                parts.append((self.read(part), part))
        return _product(parts)

    def _interpolated(self, node: SgNode) -> list[Pieces]:
        """What an interpolation puts into a text."""
        rules, children = self.rules.text, node.children()
        named = [child for child in children if child.is_named() and child.kind() not in self.source.syntax.delimiters]
        if not named:
            return [(_gap(node),)]
        specs = [child.text() for child in named if child.kind() in rules.specs]
        name = _flat(named[0].text() if len(children) > 1 else node.text())
        if specs or any(child.kind() in rules.conversions for child in named):
            return [(Variable(name, _spec_kind("".join(specs), rules.spec_kinds)),)]
        if echo := next((child for child in children if child.kind() == "="), None):
            start, end = children[0].range().end.index, children[children.index(echo) + 1].range().start.index
            return [(self.source.text(start, end), Variable(name))]
        return self.read(named[0]) if len(children) > 1 else [(Variable(name),)]

    def _binary(self, node: SgNode) -> list[Pieces]:
        left, operator, right = _operands(node)
        meaning = self.rules.text.operators.get(operator)
        if meaning == "either":
            return [*self.read(left), *self.read(right)]
        if meaning == "join":
            operands = [right]
            # Sums nest to the left, hundreds deep in generated code.
            while left.kind() in self.source.syntax.additions and (parts := _operands(left))[1] == operator:
                left = parts[0]
                operands.append(parts[2])
            return _product([(self.read(operand), operand) for operand in (left, *reversed(operands))])
        if meaning:
            directives, values = self.rules.directives[meaning], self._values(right)
            return [filled(pieces, directives, values)[0] for pieces in self.read(left) if has_text(pieces)]
        return []

    def _values(self, node: SgNode) -> list[str]:
        nodes = named_children(node) if node.kind() in self.rules.text.groups else [node]
        return [_flat(value.text()) for value in nodes]

    def _call(self, call: Call) -> Iterator[Pieces]:
        rules, callee = self.rules.text, call.callee.text
        if re.search(rules.passing, callee) and call.arguments:
            yield from self.argument(call.arguments[0])
        for formatting in rules.formatting:
            if re.search(formatting.callee, callee):
                directives = self.rules.directives[formatting.directives]
                values = [argument.text for argument in call.arguments]
                if formatting.of_receiver:
                    texts = self.read(call.receiver) if call.receiver else []
                elif call.arguments:
                    texts = self.argument(call.arguments[0])
                    values = values[1:]
                else:
                    return
                yield from (filled(pieces, directives, values)[0] for pieces in texts if has_text(pieces))
                return

    def _constant(self, node: SgNode) -> list[Pieces]:
        path = node.text()
        owner, _, name = path.rpartition(".")
        is_member = node.kind() in self.source.syntax.members
        if is_member and not (name.isupper() or re.fullmatch(self.rules.self_names, owner)):
            return []
        values = self.assignments.constants(name.lstrip("$"), node, is_member=is_member)
        inner = replace(self, depth=self.depth + 1)
        found = [inner.read(value) for value in values]
        if not all(map(_is_text, found)):  # a name that can stand for something unknown too is unknown
            return []
        overridden = [(Variable(_flat(path)),)] if is_member and found else []  # by a class that extends this one
        return [*(pieces for texts in found for pieces in texts), *overridden]


def _is_text(alternatives: list[Pieces]) -> bool:
    return all(map(has_text, alternatives))


def has_text(pieces: Pieces) -> bool:
    """Whether anything of a message stands in the code."""
    return any(isinstance(piece, str) for piece in pieces)


def _product(parts: Sequence[tuple[list[Pieces], SgNode]]) -> list[Pieces]:
    """All ways to put the alternatives of each part one after another, or one with gaps where these are too many."""
    if prod(len(found) for found, _ in parts) > MAX_ALTERNATIVES:
        parts = [(found if len(found) == 1 else [(_gap(node),)], node) for found, node in parts]
    return [tuple(piece for pieces in choice for piece in pieces) for choice in product(*(found for found, _ in parts))]


def _gap(node: SgNode) -> Variable:
    return Variable(_flat(node.text()))


def _operands(node: SgNode) -> tuple[SgNode, str, SgNode]:
    parts = significant(node)
    return parts[0], parts[1].text() if len(parts) > 2 else "", parts[-1]


def _spec_kind(spec: str, kinds: Mapping[str, str]) -> str:
    # A width fills up with blanks, a comma groups digits: no number then, as far as its text goes.
    return "" if re.search(r"[<>^=, ]|:[1-9]", spec) else kinds.get(spec[-1:], "")


def _flat(text: str) -> str:
    return " ".join(text.split())
