"""Log statements of one source file: what logs, prints or raises, and what its message looks like."""

from __future__ import annotations

import re
from bisect import bisect_right
from collections.abc import Iterable, Iterator, Sequence
from functools import cache
from typing import TYPE_CHECKING, NamedTuple

from telemap.code.assignments import Assignments
from telemap.code.call_nodes import Call, Source
from telemap.code.languages import Dialect, Language, Rule, rules
from telemap.code.logged import Logged, attributes, logged, printed, severity
from telemap.code.loggers import LoggerName, Loggers
from telemap.code.logging_rules import LoggingRules
from telemap.code.symbols import search
from telemap.code.syntax import calls_named, known, syntax_of
from telemap.code.templates import template
from telemap.code.texts import Reader
from telemap.code.wrappers import Learned, Wrapper, callable_from, wrapper_of
from telemap.model.code import CodeSymbol, LogStatement, Variable

if TYPE_CHECKING:
    from ast_grep_py import SgNode

MAX_WRAPPER_LEVELS = 3


class FileLogging(NamedTuple):
    """The log statements of a file in the order of the text, and what other files can log with.

    That are the functions that pass messages on to a logger, and loggers by their names.
    """

    statements: list[LogStatement]
    wrappers: list[Wrapper]
    logger_names: list[LoggerName]


def log_statements(
    root: SgNode,
    file_path: str,
    symbols: Sequence[CodeSymbol],
    language: Language,
    dialect: Dialect,
    wrappers: Iterable[Wrapper] = (),
) -> FileLogging:
    """Every log statement of a parsed file; of a message that can be one of several texts, a statement each.

    Args:
        root: the tree of the file.
        file_path: relative to the indexed root.
        symbols: the functions of the file.
        language: which rules read it.
        dialect: the language and grammar of the file.
        wrappers: functions of other files that pass messages on; those count that this file imports.
    """
    found = rules("logging", LoggingRules).get(language.name)
    if not found or not root.text().strip():
        return FileLogging([], [], [])
    return _File(root, file_path, symbols, language, dialect, found).read(list(wrappers))


class _File:
    """One file while it is read."""

    def __init__(
        self,
        root: SgNode,
        file_path: str,
        symbols: Sequence[CodeSymbol],
        language: Language,
        dialect: Dialect,
        rules: LoggingRules,
    ) -> None:
        self.root, self.file_path, self.language, self.dialect, self.rules = root, file_path, language, dialect, rules
        self.symbols = sorted(symbols, key=lambda symbol: (symbol.line_number, -symbol.end_line_number))
        self.source = Source(root, syntax_of(rules.name))
        calls, assigned, self.imports = self._search()
        self.calls = [Call(node, self.source) for node in calls]
        assignments = Assignments(assigned, rules, self.source.syntax)
        self.reader = Reader(rules, self.source, assignments)
        self.loggers = Loggers(rules, self.source, assignments, self.reader)

    def read(self, wrappers: Iterable[Wrapper]) -> FileLogging:
        """All that is found, wrappers of wrappers up to a few levels deep."""
        known = [(call, learned) for call in self.calls if (learned := self.loggers.learned(call))]
        found = [each for call, learned in known if (each := logged(call, learned, self.reader))]
        fresh: list[Learned | Wrapper] = [
            *self.loggers.aliases(),
            *callable_from(wrappers, self.file_path, self.imports),
        ]
        by_place = {each.call.node.range().start.index: each for each in found}
        own: dict[Learned, Wrapper] = {}
        for _ in range(MAX_WRAPPER_LEVELS):
            made = {wrapper.learned: wrapper for each in found if (wrapper := self._wrapper(each))}
            fresh += [wrapper for learned, wrapper in made.items() if learned not in own]
            own |= made
            if not fresh:
                break
            found = list(self._calls_of(fresh))
            by_place |= {each.call.node.range().start.index: each for each in found}
            fresh = []
        statements = [statement for _, each in sorted(by_place.items()) for statement in self._statements(each)]
        names = [LoggerName(name) for name in sorted(self.loggers.names())]
        return FileLogging(list(dict.fromkeys(statements)), list(own.values()), names)

    def _search(self) -> tuple[list[SgNode], list[SgNode], str]:
        """Calls that may log by their name, what gives names a value, and the text of the imports."""
        calls, assigned, imports = [], [], []
        for node in search(self.root, *_sought(self.rules.name, self.dialect.grammar)):
            kind = node.kind()
            if kind in self.source.syntax.calls:
                calls.append(node)
            elif kind in self.rules.imports:
                imports.append(node.text())
            else:
                assigned.append(node)
        return calls, assigned, "\n".join(imports)

    def _wrapper(self, found: Logged) -> Wrapper | None:
        symbol = self._symbol(found.call.node.range().start.line + 1)
        if not symbol or found.learned.call.kind == "raise":
            return None
        rest = " ".join(argument.text for argument in (*found.rest, *found.named))
        texts = found.texts
        if found.rest and found.learned.call.beside[0]:  # console.log("[shop]", ...args)
            beside = Variable(found.rest[0].text)
            texts = [*texts, *((*pieces, found.learned.call.separator, beside) for pieces in texts)]
        node, of, level = found.call.node, found.learned, found.level
        wrapper = wrapper_of(node, texts, rest, level, of, symbol, self.language, self.rules)
        if wrapper or not found.rest:
            return wrapper
        # log.info("[shop] %s", text)
        filled = [tuple(printed(pieces, found, self.reader, beside=False)) for pieces in found.texts]
        return wrapper_of(node, filled, "", level, of, symbol, self.language, self.rules)

    def _calls_of(self, learned: Iterable[Learned | Wrapper]) -> Iterator[Logged]:
        """The calls of what was learned to log."""
        by_name: dict[str, list[Learned | Wrapper]] = {}
        for each in learned:
            by_name.setdefault((each.learned if isinstance(each, Wrapper) else each).name, []).append(each)
        for node in search(self.root, *calls_named(_any_of(by_name), self.source.syntax)):
            call = Call(node, self.source)
            for each in by_name.get(call.callee.name, ()):
                if self._is_call_of(call, each):
                    if found := logged(call, each.learned if isinstance(each, Wrapper) else each, self.reader):
                        yield found
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
        made_by = {name for made in self.loggers.makers(receiver) for name in made.callee.path}
        return receiver == each.class_name or each.class_name in made_by

    def _class_words(self, node: SgNode) -> set[str]:
        """The words in the head of the class around a node: its name and those of what it extends."""
        around = next((ancestor for ancestor in node.ancestors() if ancestor.kind() in self.language.classes), None)
        if not around:
            return set()
        # A class may be known by the node of its body alone.
        body = around if around.kind().endswith("body") else around.field("body")
        outer = around.parent() if body is around else around
        if not body or not outer:
            return set(re.findall(r"\w+", around.text().partition("\n")[0]))
        return set(re.findall(r"\w+", self.source.text(outer.range().start.index, body.range().start.index)))

    def _statements(self, found: Logged) -> Iterator[LogStatement]:
        span, group = found.call.node.range(), found.learned.call
        symbol = self._symbol(span.start.line + 1)
        for pieces in found.texts:
            for beside in group.beside:
                yield LogStatement(
                    file_path=self.file_path,
                    line_number=span.start.line + 1,
                    end_line_number=span.end.line + 1,
                    function_name=symbol.qualified_name if symbol else "",
                    kind=group.kind,
                    severity_text=severity(found),
                    logger_name=found.learned.logger_name,
                    template=template(printed(pieces, found, self.reader, beside=beside)),
                    attributes=tuple(dict.fromkeys(attributes(found, self.reader))) if group.kind == "log" else (),
                    language=self.dialect.language,
                )

    def _symbol(self, line_number: int) -> CodeSymbol | None:
        """The innermost function around a line."""
        end = bisect_right(self.symbols, line_number, key=lambda symbol: symbol.line_number)
        around = (symbol for symbol in reversed(self.symbols[:end]) if symbol.end_line_number >= line_number)
        return next(around, None)


@cache
def _sought(language: str, grammar: str) -> list[Rule]:
    """One search for everything that is read: each costs a walk of the tree."""
    found, syntax = rules("logging", LoggingRules)[language], syntax_of(language)
    called = calls_named(_any_of(name for group in found.loggers for name in group.names), syntax)
    raised = [{"kind": kind, "inside": {"kind": outer}} for kind in syntax.calls for outer in found.raising]
    kinds = [{"kind": kind} for kind in sorted({*syntax.bound, *found.bindings, *found.imports})]
    return known([*called, *raised, *kinds], grammar)


def _any_of(names: Iterable[str]) -> str:
    return f"(?:{'|'.join(map(re.escape, sorted(set(names))))})!?"
