"""Messages as code writes them: escapes undone, marks replaced by variables, pieces put together to templates."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Iterator, Sequence

from telemap.code.logging_rules import Directives
from telemap.model.code import Template, Variable

MOST_DIGITS = 6  # of the number of a value; no call has so many

Pieces = tuple[str | Variable, ...]

_ESCAPE = re.compile(
    r"\\(?:x(?P<x>[0-9a-fA-F]{1,2})|u\{(?P<code>[0-9a-fA-F]+)\}|u(?P<u>[0-9a-fA-F]{4})"
    r"|U(?P<U>[0-9a-fA-F]{8})|N\{(?P<name>[^}]+)\}|(?P<octal>[0-7]{1,3})|(?P<one>.))",
    re.DOTALL,
)
_ONE = {"n": "\n", "t": "\t", "r": "\r", "b": "\b", "f": "\f", "v": "\v", "a": "\a", "e": "\x1b"}
_PLAIN = "\\\"'`$#/"


def unescaped(text: str) -> str:
    """The text that a literal with backslashes stands for, in the escapes that languages have in common."""
    if "\\" not in text:
        return text
    # JavaScript and Java write what is beyond U+FFFF as two halves.
    return _ESCAPE.sub(_character, text).encode("utf-16", "surrogatepass").decode("utf-16", "replace")


def _character(escape: re.Match[str]) -> str:
    group, written = escape.lastgroup, escape[escape.lastgroup or 0]
    if group == "one":
        return _ONE.get(written, written if written in _PLAIN else escape[0])
    if group == "name":
        try:
            return unicodedata.lookup(written)
        except KeyError:
            return escape[0]
    code = int(written, 8 if group == "octal" else 16)
    return chr(code) if code <= 0x10FFFF else escape[0]


def merged(pieces: Iterable[str | Variable]) -> Pieces:
    """The same pieces with neighbouring texts joined, and none empty unless it is all there is."""
    result: list[str | Variable] = []
    for piece in pieces:
        if isinstance(piece, str) and result and isinstance(result[-1], str):
            result[-1] += piece
        elif piece:
            result.append(piece)
    return tuple(result) or ("",)


def template(pieces: Iterable[str | Variable]) -> Template:
    """The template of the pieces; a line end at the end is that of the record, no part of the message."""
    literals, variables = [""], []
    for piece in pieces:
        if isinstance(piece, str):
            literals[-1] += piece
        else:
            variables.append(piece)
            literals.append("")
    return Template((*literals[:-1], literals[-1].rstrip("\r\n")), tuple(variables))


def filled(pieces: Pieces, directives: Directives, values: Sequence[str]) -> tuple[Pieces, int]:
    """``pieces`` with a variable in place of each mark in their text, and how many of the values that took.

    Args:
        pieces: text and variables.
        directives: what marks look like.
        values: what each value is called in the code; marks beyond them take the name of the last.

    >>> from telemap.model.code import Variable
    >>> filled(("paid %d of %s",), Directives(r"%(?P<type>[ds])", {"d": "int"}), ["amount", "total"])[0]
    ('paid ', Variable(name='amount', kind='int'), ' of ', Variable(name='total', kind=''))
    """
    marks = _Marks(directives, values)
    # Literals that touch make one text, in which a mark may lie across them.
    result = merged(
        new for piece in merged(pieces) for new in (marks.fill(piece) if isinstance(piece, str) else [piece])
    )
    return result, marks.used


class _Marks:
    """The marks of one message, in which a value is taken after the other."""

    def __init__(self, directives: Directives, values: Sequence[str]) -> None:
        self.directives = directives
        self.values = values
        self.next = self.used = 0

    def fill(self, text: str) -> Iterator[str | Variable]:
        end = 0
        for mark in re.finditer(self.directives.pattern, text):
            yield text[end : mark.start()]
            end = mark.end()
            if mark[0] in self.directives.escapes:
                yield self.directives.escapes[mark[0]]
            elif (variable := self._variable(mark)) is not None:
                yield variable
        yield text[end:]

    def _variable(self, mark: re.Match[str]) -> Variable | None:
        parts = mark.groupdict("")
        name = parts.get("name", "")
        if not name:
            self.next += mark[0].count("*")  # a width that is a value too
            if number := parts.get("number") or parts.get("index"):
                self.next = int(number[:MOST_DIGITS]) - bool(parts.get("number"))
            name = (self.values[self.next] if self.next < len(self.values) else self.values[-1]) if self.values else ""
            self.next += 1
        self.used = max(self.used, self.next)
        if parts.get("silent"):
            return None
        return Variable(name, "" if parts.get("padded") else self.directives.kinds.get(parts.get("type", ""), ""))
