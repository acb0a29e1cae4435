"""What a call hands over to a logger, and what is made of it."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import replace
from typing import NamedTuple

from telemap.code.call_nodes import Argument, Call
from telemap.code.logging_rules import LoggingRules, severity_text
from telemap.code.syntax import named_children
from telemap.code.templates import Pieces, filled
from telemap.code.texts import Reader, has_text
from telemap.code.wrappers import Learned
from telemap.model.code import Variable


class Logged(NamedTuple):
    """A call that logs: what its message can be before values are put in, and what is handed over beside it."""

    call: Call
    learned: Learned
    texts: list[Pieces]
    rest: list[Argument]
    named: list[Argument]
    level: str


def logged(call: Call, learned: Learned, reader: Reader) -> Logged | None:
    """What a call hands over, None if there is no message."""
    group = learned.call
    placed = [argument for argument in call.arguments if not argument.name]
    named = [argument for argument in call.arguments if argument.name]
    at = group.message
    while len(placed) > at + 1 and re.fullmatch(group.before, placed[at].text):
        at += 1
    message = placed[at] if len(placed) > at else None
    if group.kind == "raise":
        message = next((each for each in placed if any(map(has_text, reader.argument(each)))), message)
    message = message or next((each for each in named if each.name in group.keywords), None)
    if not message:
        return None
    levels = placed[:at] if group.level is None else placed[group.level : group.level + 1]
    if group.kind == "raise" and placed and (name := re.match(r"[A-Z]\w*(?:::\w+)*", placed[0].text)):
        learned = replace(learned, logger_name=learned.logger_name or name[0])  # raise KeyError, "no such key"
    return Logged(
        call,
        learned,
        [learned.text(pieces) for pieces in reader.argument(message)],
        placed[placed.index(message) + 1 :] if message in placed else [],
        [*placed[group.message : at], *named],
        " ".join(argument.text for argument in levels),
    )


def severity(found: Logged) -> str:
    """OpenTelemetry's short name of the severity, ``""`` where the code does not say."""
    if found.learned.call.kind == "raise":
        return ""
    path = found.call.callee.path[1:] if found.learned.call.kind == "log" else ()
    return (
        found.learned.severity_text
        or severity_text(found.level)
        or severity_text(".".join(path))
        or found.learned.call.severity_text
    )


def printed(pieces: Pieces, found: Logged, reader: Reader, *, beside: bool) -> Iterator[str | Variable]:
    """A message with its values put in, followed if ``beside`` by those that have no mark in it."""
    group, used = found.learned.call, 0
    values = [" ".join(argument.text.split()) for argument in found.rest]
    has_names = any(not re.fullmatch(group.quiet, argument.name) for argument in found.named if argument.name)
    for name in group.directives:
        directives = reader.rules.directives[name]
        if values or has_names or not directives.needs_values:
            marked, used = filled(pieces, directives, values)
            if marked != pieces:
                pieces = marked
                break
    yield from pieces
    if beside:
        separators = (reader.constant(each) for each in found.named if each.name == group.separator_keyword)
        separator = next((separator for separator in separators if separator is not None), group.separator)
        for argument in found.rest[used:]:
            if not argument.text.startswith(("...", "*")):  # which may be none at all
                yield separator
            yield from reader.argument(argument)[0]


def attributes(found: Logged, reader: Reader) -> Iterator[str]:
    """The keys of what is logged beside the message."""
    group = found.learned.call
    for argument in found.named:
        if argument.name in group.attributes_in or not argument.name:
            yield from _keys(argument, reader)
        elif not re.fullmatch(group.quiet, argument.name) and argument.name not in group.keywords:
            yield argument.name
    for at, argument in enumerate(found.rest):
        if group.has_pairs and at % 2 == 0 and (key := reader.constant(argument)) is not None:
            yield key
        else:
            yield from _keys(argument, reader)


def _keys(argument: Argument, reader: Reader) -> Iterator[str]:
    node, rules = argument.node, reader.rules
    if node and node.kind() in reader.source.syntax.objects:
        for entry in named_children(node):
            parts = named_children(entry)
            if len(parts) != 1:
                yield (parts[0] if parts else entry).text().strip("'\"`: ")
    elif node and node.kind() in reader.source.syntax.calls:
        yield from _field(Call(node, reader.source), reader, rules)


def _field(call: Call, reader: Reader, rules: LoggingRules) -> Iterator[str]:
    if re.search(rules.field_calls, call.callee.text) and call.arguments:
        key = reader.constant(call.arguments[0])
        if key is not None:
            yield key
