"""What the expressions of a file give that functions can be registered on, and what of that is mounted where."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from telemap.code.call_nodes import Call, Source, read_call
from telemap.code.file_names import FileNames
from telemap.code.registration_arguments import literal, paths_of
from telemap.code.registration_facts import Binding, Mount, Owner
from telemap.code.registration_rules import CallRule, RegistrationRules
from telemap.code.syntax import dotted, enclosing, named_children, syntax_of, unwrapped

if TYPE_CHECKING:
    from ast_grep_py import SgNode

EVERYWHERE = "*"  # before the name of a framework: what all its classes are mounted on


class OwnerReader:
    """Reads owners and mounts of one file; names of owners without one begin with ``@``."""

    def __init__(self, root: SgNode, file_path: str, rules: RegistrationRules) -> None:
        self.root = root
        self.rules = rules
        self.syntax = syntax_of(rules.name)
        self.names = FileNames(file_path, rules, Source(root, self.syntax))
        text = self.names.source.whole
        self.in_use = {
            name
            for name, framework in rules.frameworks.items()
            if not framework.imports or any(one in text for one in framework.imports)
        }
        self.is_used = any(rules.frameworks[name].imports for name in self.in_use)
        self.owners: list[Owner] = []
        self.mounts: list[Mount] = []
        self.bindings: list[Binding] = []
        self._given_by: dict[int, str | None] = {}

    def owner(self, node: SgNode) -> str | None:
        """The name of what an expression gives, if functions could be registered on it."""
        node = unwrapped(node, self.syntax)
        if node.kind() in self.syntax.calls:
            start, end = node.range().start.index, node.range().end.index
            key = start << 32 | end
            if key not in self._given_by:
                self._given_by[key] = None
                self._given_by[key] = self._given(node)
            return self._given_by[key]
        if member := self.syntax.members.get(node.kind()):
            name = node.field(member)
            if name and name.text() in self.rules.transparent:
                owner = self.owner(node.children()[0])
                if owner is not None and self.is_known(owner):
                    return owner
        return self.names.variable(node) if dotted(node, self.syntax) else None

    def _given(self, node: SgNode) -> str | None:
        """The name of what a call gives."""
        self.names.read_import(node)
        if node.text() in self.names.imports:
            return node.text()
        call = read_call(node, self.names.source)
        if call is None:
            return None
        if found := next(self.matching("owners", call), None):
            return self.create(call, *found)
        receiver = self.owner(call.receiver) if call.receiver is not None else None
        if receiver is not None and (found := next(self.matching("groups", call), None)):
            return self.create(call, *found, parent=receiver)
        # What a method of an owner gives is most often the owner: group.WithTags("x").MapGet(…)
        if receiver is not None and self.is_known(receiver):
            return receiver
        callee = dotted(call.called, self.syntax) if call.called else call.name
        return f"{callee}()" if callee else receiver

    def is_known(self, name: str) -> bool:
        """Whether a name stands for an owner of this file, or for a parameter, which may be one."""
        name = self.names.aliases.get(name, name)
        return name in self.names.parameters or name.startswith("@")

    def create(self, call: Call, framework: str, rule: CallRule, parent: str | None = None) -> str:
        """Note an owner, mounted on ``parent`` if there is one, and give its name."""
        name = self._decorated_name(call.decorated) if call.decorated else place_of(call)
        paths = paths_of(call, rule, self.rules.frameworks[framework], self.names) or [""]
        if parent is None and len(paths) == 1 and not self.rules.frameworks[framework].everywhere:
            self.owners.append(Owner(name, framework, paths[0], rule.mounted))
        else:
            if parent is None:
                self.owners.append(Owner(name, framework))
            self.mounts += [Mount(parent or EVERYWHERE + framework, name, path) for path in paths]
        self.mount(call, rule, name, overrides=False)
        return name

    def _decorated_name(self, node: SgNode) -> str:
        """The name of a decorated owner: classes of one name are several, functions are called by theirs."""
        name = self.names.qualified_name(node)
        return f"@{node.range().end.index}.{name}" if node.kind() in self.syntax.classes else name

    def mount(self, call: Call, rule: CallRule, parent: str, overrides: bool) -> None:
        """Note what a call mounts on ``parent``."""
        for pick in rule.child:
            picked = call.positional if pick == "*" else filter(None, [call.argument((pick,))])
            for argument in picked:
                for child in self.children(argument, rule.member):
                    self.mounts.append(Mount(parent, child, "", overrides))

    def children(self, node: SgNode, member: str = "") -> Iterator[str]:
        """The names of what an expression that is mounted can stand for."""
        node = unwrapped(node, self.syntax)
        if first := self.names.first_parameter(node):
            yield first
        elif node.kind() in self.syntax.lists | self.syntax.sums:
            for child in named_children(node):
                yield from self.children(child, member)
        elif node.kind() in self.syntax.calls and (call := read_call(node, self.names.source)):
            if any(rule.on == "list" for part in ("mounts", "routes") for _, rule in self.matching(part, call)):
                return  # which says itself where it belongs
            if owner := self.owner(node):
                yield owner
            for argument in call.positional:
                yield from self.children(argument, member)
        elif member and (text := literal(node, self.names)):
            yield f"{text}.{member}"
        elif name := self.owner(node):
            yield from (name, f"{name}(0)", *([f"{name}.{member}"] if member else []))

    def matching(self, part: str, call: Call) -> Iterator[tuple[str, CallRule]]:
        """The first rule of each framework that is for a call."""
        for framework, rules in self._speaking(part, call):
            if rule := next((rule for rule in rules if rule.match(call)), None):
                yield framework, rule

    def _speaking(self, part: str, call: Call) -> Iterator[tuple[str, tuple[CallRule, ...]]]:
        """The rules of the frameworks to which a call means something: of those that the file uses, or else all."""
        means = self.rules.speaking(call.name)
        used = [name for name in means if name in self.in_use] if means else []
        return ((name, means[name][part]) for name in used or means if part in means[name])

    def placed(self, part: str, call: Call) -> Iterator[tuple[str, CallRule, str]]:
        """The first rule of each framework that is for a call where it stands, and the name of what it stands on."""
        for name, rules in self._speaking(part, call):
            places = (
                (rule, self._on(call, name, rule)) for rule in rules if rule.match(call) and self._is_of(call, rule)
            )
            if found := next(((rule, place) for rule, place in places if place is not None), None):
                yield name, *found

    def _is_of(self, call: Call, rule: CallRule) -> bool:
        kinds = {"": None, "class": self.syntax.classes, "function": self.syntax.functions}[rule.of]
        return kinds is None or (call.decorated is not None and call.decorated.kind() in kinds)

    def _on(self, call: Call, framework: str, rule: CallRule) -> str | None:
        """The name of what a call stands on, ``""`` for nothing in particular; None if the rule is not for such."""
        receiver = call.receiver.text() if call.receiver is not None else ""
        if rule.on == "any":
            return ""
        if rule.on == "list":
            return self._list_around(call.node)
        if rule.on == "class":
            around = next(enclosing(call.decorated or call.node, self.syntax.classes), None)
            return self._decorated_name(around) if around else None
        if rule.on == "package":
            return "" if receiver in {"", *self.rules.frameworks[framework].named} else None
        if call.receiver is None or receiver in self.rules.frameworks[framework].named:
            return None
        return self.owner(call.receiver)

    def _list_around(self, node: SgNode) -> str:
        """The name of the list that a call stands in."""
        syntax = self.syntax
        for around in node.ancestors():
            kind = around.kind()
            if kind in syntax.bearers:
                break
            if kind in syntax.calls and (call := read_call(around, self.names.source)):
                if any(self.matching("owners", call)):
                    return self.owner(around) or ""
                if any(self.matching("mounts", call)):
                    return place_of(call)
            elif kind in syntax.returns:
                return next(iter(self.names.returned_by(around)), "")
            elif kind in syntax.bound and (found := self.names.assigned(around)):
                is_new = kind in syntax.declarations
                return self.names.declare(found[0], around) if is_new else self.names.variable(found[0])
        return ""


def place_of(call: Call) -> str:
    """A name for what a call gives: no two calls end at one place."""
    return f"@{call.node.range().end.index}.{call.name}"
