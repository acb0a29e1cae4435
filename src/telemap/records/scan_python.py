"""The scan kernel in Python: what ``_scan.c`` does, said plainly, for where no compiler was, and to test it against.

Lines of the same *shape* share a class. The shape of a line is the line with its variable parts masked: tokens are
maximal runs of ASCII letters and digits, every other byte stands for itself, and

- a token of digits is masked (``D``), as are the digits before a unit (``12ms``, ``154Z``);
- a token of letters stands for itself;
- a token that mixes the two in any other way is masked (``X``);
- so is a UUID, as a whole (``U``);
- where ``values`` is set, so is a value (``W``): a run of letters, digits, ``-`` and ``_`` that begins with a letter,
  after ``=`` or ``#``, or in quotes after ``:`` or ``=`` (``id=rxc-ab``, ``#kvydty``, ``"lane": "lvgwab"``). Of ids of
  random letters and digits, 5-15 % are all letters; each would be a shape of its own. A UUID stays a ``U`` here too.

What is masked does not matter, but for *marks*: a token masked as ``X`` or ``W`` that begins with one gives its line
another class than tokens that do not, though the masks stay the same. So a class tells whether its lines may hold a key
that begins with ``ghp_``. Marks are compared byte by byte, ``a`` to ``z`` for a letter of either case, ``0`` for any
digit, ``.`` for any byte.

Each class is understood once; a *plan* then finds the same captures in all its lines, by counting masks.

A line is masked with its digits as zeros, and once for all lines that are then the same; the rest is array arithmetic.

Positions are absolute in ``data``, in bytes; a span that is absent is (-1, -1). Results go into arrays of the caller,
which are C-contiguous and writable. Every function raises ``TypeError`` for what is not a buffer and ``ValueError`` for
arrays of other sizes or types than said and for positions outside ``data``; results are then partly written.
"""

from __future__ import annotations

import operator
import re
from bisect import bisect_right
from functools import lru_cache
from itertools import chain
from typing import TYPE_CHECKING, Any

import numpy as np
import pyarrow as pa

from telemap.records.buffers import array_of, bytes_of, checked_spans, numbered, require_equal, texts_at

if TYPE_CHECKING:
    from collections.abc import Iterable

    from _typeshed import ReadableBuffer, WriteableBuffer
    from numpy.typing import NDArray

    Int32s = NDArray[np.int32]
    Int64s = NDArray[np.int64]

OVERFLOW = 0xFFFFFFFF
"""Class of the shapes that came after a table was full."""

LINE_END = -2
"""What stands in place of a mask's number where a capture reaches to the end of the line."""

MOST_MARKS = 128
LONGEST_MARK = 31

HEADS = 16
"""Of how many masks of each line ``split`` tells where they end."""

_FAR = 0xFFFF
_MAX_CAPACITY = 2**24

_UUID_OR_NUMBER = rb"""(?<![0-9A-Za-z])(?:
      (?P<U>[0-9A-Fa-f]{8}-[0-9A-Fa-f]{4}-[0-9A-Fa-f]{4}-[0-9A-Fa-f]{4}-[0-9A-Fa-f]{12}(?![0-9A-Za-z]))
    | (?P<D>[0-9]++(?=(?:[smhxkKMGBZ]|[mun]s|px|em|pt|[kmg]b|[kKMG]B|th|st|nd|rd|min|sec|hrs|deg|rem|[KMG]iB)?
        (?![0-9A-Za-z])))"""
_VALUE = rb"""
    | (?P<W>(?<=[=\#'"])(?:  # said again below: most tokens come after none of these, which is found out at once
          (?<=[=\#]) [A-Za-z][\w-]*+
        | (?:(?<=[:=]') | (?<=[:=]\ ')) [A-Za-z][\w-]*+ (?=')
        | (?:(?<=[:=]") | (?<=[:=]\ ")) [A-Za-z][\w-]*+ (?=")))"""
_MIXED = rb"""
    | (?P<X>[A-Za-z]*+[0-9][0-9A-Za-z]*+))"""
_MASKS = {
    False: re.compile(_UUID_OR_NUMBER + _MIXED, re.VERBOSE),
    True: re.compile(_UUID_OR_NUMBER + _VALUE + _MIXED, re.VERBOSE),
}

# No digit is outside a mask, and which digit it is does not matter: lines that differ in that only are masked once.
_ZEROS = bytes.maketrans(b"123456789", b"000000000")

_NEWLINE = ord("\n")
_LINES_KEPT = 16384
_LONGEST_KEPT = 1024

_MARK = re.compile(rb"[a-z0_-]{2}[a-z0_.-]*")
_NO_MARKS = re.compile(b"(?!)")

_DECIMAL = re.compile(rb"([+-]?)(?=\.?[0-9])([0-9]*)\.?([0-9]*)")


class ClassTable:
    """The shapes seen so far, numbered from 0 in the order they came; ``len`` is how many.

    It keeps 64-bit hashes, not lines, so its size is bounded. Use one table in one thread.

    Args:
        capacity: how many shapes it tells apart; all later ones are of class ``OVERFLOW``.
        values: whether values are masked.
        marks: beginnings of tokens, at most 128 of 2 to 31 bytes, the first two not ``.``.
    """

    __slots__ = ("_capacity", "_classes", "_marks", "_values")

    def __init__(self, capacity: int = 65536, values: bool = False, marks: Iterable[bytes] = ()) -> None:
        self._capacity = operator.index(capacity)
        if not 1 <= self._capacity <= _MAX_CAPACITY:
            raise ValueError(f"capacity is not within 1 and {_MAX_CAPACITY}")
        self._values = bool(values)
        self._marks = marking(marks)
        self._classes: dict[int, int] = {}

    def __len__(self) -> int:
        return len(self._classes)

    def _class_of(self, shape: int) -> int:
        if len(self._classes) < self._capacity:
            return self._classes.setdefault(shape, len(self._classes))
        return self._classes.get(shape, OVERFLOW)


def marking(marks: Iterable[bytes]) -> re.Pattern[bytes]:
    """An expression that matches a token which begins with one of ``marks``; digits other than 0 match nothing.

    Raises:
        ValueError: there are too many, or one is too short or long or holds other bytes than it may.
    """
    known = list(marks)
    for mark in known:
        if not isinstance(mark, bytes):
            raise TypeError("a mark is not bytes")
        if not 2 <= len(mark) <= LONGEST_MARK:
            raise ValueError(f"a mark is not of 2 to {LONGEST_MARK} bytes")
        if not _MARK.fullmatch(mark):
            raise ValueError("a mark holds other bytes than a to z, 0, - and _, and after two of these .")
    if len(known) > MOST_MARKS:
        raise ValueError(f"more marks than {MOST_MARKS}")
    return re.compile(b"|".join(known) or b"(?!)", re.IGNORECASE | re.DOTALL)


def is_marked(line: bytes, marking: re.Pattern[bytes], values: bool = False) -> bool:
    """Whether the class of ``line`` is that of a mark, in a table with these marks (see ``marking``).

    >>> is_marked(b"key=ghp_x", marking([b"ghp_"]), values=True)
    True
    """
    zeros = line.translate(_ZEROS)
    return any(kind in "XW" and marking.match(zeros, start, end) for start, end, kind in masks(zeros, values))


def _masked(line: bytes, values: bool, marks: re.Pattern[bytes]) -> tuple[int, tuple[int, ...]]:
    """The hash of the shape of a line with zeros for digits, and where its masks end, after a 0."""
    return (_kept if len(line) <= _LONGEST_KEPT else _kept.__wrapped__)(line, values, marks)


@lru_cache(_LINES_KEPT)
def _kept(line: bytes, values: bool, marks: re.Pattern[bytes]) -> tuple[int, tuple[int, ...]]:
    literals, kinds, ends = [], [], [0]
    for mask in _MASKS[values].finditer(line):
        kind = mask.lastgroup or ""
        literals.append(line[ends[-1] : mask.start()])
        kinds.append((kind, kind in "XW" and marks.match(line, mask.start(), mask.end()) is not None))
        ends.append(mask.end())
    return hash((line[ends[-1] :], *literals, *kinds)), tuple(ends)


def split(
    data: ReadableBuffer,
    start: int,
    stop: int,
    final: bool,
    table: ClassTable,
    offsets: Int64s,
    lengths: Int64s,
    classes: NDArray[np.uint32],
    heads: NDArray[np.uint16],
    /,
) -> tuple[int, int]:
    r"""How many lines ``data[start:stop]`` gave, and the position after the last of them.

    Lines end at ``\n`` and nowhere else; one ``\r`` before it, or at the very end, is not part of the content.
    Ends early when the arrays are full.

    Args:
        data: the bytes.
        start: where the first line starts.
        stop: where to stop.
        final: whether a piece without ``\n`` at the end is a line; if not, it waits for the next call.
        table: the shapes known so far; grows.
        offsets: receives where each line starts.
        lengths: receives the size of each line's content in bytes.
        classes: receives the class of each line.
        heads: receives where the first ``HEADS`` masks of each line end, in bytes from its start; 0xFFFF stands for
            those that do not exist and those that end there or later.
    """
    view = bytes_of("data", data)
    if not 0 <= start <= stop <= len(view):
        raise ValueError("start and stop are not within the data")
    if not isinstance(table, ClassTable):
        raise TypeError("table is not a ClassTable")
    offsets = array_of("offsets", offsets, np.int64, writable=True)
    lengths = array_of("lengths", lengths, np.int64, writable=True)
    classes = array_of("classes", classes, np.uint32, writable=True)
    require_equal(offsets, lengths, classes)
    heads = _heads(heads, len(offsets), writable=True)
    text = bytes(view[start:stop])
    ends = np.flatnonzero(np.frombuffer(text, np.uint8) == _NEWLINE)
    if final and text and not text.endswith(b"\n"):
        ends = np.append(ends, len(text))
    ends = ends[: len(offsets)]
    if not len(ends):
        return 0, start
    consumed = min(int(ends[-1]) + 1, len(text))
    begins = np.append(0, ends[:-1] + 1)
    lines: list[bytes] = text[: ends[-1]].translate(_ZEROS).split(b"\n")
    if b"\r" in text:
        lines = [line.removesuffix(b"\r") for line in lines]
        ends = begins + np.fromiter(map(len, lines), np.int64)
    different, which = numbered(lines)
    offsets[: len(ends)] = start + begins
    lengths[: len(ends)] = ends - begins
    masked = [_masked(line, table._values, table._marks) for line in different]
    classes[: len(ends)] = np.array([table._class_of(shape) for shape, _ in masked], np.uint32)[which]
    padded = [(mask_ends + (_FAR,) * HEADS)[1 : HEADS + 1] for _, mask_ends in masked]
    heads[: len(ends)] = np.minimum(padded, _FAR)[which]
    return len(ends), start + consumed


def capture_all(
    data: ReadableBuffer,
    offsets: Int64s,
    lengths: Int64s,
    rows: Int64s,
    classes: NDArray[np.uint32],
    first_step: Int32s,
    steps: Int32s,
    places: Int64s,
    at: Int64s,
    starts: Int64s,
    ends: Int64s,
    values: bool,
    heads: NDArray[np.uint16],
    /,
) -> None:
    """Fill ``starts`` and ``ends`` with the spans that the steps of its class find in each line, column by column.

    A span is absent, (-1, -1), in lines that are too short for it or have too few masks.

    Args:
        data: the bytes.
        offsets: where each line of ``data`` starts.
        lengths: how long each line is, in bytes.
        rows: which lines, as indexes into the two above; n of them.
        classes: the class of each line.
        first_step: where among the steps those of each class start, and at the end where the last ones end; classes
            beyond have none.
        steps: five items each: column, then two boundaries of ``plan_of``, the second maybe ``LINE_END`` and 0.
        places: where in the three below the spans of each column start, and at the end their length: each column has
            as many as the steps of the lines' classes ask for.
        at: receives which of the n each span is of, ascending in a column.
        starts: receives where it starts.
        ends: receives where it ends.
        values: whether values are masked, as in the table that gave the classes.
        heads: where the first masks of each line end, as ``split`` told; by it the native kernel saves a search.
    """
    view = bytes_of("data", data)
    offsets, lengths = array_of("offsets", offsets, np.int64), array_of("lengths", lengths, np.int64)
    rows, classes = array_of("rows", rows, np.int64), array_of("classes", classes, np.uint32)
    first_step, steps = array_of("first_step", first_step, np.int32), array_of("steps", steps, np.int32)
    starts, ends = array_of("starts", starts, np.int64, writable=True), array_of("ends", ends, np.int64, writable=True)
    places, at = array_of("places", places, np.int64), array_of("at", at, np.int64, writable=True)
    require_equal(offsets, lengths, classes)
    require_equal(at, starts, ends)
    _heads(heads, len(offsets))
    if len(steps) % 5:
        raise ValueError("steps does not consist of fives")
    if not len(first_step):
        raise ValueError("first_step is empty")
    if not len(places):
        raise ValueError("places is empty")
    if places[0] != 0 or places[-1] != len(at):
        raise ValueError("places does not span at, starts and ends")
    if (np.diff(places) < 0).any():
        raise ValueError("places does not ascend")
    if not ((rows >= 0) & (rows < len(offsets))).all():
        raise ValueError("a row is not within the lines")
    offsets, lengths, classes = offsets[rows], lengths[rows], classes[rows]
    if not ((offsets >= 0) & (lengths >= 0) & (lengths <= len(view) - offsets)).all():
        raise ValueError("a line is not within the data")
    at[:], (start_mask, start_bytes, end_mask, end_bytes) = _asked(classes, first_step, steps.reshape(-1, 5), places)
    mask_ends, first, count = _mask_ends(view, offsets, lengths, at, bool(values))
    offset, length = offsets[at], lengths[at]
    has_masks = np.maximum(start_mask, end_mask) < count
    start = mask_ends[np.where(has_masks, first + start_mask, 0)] + start_bytes
    end = mask_ends[np.where(has_masks, first + np.maximum(end_mask, 0), 0)] + end_bytes
    end = np.where(end_mask == LINE_END, length, end)
    is_found = has_masks & (start <= end) & (end <= length)
    starts[:] = np.where(is_found, offset + start, -1)
    ends[:] = np.where(is_found, offset + end, -1)


def _asked(classes: NDArray[np.uint32], first_step: Int32s, steps: Int32s, places: Int64s) -> tuple[Int64s, Int64s]:
    """Which line each span is of, column by column, and its four boundaries as columns; all checked."""
    planned = np.flatnonzero(classes < len(first_step) - 1)
    first, last = first_step[classes[planned]].astype(np.int64), first_step[classes[planned] + 1].astype(np.int64)
    if not ((first >= 0) & (first <= last) & (last <= len(steps))).all():
        raise ValueError("first_step is not within the steps")
    counts = last - first
    step = np.repeat(last - np.cumsum(counts), counts) + np.arange(counts.sum())
    column, *boundaries = steps[step].T.astype(np.int64)
    start_mask, start_bytes, end_mask, end_bytes = boundaries
    are_good = (column >= 0) & (column < len(places) - 1) & (start_mask >= 0) & (start_bytes >= 0) & (end_bytes >= 0)
    if not (are_good & ((end_mask >= 0) | (end_mask == LINE_END))).all():
        raise ValueError("a step has a negative boundary or no such column")
    asked = np.bincount(column, minlength=len(places) - 1) - np.diff(places)
    if asked.any():
        raise ValueError(f"a column has {'more' if asked.max() > 0 else 'fewer'} spans than places")
    order = np.argsort(column, kind="stable")
    return np.repeat(planned, counts)[order], np.stack(boundaries)[:, order]


def _mask_ends(
    view: memoryview, offsets: Int64s, lengths: Int64s, at: Int64s, values: bool
) -> tuple[Int64s, Int64s, Int64s]:
    """Positions of mask ends within lines; where among them those of the line of each ``at`` are, and how many."""
    lines, which = np.unique(at, return_inverse=True)
    begins = offsets[lines]
    text = bytes(view).translate(_ZEROS)
    spans = zip(begins.tolist(), (begins + lengths[lines]).tolist(), strict=True)
    different, number = numbered([text[begin:end] for begin, end in spans])
    ends = [_masked(line, values, _NO_MARKS)[1] for line in different]
    counts = np.fromiter(map(len, ends), np.int64)
    number = number[which]
    return np.fromiter(chain.from_iterable(ends), np.int64), (np.cumsum(counts) - counts)[number], counts[number]


def masks(line: bytes, values: bool = False) -> list[tuple[int, int, str]]:
    """Start, end and kind (``D``, ``X``, ``U`` or ``W``) of each mask of a line.

    >>> masks(b"beat 12 of a7 took 3ms")
    [(5, 7, 'D'), (11, 13, 'X'), (19, 20, 'D')]
    >>> masks(b"id=rxc-ab", values=True)
    [(3, 9, 'W')]
    """
    return [(mask.start(), mask.end(), mask.lastgroup or "") for mask in _MASKS[values].finditer(line)]


def plan_of(line: bytes, spans: list[tuple[int, int]], values: bool = False) -> list[int] | None:
    """The boundaries by which ``capture_all`` finds these spans in every line of the class of ``line``.

    Each boundary is told as the number of a mask, 0 for the start of the line, and the bytes between the end of that
    mask and the boundary.

    Args:
        line: one line of the class.
        spans: start and end of each group in ``line``.
        values: whether values are masked, as in the table that gave the class.

    Returns:
        Two boundaries a group, four numbers; None where one lies inside a mask, so that counting masks cannot find it.

    Raises:
        ValueError: a span is not within the line.

    >>> plan_of(b"beat 12 took 3ms", [(5, 7), (13, 14)])
    [0, 5, 1, 0, 1, 6, 2, 0]
    """
    found = masks(line, values)
    mask_ends = [0, *(end for _, end, _ in found)]
    plan: list[int] = []
    for start, end in spans:
        if not 0 <= start <= end <= len(line):
            raise ValueError("a span is not within the line")
        for boundary in (start, end):
            passed = bisect_right(mask_ends, boundary) - 1
            if passed < len(found) and found[passed][0] < boundary:
                return None
            plan += [passed, boundary - mask_ends[passed]]
    return plan


def decimals(
    data: ReadableBuffer, starts: Int64s, ends: Int64s, scale: int, out: Int64s, valid: NDArray[np.uint8], /
) -> None:
    """Fill ``out`` with the numbers at the spans, times ``10**scale`` and rounded half away from zero.

    A number is digits, maybe with a sign before and one point before, among or after them. Anything else, and what
    int64 cannot hold, is 0 and not ``valid``.

    Args:
        data: the bytes.
        starts: where each number starts, or -1.
        ends: where it ends, or -1.
        scale: decimal places to keep, 0…18.
        out: receives the numbers.
        valid: receives 1 where there was a number, else 0.
    """
    if not 0 <= scale <= 18:
        raise ValueError("scale is not within 0 and 18")
    out, valid = array_of("out", out, np.int64, writable=True), array_of("valid", valid, np.uint8, writable=True)
    require_equal(starts, out, valid)
    values = [_decimal(text, scale) for text in texts_at(data, starts, ends)]
    out[:] = [value or 0 for value in values]
    valid[:] = [value is not None for value in values]


def _decimal(text: bytes, scale: int) -> int | None:
    match = _DECIMAL.fullmatch(text)
    if not match:
        return None
    whole, fraction = match[2].lstrip(b"0"), match[3]
    if len(whole) > 19:  # int() refuses thousands of digits
        return None
    value = int(whole + fraction[:scale].ljust(scale, b"0") or b"0") + (fraction[scale : scale + 1] >= b"5")
    value = -value if match[1] == b"-" else value
    return value if -(2**63) <= value < 2**63 else None


def gather(data: ReadableBuffer, starts: Int64s, ends: Int64s, out: WriteableBuffer, /) -> None:
    """Fill ``out`` with the bytes of all spans, back to back.

    Args:
        data: the bytes.
        starts: where each span starts, or -1.
        ends: where it ends, or -1.
        out: receives the bytes; its size is the sum of those of the spans.
    """
    target = bytes_of("out", out)
    if target.readonly:
        raise ValueError("out is read-only")
    view, starts, ends = checked_spans(data, starts, ends)
    size = int((ends - starts).sum())
    if size != len(target):
        raise ValueError(f"out is {'larger' if size < len(target) else 'smaller'} than the spans")
    if size and (starts[1:] >= ends[:-1]).all():
        target[:] = _ascending(view, starts, ends)
    else:
        target[:] = b"".join(texts_at(data, starts, ends))


def _ascending(view: memoryview, starts: Int64s, ends: Int64s) -> memoryview:
    """The bytes of spans that follow one another: Arrow takes every second item of spans and gaps."""
    items = 2 * len(starts) - 1
    offsets = np.stack([starts, ends], axis=1)
    buffers = [None, pa.py_buffer(offsets), pa.py_buffer(view)]
    taken = pa.LargeBinaryArray.from_buffers(pa.large_binary(), items, buffers).take(pa.array(np.arange(0, items, 2)))
    return memoryview(taken.buffers()[2]).cast("B")[: int((ends - starts).sum())]


def _heads(value: Any, lines: int, *, writable: bool = False) -> NDArray[np.uint16]:
    """The array itself, checked, with a row a line."""
    array = array_of("heads", value, np.uint16, writable=writable)
    if len(array) != HEADS * lines:
        raise ValueError("arrays differ in length")
    return array.reshape(lines, HEADS)
