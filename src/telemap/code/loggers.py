"""Which calls of a file are calls of loggers, and what those loggers are called."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from telemap.code.assignments import Assignments
from telemap.code.call_nodes import Argument, Call, Callee, Source, callee_path
from telemap.code.logging_rules import LogCalls, LoggingRules, severity_text
from telemap.code.syntax import entries
from telemap.code.texts import Reader
from telemap.code.wrappers import Learned


@dataclass(frozen=True, slots=True)
class LoggerName:
    """What a logger is called that a file makes."""

    name: str


class Loggers:
    """The loggers of one file, told by their names and by what makes them."""

    def __init__(self, rules: LoggingRules, source: Source, assignments: Assignments, reader: Reader) -> None:
        self._rules = rules
        self._source = source
        self._assignments = assignments
        self._reader = reader
        self._names: dict[str, str] = {}

    def learned(self, call: Call) -> Learned | None:
        """How a call logs by the rules of its language, None if it does not."""
        parent = call.node.parent()
        kind = parent.kind() if parent else ""
        if parent and kind in self._rules.raising and re.match(self._rules.raising[kind], parent.text()):
            return Learned("", self._rules.raised, "", call.callee.name)
        group = self._group(call.callee)
        name = self._logger_name(call) if group else ""
        return Learned("", group, severity_text(call.callee.name), name or group.logger_name) if group else None

    def aliases(self) -> Iterable[Learned]:
        """Methods of loggers under other names: ``log = logger.info``."""
        found: dict[str, Learned] = {}
        for name, value in self._assignments.items():
            if value.kind() in self._source.syntax.members:
                text = value.text()
                callee = Callee(text, callee_path(text))
                if group := self._group(callee):
                    severity = severity_text(callee.name)
                    if name in found and found[name].severity_text != severity:
                        severity = ""  # error if it matters, else debug
                    found[name] = Learned(name, group, severity, self._named(callee.receiver))
        return found.values()

    def names(self) -> set[str]:
        """What the loggers are called that the file makes and keeps, for itself or for files that import them."""
        calls = self._source.syntax.calls
        made = (Call(value, self._source) for _, value in self._assignments.items() if value.kind() in calls)
        return {name for call in made if (name := self._made_name(call))}

    def makers(self, name: str, *, is_direct: bool = False) -> Iterator[Call]:
        """The calls whose value a name is given, directly or by way of another name."""
        for value in self._assignments.values(name) if name else ():
            if value.kind() in self._source.syntax.calls:
                yield Call(value, self._source)
            elif value.kind() in self._rules.text.names and not is_direct:
                yield from self.makers(callee_path(value.text())[-1], is_direct=True)

    def _group(self, callee: Callee) -> LogCalls | None:
        groups = (group for group in self._rules.loggers if callee.name in group.names)
        return next((group for group in groups if self._is_of(callee, group)), None)

    def _is_of(self, callee: Callee, group: LogCalls) -> bool:
        return self._source.contains(group.when) and any(
            re.fullmatch(group.on, receiver)
            or any(re.search(group.made_by, made.callee.text) for made in self.makers(receiver))
            for receiver in callee.receivers
        )

    def _logger_name(self, call: Call) -> str:
        """What the logger of a call is called where it is made, ``""`` if that is not known or not always the same."""
        if not call.callee.receiver:
            return ""
        if call.receiver and call.receiver.kind() in self._source.syntax.calls:
            return self._made_name(Call(call.receiver, self._source)) or ""
        return self._named(call.callee.receiver)

    def _named(self, receiver: str) -> str:
        if receiver not in self._names:
            names = {name for made in self.makers(receiver) if (name := self._made_name(made)) is not None}
            self._names[receiver] = names.pop() if len(names) == 1 else ""
        return self._names[receiver]

    def _made_name(self, made: Call) -> str | None:
        if not any(re.search(group.made_by, made.callee.text) for group in self._rules.loggers):
            return None
        for argument in made.arguments[:1] if not re.search(self._rules.unnamed, made.callee.text) else ():
            if found := re.fullmatch(self._rules.class_literals, argument.text):
                return found[1]
            if argument.node and argument.node.kind() in self._source.syntax.objects:
                value = dict(entries(argument.node, self._source.syntax)).get(self._rules.named_by)
                argument = Argument("", (value,) if value else (), self._source)
            return self._reader.constant(argument) or ""
        return ""
