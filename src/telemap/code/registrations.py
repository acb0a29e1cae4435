"""Which functions the code of a file registers, on what, and what it mounts where.

A router is created in one file, filled in another and mounted in a third: ``joined`` of
``telemap.code.joined_registrations`` puts the files together.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import replace
from functools import cache
from typing import TYPE_CHECKING

from telemap.code.call_nodes import Call, read_call
from telemap.code.file_names import DEFAULT
from telemap.code.languages import Language, Rule
from telemap.code.languages import rules as rules_of
from telemap.code.owners import EVERYWHERE, OwnerReader, place_of
from telemap.code.registration_arguments import handler_of, literal, paths_of
from telemap.code.registration_facts import Binding, FileRegistrations, Mount, Owner
from telemap.code.registration_rules import CallRule, RegistrationRules
from telemap.code.symbols import search
from telemap.code.syntax import calls_named, dotted, entries, known, line_of, named_children, syntax_of, unwrapped
from telemap.model.code import CodeSymbol, Registration

if TYPE_CHECKING:
    from ast_grep_py import SgNode

_EDGE = r"(?-u:\b)"  # ast-grep compiles a pattern for every file, and what Unicode has of words takes it long
_METHOD = re.compile(r"GET|HEAD|POST|PUT|PATCH|DELETE|OPTIONS|TRACE|CONNECT")


def read_registrations(
    root: SgNode, file_path: str, language: str, symbols: Iterable[CodeSymbol] = ()
) -> FileRegistrations | None:
    """What a file tells of registrations; None for a language of which none are known.

    Args:
        root: of the parsed text.
        file_path: relative to the indexed root.
        language: folder of the rules.
        symbols: the functions of the file; without them their lines are taken from the tree.
    """
    rules = rules_of("registrations", RegistrationRules).get(language)
    return _Reader(root, file_path, rules).read(list(symbols)) if rules else None


class _Reader(OwnerReader):
    def read(self, symbols: list[CodeSymbol]) -> FileRegistrations:
        syntax, names = self.syntax, self.names
        grammar = rules_of("functions", Language)[self.rules.name].dialect(names.file_path).grammar
        found = search(self.root, *_first_look(self.rules.name, grammar, bool(symbols)))
        for node in found:
            names.read_import(node)
        names.define([node for node in found if node.kind() in syntax.bearers], symbols)
        if any(self._means_something(node) for node in found):
            found = search(self.root, *_second_look(self.rules.name, grammar))
        else:  # calls of names that also mean something elsewhere: dict.get
            found = [node for node in found if node.kind() in syntax.bound or node.kind() in syntax.exports]
        self._read(found)
        return FileRegistrations(
            names.file_path,
            self.rules.name,
            tuple(self.owners),
            tuple(self.mounts),
            tuple(self.bindings),
            names.aliases,
            names.imports,
            names.definitions,
            names.constants,
        )

    def _means_something(self, node: SgNode) -> bool:
        """Whether a call or decorator can register anything: in use, or with a text for a path."""
        if node.kind() not in self.syntax.calls and node.kind() not in self.syntax.decorators:
            found = self.names.assigned(node) if node.kind() in self.syntax.bound else None
            return found is not None and self._is_map(*found)
        call = read_call(node, self.names.source)
        for framework, parts in self.rules.speaking(call.name).items() if call else ():
            for rule in (rule for rules in parts.values() for rule in rules if call and rule.match(call)):
                path = call.argument(rule.path) if call and rule.path else None
                is_told = path is not None and path.kind() in self.syntax.strings | self.syntax.sums
                if is_told or (framework in self.in_use and self.rules.frameworks[framework].imports):
                    return True
        return False

    def _read(self, nodes: list[SgNode]) -> None:
        """Read nodes, those of ``_second_look``, in the order of the text."""
        syntax = self.syntax
        for node in nodes:
            self._constant(node)
        for node in nodes:
            kind = node.kind()
            if kind in syntax.bound:
                self._bound(node)
            elif kind in syntax.returns:
                if values := named_children(node):
                    self._alias(self.names.returned_by(node), values[0])
            elif kind in syntax.exports:
                if value := node.field(syntax.exports[kind]):
                    self._alias([DEFAULT], value)
            elif (kind in syntax.calls or kind in syntax.decorators) and (call := read_call(node, self.names.source)):
                self._call(call)

    def _constant(self, node: SgNode) -> None:
        if node.kind() in self.syntax.bound and (found := self.names.assigned(node)):
            target, value = found
            text = literal(value, self.names)
            if text is not None:
                self.names.constants.setdefault(target.text().rpartition(".")[2], text)

    def _is_map(self, target: SgNode, value: SgNode) -> bool:
        name = target.text().rpartition(".")[2]
        return value.kind() in self.syntax.objects and re.fullmatch(self.rules.maps, name) is not None

    def _bound(self, node: SgNode) -> None:
        """Read what a variable is bound to: an owner, a list of routes, a map of handlers."""
        found = self.names.assigned(node)
        if found is None or not dotted(found[0], self.syntax):
            return
        target, value = found
        is_new = node.kind() in self.syntax.declarations
        name = self.names.declare(target, node) if is_new else self.names.variable(target)
        if value.kind() in self.syntax.lists | self.syntax.sums:
            self.mounts += [Mount(name, child) for child in self.children(value)]
        elif self._is_map(target, value):
            for event, handler in entries(value, self.syntax):
                self._bind(Binding("", True, self._registration(value, "event", "map", event)), [""], handler)
        else:
            self._alias([name], value)

    def _alias(self, names: list[str], value: SgNode) -> None:
        """Note that names stand for what an expression gives, where functions could be registered on that."""
        owner = self.owner(value)
        value = unwrapped(value, self.syntax)
        call = read_call(value, self.names.source) if value.kind() in self.syntax.calls else None
        for name in names:
            if owner is not None and owner != name:
                self.names.aliases[name] = owner
            for argument in call.positional if call else ():
                # What a wrapper such as fastify-plugin is given, it gives to the function in it.
                if first := self.names.first_parameter(argument):
                    self.names.aliases.setdefault(f"{name}(0)", first)

    def _call(self, call: Call) -> None:
        meant = False
        if call.decorated is None:
            self.owner(call.node)
        else:
            for framework, rule, parent in [*self.placed("owners", call), *self.placed("groups", call)][:1]:
                self.create(call, framework, rule, parent or None)
        for framework, rule in self.matching("everywhere", call):
            for path in paths_of(call, rule, self.rules.frameworks[framework], self.names) or ():
                self.owners.append(Owner(EVERYWHERE + framework, framework, path))
        for framework, rule, parent in [*self.placed("mounts", call)][:1]:
            meant = True
            name = place_of(call)
            for path in paths_of(call, rule, self.rules.frameworks[framework], self.names) or [""]:
                self.mounts.append(Mount(parent, name, path))
            self.mount(call, rule, name, overrides=rule.overrides and call.argument(rule.path) is not None)
        for framework, rule, owner in self.placed("routes", call):
            meant |= self._route(call, framework, rule, owner)
        if not meant and call.decorated is None and self.is_used:
            self._pass(call)

    def _pass(self, call: Call) -> None:
        """Note what a function that is called is given to register functions on."""
        callee = self._callee(call)
        if callee is None:
            return
        given = [call.receiver, *call.positional] if self._is_passed(call) else list(call.positional)
        for place, argument in enumerate(given):
            owner = self.owner(argument) if argument is not None else None
            if owner is not None and self.is_known(owner):
                self.mounts.append(Mount(owner, f"{callee}({place})"))

    def _is_passed(self, call: Call) -> bool:
        """Whether a method is called on an owner, as an extension of it."""
        owner = self.owner(call.receiver) if call.receiver is not None else None
        return owner is not None and self.is_known(owner)

    def _callee(self, call: Call) -> str | None:
        if call.called is None or self._is_passed(call):
            return call.name
        return self.owner(call.called)

    def _route(self, call: Call, framework: str, rule: CallRule, owner: str) -> bool:
        """Note the functions that a call registers; whether there are any."""
        handler = call.argument(rule.handler) if rule.handler else call.decorated
        paths = paths_of(call, rule, self.rules.frameworks[framework], self.names) if handler is not None else None
        if handler is None or paths is None:
            return False
        is_told = framework in self.in_use and (rule.on != "owner" or rule.decorator or owner in self.names.parameters)
        if not owner and not is_told:
            return False
        spoken = self.rules.frameworks[framework]
        found = rule.match(call)
        told = (found.groupdict().get("method") if found else None) or rule.method
        argument = call.argument(rule.methods) if rule.methods else None
        methods = sorted(set(_METHOD.findall(argument.text().upper()))) if argument is not None else []
        for text in paths:
            split = re.match(rule.text, text) if rule.text else None
            path = split["path"] if split else text
            of = methods or [(split and split["method"]) or told.upper()]
            on = "" if re.match(spoken.absolute, path) else owner
            path = re.sub(spoken.absolute, "/", path) if path and not on else path
            registration = self._registration(call.node, rule.kind or spoken.kind, framework, path)
            self._bind(Binding(on, is_told, registration), of, handler)
        return True

    def _registration(self, node: SgNode, kind: str, framework: str, name: str) -> Registration:
        return Registration(self.names.file_path, line_of(node), kind, framework, "", name, "")

    def _bind(self, binding: Binding, methods: Iterable[str], handler: SgNode) -> None:
        found = handler_of(handler, self.names)
        if found is None:
            return
        name, line_number = found
        for method in methods:
            registration = replace(
                binding.registration,
                method=method,
                handler=name,
                handler_file_path=self.names.file_path if line_number else None,
                handler_line_number=line_number,
            )
            self.bindings.append(replace(binding, registration=registration))


@cache
def _first_look(language: str, grammar: str, has_symbols: bool) -> list[Rule]:
    """Rules of what is searched in every file: definitions, imports, constants, calls that can mean something."""
    rules: RegistrationRules = rules_of("registrations", RegistrationRules)[language]
    syntax = syntax_of(language)
    bodies: Mapping[str, Rule] = rules_of("functions", Language)[language].functions
    functions = () if has_symbols else sorted(syntax.functions)
    kinds = syntax.classes | syntax.exports.keys() | {rule.kind for rule in rules.imports} - syntax.calls.keys()
    names = rf"^([A-Z][A-Z0-9_]+|module\.exports|{rules.maps})$"
    decorators = rules.names(of_decorators=True)
    found: list[Rule] = [
        *({"kind": kind, **bodies.get(kind, {})} for kind in functions),
        *({"kind": kind} for kind in sorted(kinds)),
        *({"kind": kind, "has": {"field": target, "regex": names}} for kind, (target, _) in syntax.bound.items()),
        *calls_named(rules.names(of_decorators=False), syntax),
        *({"kind": kind, "regex": rf"{_EDGE}({decorators}){_EDGE}"} for kind in syntax.decorators),
    ]
    return known(found, grammar)


@cache
def _second_look(language: str, grammar: str) -> list[Rule]:
    """Rules of all that is read of a file in which something can be registered."""
    syntax = syntax_of(language)
    kinds = {*syntax.calls, *syntax.decorators, *syntax.bound, *syntax.returns, *syntax.exports}
    return known([{"kind": kind} for kind in sorted(kinds)], grammar)
