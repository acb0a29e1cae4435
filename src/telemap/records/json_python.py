r"""The JSON lines kernel in Python: what ``_json.c`` does, for where no compiler was, and to test it against.

A line that is one JSON object (``json_syntax`` says what that is) tells its members by the *path* of their keys: those
of the objects that they stand in and their own, escapes resolved, joined by dots. Objects are taken apart that hold a
member and are not too deep; all others, and arrays, are values. A path that comes again in a line replaces what it
told before, with all that stood in the object that it told.

Positions are absolute in ``data``, in bytes. Every function raises ``TypeError`` for what is not a buffer and
``ValueError`` for arrays of other sizes or types than said and for positions outside ``data``.
"""

from __future__ import annotations

import operator
import re
from itertools import chain
from typing import TYPE_CHECKING

import numpy as np

from telemap.records import json_syntax as syntax
from telemap.records.buffers import array_of, bytes_of, require_equal
from telemap.records.json_syntax import MAX_NESTING, unescaped

if TYPE_CHECKING:
    from _typeshed import ReadableBuffer
    from numpy.typing import NDArray

    Int64s = NDArray[np.int64]
    Bits = NDArray[np.uint8]
    Grouped = tuple[Int64s, Int64s, Int64s, Int64s, Int64s, Bits]
    _Member = tuple[int, int, int, int]  # number of its key, begin, end, kind

STRING, ESCAPED, NUMBER, TRUE, FALSE, NULL, ARRAY, OBJECT, MEMBER = range(9)
"""Kinds of values. The span of a string is what is between its quotes; it is ``ESCAPED`` if there is a backslash in it.
The span of a ``MEMBER`` is a whole member, with its key."""

LONGEST_PATH = 1024
_MAX_CAPACITY = 2**20
_ROOT = 0

_NEXT = syntax.BLANKS + rb"(?:," + syntax.BLANKS + rb'(?=")|(?=\}))'  # up to the next key, or the closing brace
_KEY = rb'"(?:([^"\\]*+)|(' + syntax.TEXT + rb'))"' + syntax.BLANKS + rb":" + syntax.BLANKS
_SCALAR = rb'(?:"([^"\\]*+)"|"(' + syntax.TEXT + rb')"|(' + syntax.NUMBER + rb")|(true)|(false)|(null))"
_FIRST_SCALAR_GROUP, _CONTAINER_GROUP = 3, 9

_match_opening = re.compile(syntax.BLANKS + rb"\{" + syntax.BLANKS + rb'(?=["}])').match
_match_member = re.compile(_KEY + rb"(?:" + _SCALAR + _NEXT + rb"|([\[{]))").match
_match_inner = re.compile(rb"\{" + syntax.BLANKS + rb'(?=")').match
_match_next = re.compile(_NEXT).match


class KeyTable:
    """The paths seen so far, numbered from 1 in the order they came; ``len`` is how many. Use one table in one thread.

    Args:
        capacity: how many paths it tells apart. What is of a further one, or of one longer than ``LONGEST_PATH`` bytes
            as it is spelled, is told as a ``MEMBER`` of a number beyond ``capacity``: one for each object that such
            stand in. A line can have many of these, for they replace nothing.
    """

    __slots__ = ("_capacity", "_numbers", "_paths")

    def __init__(self, capacity: int = 4096) -> None:
        self._capacity = operator.index(capacity)
        if not 1 <= self._capacity <= _MAX_CAPACITY:
            raise ValueError(f"capacity is not within 1 and {_MAX_CAPACITY}")
        self._numbers: dict[bytes, int] = {}
        self._paths = [b""]

    def __len__(self) -> int:
        return len(self._numbers)

    def path(self, number: int, /) -> bytes:
        """The path of that number; of one beyond ``capacity``, with ``*`` in place of the key."""
        number = operator.index(number)
        is_beyond = number > self._capacity
        if is_beyond:
            number -= self._capacity + 1
        if not 0 <= number < len(self._paths):
            raise IndexError("no key has this number")
        return self._prefix(number) + b"*" if is_beyond else self._paths[number]

    def _prefix(self, number: int) -> bytes:
        return self._paths[number] + b"." if number != _ROOT else b""

    def _number(self, prefix: bytes, key: bytes) -> int | None:
        """The number of the key that is spelled like that; None where it is new and there is no room for it."""
        if len(prefix) + len(key) > LONGEST_PATH:
            return None
        path = prefix + unescaped(key)
        if path not in self._numbers:
            if len(self._numbers) == self._capacity:
                return None
            self._numbers[path] = len(self._paths)
            self._paths.append(path)
        return self._numbers[path]

    def _forget_from(self, count: int) -> None:
        for path in self._paths[count:]:
            del self._numbers[path]
        del self._paths[count:]


def members(
    data: ReadableBuffer,
    offsets: Int64s,
    lengths: Int64s,
    which: Int64s | None,
    keys: KeyTable,
    max_depth: int,
    ok: Bits,
    /,
) -> Grouped:
    """The members of the lines, grouped by key: six arrays.

    The numbers of the keys that occur, ascending; where the members of each begin in the other four, with their length
    at the end. And of each member, ascending in a key: its row, where its value begins, where that ends, its kind.

    Args:
        data: the bytes.
        offsets: where each line of ``data`` starts.
        lengths: how long each line is, in bytes, without its end.
        which: which lines, as indexes into the two above; all where it is None. A row is a place in it.
        keys: the paths known so far; grows by those of the lines that are JSON objects.
        max_depth: how many objects deep to look, that of the line being the first.
        ok: receives 1 for each row that is a JSON object; else 0, and nothing is told of it.
    """
    text = bytes(bytes_of("data", data))
    offsets, lengths = array_of("offsets", offsets, np.int64), array_of("lengths", lengths, np.int64)
    rows = np.arange(len(offsets)) if which is None else array_of("which", which, np.int64)
    ok = array_of("ok", ok, np.uint8, writable=True)
    require_equal(offsets, lengths)
    require_equal(rows, ok)
    if not isinstance(keys, KeyTable):
        raise TypeError("keys is not a KeyTable")
    if not 1 <= max_depth <= MAX_NESTING:
        raise ValueError(f"max_depth is not within 1 and {MAX_NESTING}")
    if not ((rows >= 0) & (rows < len(offsets))).all():
        raise ValueError("a row is not within the lines")
    offsets, lengths = offsets[rows], lengths[rows]
    if not ((offsets >= 0) & (lengths >= 0) & (lengths <= len(text) - offsets)).all():
        raise ValueError("a line is not within the data")
    found: list[_Member] = []
    counts = np.zeros(len(rows), np.int64)
    for row, (begin, length) in enumerate(zip(offsets.tolist(), lengths.tolist(), strict=True)):
        known = len(keys._paths)
        told = _members_of(text, begin, begin + length, keys, max_depth)
        ok[row] = told is not None
        if told is None:
            keys._forget_from(known)
        else:
            counts[row] = len(told)
            found += told
    return _grouped(found, np.repeat(np.arange(len(rows)), counts))


def _grouped(found: list[_Member], rows: Int64s) -> Grouped:
    number, begin, end, kind = np.fromiter(chain.from_iterable(found), np.int64, 4 * len(found)).reshape(-1, 4).T
    order = np.argsort(number, kind="stable")
    occurring, firsts = np.unique(number[order], return_index=True)
    return (
        occurring,
        np.append(firsts, len(found)).astype(np.int64),
        rows[order],
        begin[order],
        end[order],
        kind[order].astype(np.uint8),
    )


def _members_of(text: bytes, place: int, end: int, keys: KeyTable, max_depth: int) -> list[_Member] | None:
    """The members of the line between ``place`` and ``end``; None if it is no JSON object."""
    following = _match_opening(text, place, end)
    found: list[_Member | None] = []  # None stands for one that was replaced
    told: dict[int, tuple[int, int]] = {}  # by key: from where to where in `found` is what it told last
    above: list[tuple[int, bytes]] = []
    parent, prefix, known = _ROOT, b"", keys._numbers.get
    while following is not None:
        place = following.end()
        if text[place] == syntax.CLOSING_BRACE:
            if not above:
                is_whole = syntax.blanks_end(text, place + 1, end) == end
                return [member for member in found if member is not None] if is_whole else None
            told[parent] = told[parent][0], len(found)
            parent, prefix = above.pop()
            following = _match_next(text, place + 1, end)
            continue
        following = member = _match_member(text, place, end)
        if member is None:
            break
        key, group = member[1], member.lastindex or 0
        number = None if key is None else known(prefix + key)
        if number is None:
            number = keys._number(prefix, member[2] if key is None else key)
        if number is not None:
            if number in told:
                first, last = told[number]
                found[first:last] = [None] * (last - first)
            told[number] = len(found), len(found) + 1
        begin, stop = member.span(group)
        kind = group - _FIRST_SCALAR_GROUP
        if group == _CONTAINER_GROUP:
            inner = _match_inner(text, begin, end) if len(above) + 1 < max_depth else None
            if inner is not None and number is not None:
                above.append((parent, prefix))
                parent, prefix, following = number, keys._prefix(number), inner
                continue
            try:
                stop = syntax.container_end(text, begin, end, len(above) + 1)
            except syntax.JsonSyntaxError:
                break
            kind = ARRAY if text[begin] == syntax.OPENING_BRACKET else OBJECT
            following = _match_next(text, stop, end)
        if number is None:
            number, begin, stop, kind = keys._capacity + 1 + parent, place, stop + (kind <= ESCAPED), MEMBER
        found.append((number, begin, stop, kind))
    return None


def unescape(
    data: ReadableBuffer, begins: Int64s, ends: Int64s, escaped: NDArray[np.uint8], /
) -> tuple[NDArray[np.int32], bytes]:
    """Where the text of each span begins, with the end of the last, and these texts: what strings stand for where
    ``escaped`` is not 0, and the span itself elsewhere.

    Half of a surrogate pair becomes U+FFFD; a backslash that begins no escape stays as it is.
    """
    spans = _spans(data, begins, ends)
    is_escaped = array_of("escaped", escaped, np.uint8)
    require_equal(begins, is_escaped)
    if sum(map(len, spans)) > np.iinfo(np.int32).max:
        raise ValueError("the texts are too long for one array")
    texts = [unescaped(span) if flag else span for span, flag in zip(spans, is_escaped.tolist(), strict=True)]
    return np.cumsum([0, *map(len, texts)], dtype=np.int32), b"".join(texts)


def _spans(data: ReadableBuffer, begins: Int64s, ends: Int64s) -> list[bytes]:
    view = bytes_of("data", data)
    begins, ends = array_of("begins", begins, np.int64), array_of("ends", ends, np.int64)
    require_equal(begins, ends)
    if not ((begins >= 0) & (begins <= ends) & (ends <= len(view))).all():
        raise ValueError("a span is not within the data")
    return [bytes(view[begin:end]) for begin, end in zip(begins.tolist(), ends.tolist(), strict=True)]
