"""What the names in one file stand for: definitions, imports, variables with the function that they belong to."""

from __future__ import annotations

import posixpath
import re
from collections.abc import Iterable, Iterator
from typing import TYPE_CHECKING

from telemap.code.call_nodes import Source
from telemap.code.registration_rules import RegistrationRules
from telemap.code.syntax import assigned, dotted, enclosing, line_of, named_children, unwrapped
from telemap.model.code import CodeSymbol

if TYPE_CHECKING:
    from ast_grep_py import SgNode

_IMPORTED = re.compile(r"(?:type\s+)?([\w.$*]+)(?:\s*(?:\bas\b|:)\s*([\w$]+))?")
_EXPORTS = re.compile(r"^(module\.)?exports(\.|$)")
DEFAULT = "default"


class FileNames:
    """The names of one file, filled while it is read in the order of its text."""

    def __init__(self, file_path: str, rules: RegistrationRules, source: Source) -> None:
        self.file_path = file_path
        self.source = source
        self.rules = rules
        self.syntax = source.syntax
        self.aliases: dict[str, str] = {}
        self.imports: dict[str, str] = {}
        self.constants: dict[str, str] = {}
        self.definitions: dict[str, int] = {}
        self.parameters: set[str] = set()
        self._parameters_of: dict[int, dict[str, int]] = {}
        self._locals: dict[int, set[str]] = {}

    def define(self, bearers: Iterable[SgNode], symbols: Iterable[CodeSymbol]) -> None:
        """Note the lines of functions and classes; those of ``symbols`` go before what the tree tells."""
        for node in bearers:
            for name in self.names_of(node):
                self.definitions.setdefault(".".join([*self._names_around(node), name]), self.name_line(node))
        self.definitions |= {symbol.qualified_name: symbol.line_number for symbol in symbols}

    def qualified_name(self, node: SgNode) -> str:
        """Name of a function or class, after those of what encloses it; ``""`` for one without a name."""
        names = self.names_of(node)[:1]
        return ".".join([*self._names_around(node), *names]) if names else ""

    def _names_around(self, node: SgNode) -> list[str]:
        around = map(self.names_of, enclosing(node, self.syntax.bearers))
        return [found[0] for found in around if found][::-1]

    def names_of(self, node: SgNode) -> list[str]:
        """The names by which a function or class is known: its own, that of what it is bound to, ``default``."""
        own = node.field("name")
        names = [own.text()] if own else []
        holder = node.parent()
        while holder and holder.kind() in self.syntax.wrappers:
            holder = holder.parent()
        kind = holder.kind() if holder else ""
        if holder and kind in self.syntax.exports:
            exported = holder.field(self.syntax.exports[kind]) or node
            is_default = any(child.text() == DEFAULT for child in holder.children())
            if is_default and exported.range().start.index == node.range().start.index:
                names.append(DEFAULT)
        bound = self.syntax.bound.get(kind) or self.syntax.pairs.get(kind)
        target = holder.field(bound[0]) if holder and bound and bound[0] else None
        if target and target.range() != node.range():
            names.append(self._exported(target.text().strip("'\"")))
        return [name for name in names if re.fullmatch(r"[\w$.]+", name)]

    def name_line(self, node: SgNode) -> int:
        """The 1-based line of the name of a function or class, or of its beginning where it has none."""
        name = node.field("name")
        return line_of(name or node)

    def read_import(self, node: SgNode) -> None:
        """Note the names that an import binds."""
        for rule in self.rules.imports:
            if node.kind() != rule.kind or not (found := re.match(rule.pattern, node.text(), re.DOTALL)):
                continue
            groups = found.groupdict()
            module = self._module(groups.get("module") or "")
            if module is None:
                return
            for name, alias in _IMPORTED.findall(groups.get("names") or ""):
                target = f"{module}.{name}".lstrip(".")
                first = name.partition(".")[0]
                self.imports[alias or first] = target if alias or groups.get("module") else first
            if groups.get("default"):
                self.imports[groups["default"]] = f"{module}{groups.get('member') or f'.{DEFAULT}'}"
            if groups.get("all"):
                self.imports[groups["all"]] = module
            return

    def _module(self, module: str) -> str | None:
        """The place that an import names; None for a package that cannot be one of the files indexed."""
        folder = posixpath.dirname(self.file_path)
        if self.rules.modules == "dotted":
            name = module.lstrip(".")
            if len(name) == len(module):
                return module
            for _ in range(len(module) - len(name) - 1):
                folder = posixpath.dirname(folder)
            return "/" + f"{folder}/{name.replace('.', '/')}".strip("/")
        if self.rules.modules == "folder":
            return "/" + module
        if module.startswith("."):
            return "/" + re.sub(r"\.[mc]?[jt]sx?$", "", posixpath.normpath(posixpath.join(folder, module)))
        return "/" + module[2:] if module[:2] in {"@/", "~/"} else None

    def variable(self, node: SgNode) -> str:
        """The name of a variable in this file; those of a function carry the place of the function."""
        name = self._exported(dotted(node, self.syntax) or node.text())
        if "." in name:
            root = self._root(node)
            return self.variable(root) + name[len(root.text()) :] if name.startswith(f"{root.text()}.") else name
        for function in self._functions_around(node):
            start = function.range().start.index
            place = self._parameters(function)
            if name in place:
                local = f"{start}/{name}"
                self.parameters.add(local)
                for known in self.names_of(function):
                    self.aliases.setdefault(f"{known}({place[name]})", local)
                return local
            if name in self._locals.get(start, ()):
                return f"{start}/{name}"
        return name

    def of_instance(self, node: SgNode, name: str) -> str:
        """A name with dots, with the class in place of a variable that holds what a call of a class gave."""
        root = self._root(node)
        given = self.aliases.get(self.variable(root), "")
        return given.removesuffix("()") + name[len(root.text()) :] if given.endswith("()") else name

    def _root(self, node: SgNode) -> SgNode:
        """What stands before all dots."""
        node = unwrapped(node, self.syntax)
        while node.kind() in self.syntax.members:
            node = unwrapped(node.children()[0], self.syntax)
        return node

    def declare(self, target: SgNode, node: SgNode) -> str:
        """The name of a variable that is new in the function around ``node``."""
        function = next(self._functions_around(node), None)
        if function is not None:
            self._locals.setdefault(function.range().start.index, set()).add(target.text())
        return self.variable(target)

    def first_parameter(self, node: SgNode) -> str | None:
        """The name of the first parameter of a function; None for anything else."""
        first = next(iter(self._parameters(node)), None) if node.kind() in self.syntax.functions else None
        if first is None:
            return None
        local = f"{node.range().start.index}/{first}"
        self.parameters.add(local)
        return local

    def returned_by(self, node: SgNode) -> list[str]:
        """``name()`` of the function around a node."""
        function = next(self._functions_around(node), None)
        return [f"{name}()" for name in self.names_of(function)] if function else []

    def _parameters(self, function: SgNode) -> dict[str, int]:
        """Name → place of each parameter."""
        start = function.range().start.index
        if start not in self._parameters_of:
            self._parameters_of[start] = self._read_parameters(function)
        return self._parameters_of[start]

    def _read_parameters(self, function: SgNode) -> dict[str, int]:
        holder = function.field("parameters") or function.field("parameter")
        if holder is None:
            return {}
        names = [holder] if holder.kind() in self.syntax.identifiers else named_children(holder)
        found: dict[str, int] = {}
        for place, parameter in enumerate(names):
            inner = parameter.field("name") or parameter.field("pattern") or parameter
            if inner.kind() not in self.syntax.identifiers:
                inner = next((c for c in named_children(inner) if c.kind() in self.syntax.identifiers), inner)
            found.setdefault(inner.text(), place)
        return found

    def _functions_around(self, node: SgNode) -> Iterator[SgNode]:
        return enclosing(node, self.syntax.functions)

    def _exported(self, name: str) -> str:
        return _EXPORTS.sub("", name) or DEFAULT

    def assigned(self, node: SgNode) -> tuple[SgNode, SgNode] | None:
        """Target and value of an assignment or declaration with a value."""
        target, value = assigned(node, self.syntax)
        return (unwrapped(target, self.syntax), unwrapped(value, self.syntax)) if target and value else None
