"""Log statements of one source file: what logs, prints or raises, and what its message looks like."""

from __future__ import annotations

import re
from bisect import bisect_right
from collections.abc import Iterable, Iterator, Sequence
from functools import cache
from typing import TYPE_CHECKING, Any, NamedTuple

from telemap.code.assignments import Assignments
from telemap.code.calls import Argument, Call, Callee, Source, callee_path
from telemap.code.languages import Language, rules
from telemap.code.logging_rules import LogCalls, LoggingRules, severity_text
from telemap.code.templates import Pieces, filled, template
from telemap.code.texts import Reader
from telemap.code.wrappers import Learned, Wrapper, callable_from, wrapper_of
from telemap.model.code import CodeSymbol, LogStatement, Variable

if TYPE_CHECKING:
    from ast_grep_py import SgNode

MAX_WRAPPER_LEVELS = 3


class FileLogging(NamedTuple):
    """The log statements of a file in the order of the text, and the functions of it that pass messages on to one."""

    statements: list[LogStatement]
    wrappers: list[Wrapper]


def log_statements(
    root: SgNode,
    file_path: str,
    symbols: Sequence[CodeSymbol],
    language: Language,
    dialect: str,
    wrappers: Iterable[Wrapper] = (),
) -> FileLogging:
    """Every log statement of a parsed file; of a message that can be one of several texts, a statement each.

    Args:
        root: the tree of the file.
        file_path: relative to the indexed root.
        symbols: the functions of the file.
        language: which rules read it.
        dialect: what the statements call their language.
        wrappers: functions of other files that pass messages on; those count that this file imports.
    """
    found = rules("logging", LoggingRules).get(language.name)
    if not found or not root.text().strip():
        return FileLogging([], [])
    return _File(root, file_path, symbols, language, dialect, found).read(list(wrappers))


class _Logged(NamedTuple):
    """A call that logs: what its message can be before values are put in, and what is handed over beside it."""

    call: Call
    learned: Learned
    texts: list[Pieces]
    rest: list[Argument]
    named: list[Argument]
    level: str


class _File:
    """One file while it is read."""

    def __init__(
        self,
        root: SgNode,
        file_path: str,
        symbols: Sequence[CodeSymbol],
        language: Language,
        dialect: str,
        rules: LoggingRules,
    ) -> None:
        self.root, self.file_path, self.language, self.dialect, self.rules = root, file_path, language, dialect, rules
        self.symbols = sorted(symbols, key=lambda symbol: (symbol.line_number, -symbol.end_line_number))
        self.source = Source(root)
        self.groups = [group for group in rules.loggers if not group.when or self.source.contains(group.when)]
        self.logger_names: dict[str, str] = {}

    def read(self, wrappers: list[Wrapper]) -> FileLogging:
        """All that is found, wrappers of wrappers up to a few levels deep."""
        calls, assigned, imports = self._search()
        self.assignments = Assignments(assigned, self.rules, self.language.functions)
        self.reader = Reader(self.rules, self.source, self.assignments)
        logged = {call.node.range().start.index: found for call in calls if (found := self._known(call))}
        fresh = [*self._aliases(), *callable_from(wrappers, self.file_path, imports)]
        own: dict[Learned, Wrapper] = {}
        found = list(logged.values())
        for _ in range(MAX_WRAPPER_LEVELS):
            made = {wrapper.learned: wrapper for each in found if (wrapper := self._wrapper(each))}
            fresh += [wrapper for learned, wrapper in made.items() if learned not in own]
            own |= made
            if not fresh:
                break
            found = list(self._calls_of(fresh))
            logged |= {each.call.node.range().start.index: each for each in found}
            fresh = []
        statements = [statement for _, each in sorted(logged.items()) for statement in self._statements(each)]
        return FileLogging(list(dict.fromkeys(statements)), list(own.values()))

    def _search(self) -> tuple[list[Call], list[SgNode], str]:
        """Calls that may log by their name, what gives names a value, and the text of the imports."""
        calls, assigned, imports = [], [], []
        for node in self.root.find_all(_search(self.rules.name)):
            kind = node.kind()
            if kind in self.rules.calls:
                calls.append(Call(node, self.source, self.rules))
            elif kind in self.rules.imports:
                imports.append(node.text())
            else:
                assigned.append(node)
        return calls, assigned, "\n".join(imports)

    def _known(self, call: Call) -> _Logged | None:
        """What a call logs by the rules of its language."""
        parent = call.node.parent()
        if parent and parent.kind() in self.rules.raising:
            learned = Learned("", self.rules.raised, "", call.callee.name)
            return self._logged(call, learned)
        for group in self.groups:
            if re.fullmatch(group.names, call.callee.name) and self._is_logger(call.callee, group):
                name = self._logger_name(call) or group.logger_name
                return self._logged(call, Learned("", group, severity_text(call.callee.name), name))
        return None

    def _is_logger(self, callee: Callee, group: LogCalls) -> bool:
        return any(
            re.fullmatch(group.on, receiver)
            or any(re.search(group.made_by, made.callee.text) for made in self._makers(receiver))
            for receiver in callee.receivers
        )

    def _makers(self, name: str) -> Iterator[Call]:
        """The calls whose value a name is given."""
        for value in self.assignments.values(name) if name else ():
            if value.kind() in self.rules.calls:
                yield Call(value, self.source, self.rules)

    def _logger_name(self, call: Call) -> str:
        """What the logger of a call is called where it is made, ``""`` if that is not known or not always the same."""
        if not call.callee.receiver:
            return ""
        if call.receiver.kind() in self.rules.calls:
            return self._made_name(Call(call.receiver, self.source, self.rules)) or ""
        receiver = call.callee.receiver
        if receiver not in self.logger_names:
            names = {name for made in self._makers(receiver) if (name := self._made_name(made)) is not None}
            self.logger_names[receiver] = names.pop() if len(names) == 1 else ""
        return self.logger_names[receiver]

    def _made_name(self, made: Call) -> str | None:
        if not any(re.search(group.made_by, made.callee.text) for group in self.groups):
            return None
        for argument in made.arguments[:1]:
            if found := re.fullmatch(self.rules.class_literals, argument.text):
                return found[1]
            return "".join(self._literal(argument))
        return ""

    def _logged(self, call: Call, learned: Learned) -> _Logged | None:
        """What a call hands over to a logger, None if there is no message."""
        group = learned.call
        placed = [argument for argument in call.arguments if not argument.name]
        named = [argument for argument in call.arguments if argument.name]
        at = group.message
        while len(placed) > at + 1 and re.fullmatch(group.before, placed[at].text):
            at += 1
        message = placed[at] if len(placed) > at else None
        if group.kind == "raise":
            message = next((each for each in placed if any(map(_is_text, self.reader.argument(each)))), message)
        message = message or next((each for each in named if each.name in group.keywords), None)
        if not message:
            return None
        levels = [placed[group.level]] if group.level is not None and len(placed) > group.level else placed[:at]
        texts = [learned.text(pieces) for pieces in self.reader.argument(message)]
        rest = [] if group.kind == "raise" else placed[at + 1 :]
        skipped = placed[group.message : at]
        level = " ".join(argument.text for argument in levels)
        return _Logged(call, learned, texts, rest, [*skipped, *named], level)

    def _aliases(self) -> Iterator[Learned]:
        """Methods of loggers under other names: ``log = logger.info``."""
        for name, value in self.assignments.items():
            if value.kind() in self.rules.text.members:
                text = value.text()
                callee = Callee(text, callee_path(text))
                for group in self.groups:
                    if re.fullmatch(group.names, callee.name) and self._is_logger(callee, group):
                        yield Learned(name, group, severity_text(callee.name), "")
                        break

    def _wrapper(self, logged: _Logged) -> Wrapper | None:
        symbol = self._symbol(logged.call.node.range().start.line + 1)
        if not symbol or logged.learned.call.kind == "raise":
            return None
        rest = " ".join(argument.text for argument in (*logged.rest, *logged.named))
        return wrapper_of(
            logged.call.node, logged.texts, rest, logged.level, logged.learned, symbol, self.language, self.rules
        )

    def _calls_of(self, learned: Iterable[Learned | Wrapper]) -> Iterator[_Logged]:
        """The calls of what was learned to log."""
        by_name: dict[str, list[Learned | Wrapper]] = {}
        for each in learned:
            by_name.setdefault((each.learned if isinstance(each, Wrapper) else each).name, []).append(each)
        names = "|".join(map(re.escape, by_name))
        for node in self.root.find_all({"rule": {"any": _call_rules(self.rules, names)}}):
            call = Call(node, self.source, self.rules)
            for each in by_name.get(call.callee.name, ()):
                if self._is_call_of(call, each):
                    found = each.learned if isinstance(each, Wrapper) else each
                    if logged := self._logged(call, found):
                        yield logged
                    break

    def _is_call_of(self, call: Call, each: Learned | Wrapper) -> bool:
        receiver = call.callee.receiver
        is_own = re.fullmatch(self.rules.self_names, receiver) is not None
        if isinstance(each, Learned):
            return not receiver or is_own
        if not each.class_name:
            return not receiver or (receiver == each.module and each.file_path != self.file_path)
        if is_own or receiver == "super":
            return each.class_name in self._class_words(call.node)
        made_by = {name for made in self._makers(receiver) for name in made.callee.path}
        return receiver == each.class_name or each.class_name in made_by

    def _class_words(self, node: SgNode) -> set[str]:
        """The words in the head of the class around a node: its name and those of what it extends."""
        around = next((ancestor for ancestor in node.ancestors() if ancestor.kind() in self.language.classes), None)
        body = around.field("body") if around else None
        if not around or not body:
            return set()
        return set(re.findall(r"\w+", self.source.text(around.range().start.index, body.range().start.index)))

    def _statements(self, logged: _Logged) -> Iterator[LogStatement]:
        span, group = logged.call.node.range(), logged.learned.call
        symbol = self._symbol(span.start.line + 1)
        for pieces in logged.texts:
            for beside in group.beside:
                yield LogStatement(
                    file_path=self.file_path,
                    line_number=span.start.line + 1,
                    end_line_number=span.end.line + 1,
                    function_name=symbol.qualified_name if symbol else "",
                    kind=group.kind,
                    severity_text=self._severity(logged),
                    logger_name=logged.learned.logger_name,
                    template=template(self._printed(pieces, logged, beside=beside)),
                    attributes=() if group.kind != "log" else tuple(dict.fromkeys(self._attributes(logged))),
                    language=self.dialect,
                )

    def _severity(self, logged: _Logged) -> str:
        learned = logged.learned
        return (
            learned.severity_text
            or severity_text(logged.level)
            or (severity_text(".".join(logged.call.callee.path[1:])) if learned.call.kind == "log" else "")
            or learned.call.severity_text
        )

    def _printed(self, pieces: Pieces, logged: _Logged, *, beside: bool) -> Iterator[str | Variable]:
        """A message with its values put in, and those that have no mark beside it."""
        group, used = logged.learned.call, 0
        values = [" ".join(argument.text.split()) for argument in logged.rest]
        given = [argument for argument in logged.named if not re.fullmatch(group.quiet, argument.name)]
        for name in group.directives:
            directives = self.rules.directives[name]
            if values or (given and name != "percent") or not directives.needs_values:
                marked, used = filled(pieces, directives, values)
                if marked != pieces:
                    pieces = marked
                    break
        yield from pieces
        if beside:
            separator = group.separator
            for argument in logged.named:
                if argument.name == group.separator_keyword:
                    separator = "".join(map(str, self.reader.argument(argument)[0]))
            for argument in logged.rest[used:]:
                yield separator
                yield from self.reader.argument(argument)[0]

    def _attributes(self, logged: _Logged) -> Iterator[str]:
        """The keys of what is logged beside the message."""
        group = logged.learned.call
        for argument in logged.named:
            if argument.name in group.attributes_in or not argument.name:
                yield from self._keys(argument)
            elif not re.fullmatch(group.quiet, argument.name) and argument.name not in group.keywords:
                yield argument.name
        for at, argument in enumerate(logged.rest):
            is_key = group.has_pairs and at % 2 == 0
            yield from self._literal(argument) if is_key else self._keys(argument)

    def _keys(self, argument: Argument) -> Iterator[str]:
        node = argument.node
        if node and node.kind() in self.rules.objects:
            for entry in node.children():
                parts = [part for part in entry.children() if part.is_named()]
                if entry.is_named() and (len(parts) > 1 or not parts) and "comment" not in entry.kind():
                    yield (parts[0] if parts else entry).text().strip("'\"`:")
        elif node and node.kind() in self.rules.calls:
            call = Call(node, self.source, self.rules)
            if re.search(self.rules.field_calls, call.callee.text) and call.arguments:
                yield from self._literal(call.arguments[0])

    def _literal(self, argument: Argument) -> Iterator[str]:
        [pieces, *others] = self.reader.argument(argument)
        if not others and all(isinstance(piece, str) for piece in pieces):
            yield "".join(map(str, pieces))

    def _symbol(self, line_number: int) -> CodeSymbol | None:
        """The innermost function around a line."""
        end = bisect_right(self.symbols, line_number, key=lambda symbol: symbol.line_number)
        around = (symbol for symbol in reversed(self.symbols[:end]) if symbol.end_line_number >= line_number)
        return next(around, None)


def _is_text(pieces: Pieces) -> bool:
    return any(isinstance(piece, str) for piece in pieces)


@cache
def _search(language: str) -> Any:
    """One search for everything that is read: each costs a walk of the tree."""
    found = rules("logging", LoggingRules)[language]
    names = "|".join(dict.fromkeys(group.names for group in found.loggers))
    raised = [{"kind": kind, "inside": {"kind": outer}} for kind in found.calls for outer in sorted(found.raising)]
    kinds = [{"kind": kind} for kind in (*found.assignments, *found.bindings, *sorted(found.imports))]
    return {"rule": {"any": [*_call_rules(found, names), *raised, *kinds]}}


def _call_rules(rules: LoggingRules, names: str) -> list[Any]:
    """Calls of what ends in one of the names; ``""`` as the field is any child of the call."""
    called = {"regex": rf"(?:^|[^\w])(?:{names})!?$"}
    return [
        {"kind": kind, "has": {**called, **({"field": field} if field else {})}} for kind, field in rules.calls.items()
    ]
