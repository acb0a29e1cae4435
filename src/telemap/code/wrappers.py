"""Functions that pass a message on to a logger, so that a call of theirs is a log statement too."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from telemap.code.languages import Language
from telemap.code.logging_rules import LogCalls, LoggingRules
from telemap.code.syntax import NOTHING
from telemap.code.templates import Pieces, merged
from telemap.model.code import CodeSymbol, Variable

if TYPE_CHECKING:
    from ast_grep_py import SgNode

_WORD = re.compile(r"\w+")


@dataclass(frozen=True, slots=True)
class Learned:
    """A name that logs, though no rule knows it: of a wrapper, or of a method of a logger under another name.

    ``call`` says how it is called; its message is put in for the variable ``parameter`` of ``pieces``.
    """

    name: str
    call: LogCalls
    severity_text: str
    logger_name: str
    pieces: tuple[str | Variable, ...] = (Variable(""),)
    parameter: str = ""

    def text(self, message: Pieces) -> Pieces:
        """What is logged when ``message`` is handed over."""
        hole = Variable(self.parameter)
        return merged(new for piece in self.pieces for new in (message if piece == hole else (piece,)))


@dataclass(frozen=True, slots=True)
class Wrapper:
    """A function or method, with the class that it is in if any, that passes a message on."""

    file_path: str
    class_name: str
    learned: Learned

    @property
    def module(self) -> str:
        """The name under which other files import the file: its own, or its folder's."""
        folder, _, name = self.file_path.rpartition("/")
        stem = name.partition(".")[0]
        return folder.rpartition("/")[2] if stem in {"__init__", "index", "mod"} else stem


Wrappers = Mapping[str, Sequence[Wrapper]]
"""Wrappers by the name of their function."""

NO_WRAPPERS: Wrappers = {}


def by_name(wrappers: Iterable[Wrapper]) -> Wrappers:
    """The wrappers by the name of their function."""
    found: dict[str, list[Wrapper]] = {}
    for wrapper in wrappers:
        found.setdefault(wrapper.learned.name, []).append(wrapper)
    return found


def mentioned(text: str, wrappers: Wrappers) -> list[Wrapper]:
    """Those of the wrappers that a file can be calling, by its words alone."""
    words = set(_WORD.findall(text)) if wrappers else set()
    return [
        wrapper
        for name in words & wrappers.keys()
        for wrapper in wrappers[name]
        if (wrapper.class_name or wrapper.module) in words or (name in words and not wrapper.class_name)
    ]


def wrapper_of(
    node: SgNode,
    texts: Iterable[Pieces],
    rest: str,
    level: str,
    logged: Learned,
    symbol: CodeSymbol,
    language: Language,
    rules: LoggingRules,
) -> Wrapper | None:
    """The wrapper that a function is if its call ``node`` logs one of its parameters, or None.

    Args:
        node: the call.
        texts: what its message can be.
        rest: its arguments after the message, as written.
        level: its argument that is the severity, as written.
        logged: what is known of the call.
        symbol: the function around it.
        language: says which nodes are functions.
        rules: how the language logs.
    """
    function = next((ancestor for ancestor in node.ancestors() if ancestor.kind() in language.functions), None)
    if not function or function.range().end.line + 1 != symbol.end_line_number:
        return None
    parameters = _parameters(function, rules)
    for pieces in texts:
        bare = tuple(Variable(_bare(each.name)) if isinstance(each, Variable) else each for each in pieces)
        held = [
            each.name for each in bare if isinstance(each, Variable) and re.fullmatch(rules.message_names, each.name)
        ]
        places = [place for name in held if (place := _position(name, parameters)) is not None]
        if len(places) == 1 and len(held) == 1:
            passes_on = any(_position(word, parameters) is not None for word in _WORD.findall(rest))
            call = replace(
                logged.call,
                message=places[0],
                level=_position(level, parameters),
                keywords=(held[0],),
                before=NOTHING,
                directives=logged.call.directives if passes_on else (),
                beside=logged.call.beside if passes_on else (False,),
            )
            learned = replace(logged, name=symbol.name.lstrip("#"), call=call, pieces=bare, parameter=held[0])
            class_name = symbol.qualified_name.split(".")[-2] if symbol.kind == "method" else ""
            return Wrapper(symbol.file_path, class_name, learned)
    return None


def _parameters(function: SgNode, rules: LoggingRules) -> list[str]:
    held = function.field("parameters") or function.field("parameter")
    children = [child.text() for child in held.children() if child.is_named()] if held else []
    texts = children or ([held.text()] if held else [])
    return texts[1:] if texts and re.fullmatch(f"&?(?:mut )?(?:{rules.self_names})", texts[0]) else texts


def _bare(name: str) -> str:
    return name.lstrip(".*&$")  # of a spread


def _position(name: str, parameters: Sequence[str]) -> int | None:
    return next((at for at, text in enumerate(parameters) if name in _WORD.findall(text)), None)


def callable_from(wrappers: Iterable[Wrapper], file_path: str, imports: str) -> Iterator[Wrapper]:
    """The wrappers of other files that a file can name, by the words of its imports."""
    words = set(_WORD.findall(imports))
    for wrapper in wrappers:
        names = {wrapper.class_name or wrapper.learned.name, wrapper.module}
        if wrapper.file_path != file_path and not names.isdisjoint(words):
            yield wrapper
