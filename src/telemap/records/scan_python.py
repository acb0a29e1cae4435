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

Each class is understood once; a *plan* then finds the same captures in all its lines, by counting masks.

Positions are absolute in ``data``, in bytes; a span that is absent is (-1, -1). Results go into arrays of the caller,
which are C-contiguous and writable. Every function raises ``TypeError`` for what is not a buffer and ``ValueError`` for
arrays of other sizes or types than said and for positions outside ``data``; results are then partly written.
"""

from __future__ import annotations

import operator
import re
from bisect import bisect_right
from datetime import date
from functools import lru_cache
from typing import TYPE_CHECKING, Any, TypeVar

import numpy as np

if TYPE_CHECKING:
    from collections.abc import Iterator
    from functools import _lru_cache_wrapper

    from _typeshed import ReadableBuffer, WriteableBuffer
    from numpy.typing import NDArray

    Int32s = NDArray[np.int32]
    Int64s = NDArray[np.int64]

T = TypeVar("T")

OVERFLOW = 0xFFFFFFFF
"""Class of the shapes that came after a table was full."""

NO_TIME = -(2**63)
"""What stands in place of a timestamp that could not be read."""

LINE_END = -2
"""What stands in place of a mask's number where a capture reaches to the end of the line."""

_MAX_CAPACITY = 2**24
_EPOCH = date(1970, 1, 1).toordinal()

_UUID_OR_NUMBER = rb"""(?<![0-9A-Za-z])(?:
      (?P<U>[0-9A-Fa-f]{8}-[0-9A-Fa-f]{4}-[0-9A-Fa-f]{4}-[0-9A-Fa-f]{4}-[0-9A-Fa-f]{12}(?![0-9A-Za-z]))
    | (?P<D>[0-9]++(?=(?:[smhxkKMGBZ]|[mun]s|px|em|pt|[kmg]b|[kKMG]B|th|st|nd|rd|min|sec|hrs|deg|rem|[KMG]iB)?
        (?![0-9A-Za-z])))"""
_VALUE = rb"""
    | (?P<W>(?<=[=\#]) [A-Za-z][\w-]*+
        | (?:(?<=[:=]') | (?<=[:=]\ ')) [A-Za-z][\w-]*+ (?=')
        | (?:(?<=[:=]") | (?<=[:=]\ ")) [A-Za-z][\w-]*+ (?="))"""
_MIXED = rb"""
    | (?P<X>[A-Za-z]*+[0-9][0-9A-Za-z]*+))"""
_MASKS = {
    False: re.compile(_UUID_OR_NUMBER + _MIXED, re.VERBOSE),
    True: re.compile(_UUID_OR_NUMBER + _VALUE + _MIXED, re.VERBOSE),
}

# No digit is outside a mask, and which digit it is does not matter: lines that differ in that only are masked once.
_ZEROS = bytes.maketrans(b"123456789", b"000000000")

_LINES_KEPT = 16384
_LONGEST_KEPT = 1024

_DECIMAL = re.compile(rb"([+-]?)(?=\.?[0-9])([0-9]*)\.?([0-9]*)")
_SECOND = re.compile(rb"(\d{4})-(\d\d)-(\d\d)[T ](\d\d):(\d\d):(\d\d)")
_FRACTION_AND_ZONE = re.compile(rb"(?:[.,](\d+))?(?:Z|([+-])(\d\d)(?::?(\d\d))?)?")


class ClassTable:
    """The shapes seen so far, numbered from 0 in the order they came; ``len`` is how many.

    It keeps 64-bit hashes, not lines, so its size is bounded. Use one table in one thread.

    Args:
        capacity: how many shapes it tells apart; all later ones are of class ``OVERFLOW``.
        values: whether values are masked.
    """

    __slots__ = ("_capacity", "_classes", "_values")

    def __init__(self, capacity: int = 65536, values: bool = False) -> None:
        self._capacity = operator.index(capacity)
        if not 1 <= self._capacity <= _MAX_CAPACITY:
            raise ValueError(f"capacity is not within 1 and {_MAX_CAPACITY}")
        self._values = bool(values)
        self._classes: dict[int, int] = {}

    def __len__(self) -> int:
        return len(self._classes)

    def _class_of(self, line: bytes) -> int:
        shape = _kept(_shape, line, self._values)
        if len(self._classes) < self._capacity:
            return self._classes.setdefault(shape, len(self._classes))
        return self._classes.get(shape, OVERFLOW)


@lru_cache(_LINES_KEPT)
def _shape(line: bytes, values: bool) -> int:
    # A line holds no newline, so a mark cannot be mistaken for text.
    return hash(_MASKS[values].sub(lambda mask: f"\n{mask.lastgroup}".encode(), line))


@lru_cache(_LINES_KEPT)
def _mask_ends(line: bytes, values: bool) -> tuple[int, ...]:
    return (0, *(mask.end() for mask in _MASKS[values].finditer(line)))


def _kept(function: _lru_cache_wrapper[T], line: bytes, values: bool) -> T:
    line = line.translate(_ZEROS)
    return function(line, values) if len(line) <= _LONGEST_KEPT else function.__wrapped__(line, values)


def split(
    data: ReadableBuffer,
    start: int,
    stop: int,
    final: bool,
    table: ClassTable,
    offsets: Int64s,
    lengths: Int64s,
    classes: NDArray[np.uint32],
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
    """
    view = _bytes("data", data)
    if not 0 <= start <= stop <= len(view):
        raise ValueError("start and stop are not within the data")
    if not isinstance(table, ClassTable):
        raise TypeError("table is not a ClassTable")
    arrays = (
        _array("offsets", offsets, np.int64, writable=True),
        _array("lengths", lengths, np.int64, writable=True),
        _array("classes", classes, np.uint32, writable=True),
    )
    _require_equal(*arrays)
    text, base = (data, 0) if isinstance(data, bytes) else (bytes(view[start:stop]), start)
    at, end = start - base, stop - base
    lines: list[tuple[int, int, int]] = []
    while len(lines) < len(arrays[0]) and at < end:
        newline = text.find(b"\n", at, end)
        if newline < 0 and not final:
            break
        line = text[at : end if newline < 0 else newline].removesuffix(b"\r")
        lines.append((at + base, len(line), table._class_of(line)))
        at = end if newline < 0 else newline + 1
    for array, column in zip(arrays, zip(*lines, strict=True), strict=False):
        array[: len(lines)] = column
    return len(lines), at + base


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
    """
    view = _bytes("data", data)
    offsets, lengths = _array("offsets", offsets, np.int64), _array("lengths", lengths, np.int64)
    rows, classes = _array("rows", rows, np.int64), _array("classes", classes, np.uint32)
    first_step, steps = _array("first_step", first_step, np.int32), _array("steps", steps, np.int32)
    starts, ends = _array("starts", starts, np.int64, writable=True), _array("ends", ends, np.int64, writable=True)
    places, at = _array("places", places, np.int64), _array("at", at, np.int64, writable=True)
    _require_equal(offsets, lengths, classes)
    _require_equal(at, starts, ends)
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
    steps_of = {number: _steps(number, first_step, steps, len(places) - 1) for number in np.unique(classes).tolist()}
    following, limits = places.tolist(), places[1:].tolist()
    at_out, starts_out, ends_out = at.data, starts.data, ends.data  # items of an array are slow to set
    lines = zip(classes.tolist(), offsets.tolist(), lengths.tolist(), strict=True)
    for i, (number, offset, length) in enumerate(lines):
        if not steps_of[number]:
            continue
        found = _kept(_mask_ends, bytes(view[offset : offset + length]), bool(values))
        for column, start_mask, start_bytes, end_mask, end_bytes in steps_of[number]:
            place = following[column]
            if place >= limits[column]:
                raise ValueError("a column has more spans than places")
            following[column], at_out[place], start, end = place + 1, i, 0, -1
            if max(start_mask, end_mask) < len(found):
                start = found[start_mask] + start_bytes
                end = length if end_mask == LINE_END else found[end_mask] + end_bytes
            is_found = start <= end <= length
            starts_out[place] = offset + start if is_found else -1
            ends_out[place] = offset + end if is_found else -1
    if following[:-1] != limits:
        raise ValueError("a column has fewer spans than places")


def _steps(number: int, first_step: Int32s, steps: Int32s, columns: int) -> list[list[int]]:
    """The steps of a class, checked."""
    if number >= len(first_step) - 1:
        return []
    first, last = first_step[number : number + 2].tolist()
    if not 0 <= first <= last <= len(steps) // 5:
        raise ValueError("first_step is not within the steps")
    own: list[list[int]] = steps.reshape(-1, 5)[first:last].tolist()
    for column, *boundaries, end_mask, end_bytes in own:
        if not 0 <= column < columns or min(*boundaries, end_bytes) < 0 or (end_mask < 0 and end_mask != LINE_END):
            raise ValueError("a step has a negative boundary or no such column")
    return own


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
    out, valid = _array("out", out, np.int64, writable=True), _array("valid", valid, np.uint8, writable=True)
    _require_equal(starts, out, valid)
    values = [_decimal(text, scale) for text in _texts(data, starts, ends)]
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


def timestamps(data: ReadableBuffer, starts: Int64s, ends: Int64s, out: Int64s, /) -> None:
    """Fill ``out`` with the ISO 8601 times at the spans, in nanoseconds since 1970 UTC.

    A time is ``YYYY-MM-DD``, ``T`` or a space, ``HH:MM:SS``, maybe a fraction after ``.`` or ``,`` (cut after nine
    digits), maybe ``Z``, ``±HH``, ``±HHMM`` or ``±HH:MM``; without a zone it is UTC. Anything else, dates that do not
    exist, leap seconds and what int64 cannot hold are ``NO_TIME``.

    Args:
        data: the bytes.
        starts: where each time starts, or -1.
        ends: where it ends, or -1.
        out: receives the times.
    """
    out = _array("out", out, np.int64, writable=True)
    _require_equal(starts, out)
    out[:] = [_timestamp(text) for text in _texts(data, starts, ends)]


def _timestamp(text: bytes) -> int:
    seconds, rest = _seconds(text[:19]), _FRACTION_AND_ZONE.fullmatch(text, 19)
    if seconds is None or not rest:
        return NO_TIME
    fraction, sign, zone_hour, zone_minute = rest[1] or b"", rest[2], int(rest[3] or 0), int(rest[4] or 0)
    if zone_hour > 23 or zone_minute > 59:
        return NO_TIME
    seconds -= (zone_hour * 60 + zone_minute) * (-60 if sign == b"-" else 60)
    time = seconds * 10**9 + int(fraction[:9].ljust(9, b"0"))
    return time if abs(time) < 2**63 else NO_TIME


@lru_cache(_LINES_KEPT)
def _seconds(text: bytes) -> int | None:
    match = _SECOND.fullmatch(text)
    if not match:
        return None
    year, month, day, hour, minute, second = map(int, match.groups())
    if hour > 23 or minute > 59 or second > 59:
        return None
    try:
        days = date(year, month, day).toordinal() - _EPOCH
    except ValueError:
        return None
    return days * 86400 + hour * 3600 + minute * 60 + second


def gather(data: ReadableBuffer, starts: Int64s, ends: Int64s, out: WriteableBuffer, /) -> None:
    """Fill ``out`` with the bytes of all spans, back to back.

    Args:
        data: the bytes.
        starts: where each span starts, or -1.
        ends: where it ends, or -1.
        out: receives the bytes; its size is the sum of those of the spans.
    """
    target = _bytes("out", out)
    if target.readonly:
        raise ValueError("out is read-only")
    gathered = b"".join(_texts(data, starts, ends))
    if len(gathered) != len(target):
        raise ValueError(f"out is {'larger' if len(gathered) < len(target) else 'smaller'} than the spans")
    target[:] = gathered


def _texts(data: ReadableBuffer, starts: Int64s, ends: Int64s) -> Iterator[bytes]:
    """The bytes of each span, none for an absent one."""
    view = _bytes("data", data)
    starts, ends = _array("starts", starts, np.int64), _array("ends", ends, np.int64)
    _require_equal(starts, ends)
    absent = (starts == -1) & (ends == -1)
    if not np.all(absent | (starts >= 0) & (starts <= ends) & (ends <= len(view))):
        raise ValueError("a span is not within the data")
    source = data if isinstance(data, bytes) else view
    return (bytes(source[start:end]) for start, end in zip(starts.tolist(), ends.tolist(), strict=True))


def _bytes(name: str, value: ReadableBuffer) -> memoryview:
    view = memoryview(value)
    if not view.c_contiguous:
        raise ValueError(f"{name} is not contiguous")
    return view.cast("B") if view.nbytes else memoryview(b"" if view.readonly else bytearray())


def _array(name: str, value: Any, dtype: type[np.generic], *, writable: bool = False) -> NDArray[Any]:
    """The array itself, checked: ``np.frombuffer`` would reinterpret and ``np.asarray`` would copy."""
    array = np.asarray(memoryview(value))
    if not array.flags.c_contiguous:
        raise ValueError(f"{name} is not contiguous")
    if writable and not array.flags.writeable:
        raise ValueError(f"{name} is read-only")
    if array.dtype != dtype:
        raise ValueError(f"{name} has items of another type")
    if not array.flags.aligned:
        raise ValueError(f"{name} is not aligned")
    return array.reshape(-1)


def _require_equal(*arrays: NDArray[Any]) -> None:
    if len({len(array) for array in arrays}) > 1:
        raise ValueError("arrays differ in length")
