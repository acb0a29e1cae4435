"""What the arguments of a call that registers tell: the function, and the paths under which it is reached."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from typing import TYPE_CHECKING, Any

from telemap.code.call_nodes import Call, read_call
from telemap.code.file_names import FileNames
from telemap.code.literals import literal_parts
from telemap.code.registration_rules import CallRule, Framework
from telemap.code.syntax import dotted, elements, enclosing, named_children, unwrapped

if TYPE_CHECKING:
    from ast_grep_py import SgNode

_TOKENS = {rf"\{{{token}\}}": token for token in ("module", "class", "function", "command")}


def handler_of(node: SgNode, names: FileNames) -> tuple[str, int | None] | None:
    """Name of the function that an expression gives, and its line if it stands right there; None for no function."""
    node = unwrapped(node, names.syntax)
    kind = node.kind()
    if kind in names.syntax.bearers:
        return names.qualified_name(node), names.name_line(node)
    if kind in names.syntax.lists:
        inner = named_children(node)
        return handler_of(inner[-1], names) if inner else None
    if kind not in names.syntax.calls:
        name = dotted(node, names.syntax)
        if name and names.aliases.get(names.variable(node), "").startswith("@"):
            return None  # a router, which is mounted and handles nothing itself
        return (names.of_instance(node, name), None) if name else None
    call = read_call(node, names.source)
    if call is None:
        return None
    if call.name in names.rules.through and call.receiver is not None:
        return handler_of(call.receiver, names)
    # A wrapper is given the function, often last: asyncHandler(f), login_required(view), http.HandlerFunc(h)
    inner_found = [found for argument in reversed(call.positional) if (found := handler_of(argument, names))]
    if inner_found:
        return inner_found[0]
    fields = names.syntax.calls[kind]
    callee = (node.field(fields[-1]) if fields else None) or node
    name = dotted(callee, names.syntax)
    return (names.of_instance(callee, name) if name else call.name, None)


def paths_of(call: Call, rule: CallRule, framework: Framework, names: FileNames) -> list[str] | None:
    """The paths that a call names, tokens replaced, what is not known in them as ``${NAME}``; None for none."""
    argument = call.argument(rule.path)
    if argument is None and rule.beside:
        argument = _beside(call, rule, names)
    if argument is None and rule.path and rule.default is None:
        return None
    values_told = elements(argument, names.syntax) if argument is not None else []
    texts = [literal(element, names) for element in values_told] or [rule.default or ""]
    tokens = {**framework.tokens, **(_TOKENS if argument is None else {})}
    values = _tokens(call, rule, framework, names) if tokens else {}
    found = []
    for element, text in zip(values_told or [call.node], texts, strict=True):
        if text is None and (rule.on == "any" or "*" in rule.child):
            return None  # an argument of another sort
        text = f"${{{dotted(element, names.syntax) or ''}}}" if text is None else text
        for pattern, token in tokens.items():
            text = re.sub(pattern, values.get(token, ""), text)
        found.append(text)
    return found


def _beside(call: Call, rule: CallRule, names: FileNames) -> SgNode | None:
    """The path that another decorator tells of what a decorator stands on."""
    around = call.node.parent()
    while around and around.kind() in names.syntax.carriers:
        around = around.parent()
    kinds: Any = {"rule": {"any": [{"kind": kind} for kind in names.syntax.decorators]}}
    for node in around.find_all(kinds) if around else ():
        other = read_call(node, names.source)
        if other and other.name == rule.beside and other.decorated == call.decorated:
            return other.argument(rule.path or (0, "value"))
    return None


def _tokens(call: Call, rule: CallRule, framework: Framework, names: FileNames) -> dict[str, str]:
    """What stands for the tokens in a path."""
    node = call.decorated
    named = handler_of(call.argument(rule.handler) or call.node, names) if node is None else None
    function = (names.names_of(node) or [""])[0] if node else named[0].rpartition(".")[2] if named else ""
    is_class = node is not None and node.kind() in names.syntax.classes
    around = node if is_class else next(enclosing(node or call.node, names.syntax.classes), None)
    class_name = (names.names_of(around) or [""])[0] if around else ""
    module = re.sub(r"^(src|lib)/|(/__init__)?\.\w+$", "", names.file_path).replace("/", ".")
    end = f"(?:{framework.suffix})$"
    return {
        "module": module,
        "class": re.sub(end, "", class_name),
        "function": function,
        "command": re.sub(end, "", function.lower().replace("_", "-")),
    }


def literal(node: SgNode, names: FileNames) -> str | None:
    """The text that an expression stands for, unknown constants as ``${NAME}``; None for no text."""
    syntax = names.syntax
    node = unwrapped(node, syntax)
    kind = node.kind()
    if kind in syntax.sums:
        parts = [literal(part, names) for part in named_children(node)]
        return "".join(filter(None, parts)) if all(part is not None for part in parts) else None
    if kind in syntax.strings:
        return "".join(_filled(literal_parts(node, syntax), names))
    name = (dotted(node, syntax) or "").rpartition(".")[2]
    return names.constants.get(name, f"${{{name}}}" if name.isupper() else None)


def _filled(parts: Iterable[str | SgNode], names: FileNames) -> Iterator[str]:
    for part in parts:
        if isinstance(part, str):
            yield part
        else:
            name = part.text().strip("${}").rpartition(".")[2]
            yield names.constants.get(name, f"${{{name}}}")
