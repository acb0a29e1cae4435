"""The syntax of a JSON object on a line: where its values end, what its strings stand for, where and why it is wrong.

It is that of RFC 8259, but control characters and bytes that are no UTF-8 may stand in strings, as they do in logs, and
``NaN``, ``Infinity`` and ``-Infinity`` are numbers. Arrays and objects nest at most ``MAX_NESTING`` deep.
"""

from __future__ import annotations

import re

MAX_NESTING = 512

BLANKS = rb"[ \t\n\r]*+"
TEXT = rb'[^"\\]*+(?:\\(?:["\\/bfnrt]|u[0-9A-Fa-f]{4})[^"\\]*+)*+'  # between the quotes of a string
NUMBER = rb"-?(?:(?:0|[1-9][0-9]*+)(?:\.[0-9]++)?+(?:[eE][+-]?+[0-9]++)?+|Infinity)|NaN"

OPENING_BRACKET, CLOSING_BRACE = b"[}"

_match_blanks = re.compile(BLANKS).match
_match_text = re.compile(TEXT).match
_match_scalar = re.compile(rb'"' + TEXT + rb'"|true|false|null|' + NUMBER).match

_ESCAPE = re.compile(
    rb"""\\(?: (?P<letter>["\\/bfnrt])
             | u(?P<high>[dD][89abAB][0-9A-Fa-f]{2})\\u(?P<low>[dD][c-fC-F][0-9A-Fa-f]{2})
             | u(?P<unit>[0-9A-Fa-f]{4}))""",
    re.VERBOSE,
)
_LETTERS = {b'"': b'"', b"\\": b"\\", b"/": b"/", b"b": b"\b", b"f": b"\f", b"n": b"\n", b"r": b"\r", b"t": b"\t"}


class JsonSyntaxError(ValueError):
    """Where, as a position in bytes, and why a line is no JSON object."""

    def __init__(self, place: int, reason: str) -> None:
        super().__init__(reason)
        self.place = place
        self.reason = reason


def first_error(line: bytes) -> tuple[int, str] | None:
    """Where, in bytes, and why ``line`` is not one JSON object with nothing but blanks around it; None if it is."""
    end = len(line)
    try:
        place = blanks_end(line, 0, end)
        _require(b"{", "expected an object", line, place, end)
        place = blanks_end(line, container_end(line, place, end, 0), end)
    except JsonSyntaxError as error:
        return error.place, error.reason
    return None if place == end else (place, "expected nothing after the object")


def blanks_end(text: bytes, place: int, end: int) -> int:
    """Where the blanks at ``place`` end."""
    blanks = _match_blanks(text, place, end)
    return blanks.end() if blanks else place


def container_end(text: bytes, place: int, end: int, depth: int) -> int:
    """Where the array or object ends that begins at ``place``, inside ``depth`` others.

    Raises:
        JsonSyntaxError: it does not end before ``end``, is wrong, or nests too deeply.
    """
    closing: list[int] = []  # a stack of our own: recursion would end sooner
    while True:
        if place < end and text[place] in b"[{":
            if depth + len(closing) == MAX_NESTING:
                raise JsonSyntaxError(place, f"nested more than {MAX_NESTING} deep")
            closing.append(text[place] + 2)  # "]" and "}" both come two after
            place = blanks_end(text, place + 1, end)
            if place == end or text[place] != closing[-1]:
                place = _value_start(text, place, end, closing[-1])
                continue
        else:
            place = blanks_end(text, _scalar_end(text, place, end), end)
        while place < end and text[place] == closing[-1]:
            closing.pop()
            if not closing:
                return place + 1
            place = blanks_end(text, place + 1, end)
        _require(b",", f"expected ',' or '{chr(closing[-1])}'", text, place, end)
        place = _value_start(text, blanks_end(text, place + 1, end), end, closing[-1])


def _value_start(text: bytes, place: int, end: int, closing: int) -> int:
    """Where a value begins: at ``place`` in an array, after the key there in an object."""
    if closing != CLOSING_BRACE:
        return place
    _require(b'"', "expected a key in double quotes", text, place, end)
    place = blanks_end(text, _scalar_end(text, place, end), end)
    _require(b":", "expected ':'", text, place, end)
    return blanks_end(text, place + 1, end)


def _scalar_end(text: bytes, place: int, end: int) -> int:
    scalar = _match_scalar(text, place, end)
    if scalar:
        return scalar.end()
    _require(b'"', "expected a value", text, place, end)
    string = _match_text(text, place + 1, end)
    if string is None or string.end() == end:
        raise JsonSyntaxError(place, "a string without an end")
    raise JsonSyntaxError(string.end(), "no escape that JSON knows")


def _require(byte: bytes, reason: str, text: bytes, place: int, end: int) -> None:
    if not text.startswith(byte, place, end):
        raise JsonSyntaxError(place, reason)


def unescaped(text: bytes) -> bytes:
    """What ``text``, between the quotes of a string, stands for.

    Half of a surrogate pair becomes U+FFFD; a backslash that begins no escape stays as it is.
    """
    return _ESCAPE.sub(_resolved, text) if b"\\" in text else text


def _resolved(escape: re.Match[bytes]) -> bytes:
    if escape["letter"]:
        return _LETTERS[escape["letter"]]
    if escape["high"]:
        units = bytes.fromhex((escape["high"] + escape["low"]).decode())
    else:
        units = bytes.fromhex(escape["unit"].decode())
    return units.decode("utf-16-be", "replace").encode()
