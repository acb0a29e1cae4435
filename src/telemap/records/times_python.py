"""The kernel that reads timestamps, in Python: what ``_times.c`` does, said plainly.

A layout is a regular expression in which nothing is tried twice: each directive takes what it can, and of alternatives
the first that fits is kept. Which digits there are does not matter for that, so texts that differ only in digits are
matched once, with zeros for digits; values and their ranges are then array arithmetic.
"""

from __future__ import annotations

import re
from functools import lru_cache
from typing import TYPE_CHECKING

import numpy as np

from telemap.records.buffers import array_of, numbered, require_equal, texts_at
from telemap.records.layouts import MONTHS, ZONES, Layouts

if TYPE_CHECKING:
    from collections.abc import Callable
    from collections.abc import Set as AbstractSet

    from _typeshed import ReadableBuffer
    from numpy.typing import NDArray

    Bytes = NDArray[np.uint8]
    Kinds = NDArray[np.uint8]
    Int64s = NDArray[np.int64]
    Bools = NDArray[np.bool_]
    Fields = tuple[tuple[str, int, int, bytes], ...]  # directive, begin, end, and what is not digits

UNREADABLE, ABSOLUTE, LOCAL, YEARLESS, TIME_ONLY, OUT_OF_RANGE = range(6)

NO_TIME = -(2**63)
"""What stands in place of a timestamp that could not be read."""

LEAP_YEAR = 2000
"""The year that is taken for those that are not told: each day of any year is in it."""

LONGEST = 255
"""The most bytes that a timestamp has."""

_SECOND = 10**9
_LAST, _LAST_FRACTION = divmod(2**63 - 1, _SECOND)
_FIRST, _FIRST_FRACTION = divmod(-(2**63), _SECOND)
_TAI_1970 = 2**62 + 10  # as tai64nlocal has it: ten seconds for always, leap seconds left to the clock

_SHORT = rb"(?:(?<=[0-9])[0-9]{2}|(?<![0-9])\ ?+[0-9]{1,2}+)"
_COUNT = rb"[0-9]++(?:\.[0-9]++)?+(?:[eE][+-]?[0-9]{1,2}+)?+"
_DIRECTIVES = {
    **dict.fromkeys("ab", rb"[A-Za-z\x80-\xff]++"),
    **dict.fromkeys("mdHIMS", _SHORT),
    **dict.fromkeys("sLiNQ", _COUNT),
    "Y": rb"[0-9]{4}",
    "y": rb"[0-9]{2}",
    "p": rb"[AaPp][Mm]",
    "f": rb"[0-9]++",
    "z": rb"\ ?+(?:Z|[+-][0-9]{2}(?::?[0-9]{2})?+)",
    "Z": rb"[A-Za-z]{3,}+",
    "t": rb"[0-9A-Fa-f]{24}",
}
_MARKS = {"[": b"(?>", "|": b"|", "]": b")?+", " ": rb"(?:[ \t]|\xc2\xa0|\xe2\x80\xaf)++"}
_SPEC_PART = re.compile(r"%(.)|(.)", re.DOTALL)
_COUNT_PARTS = re.compile(rb"([0-9]+)(?:\.([0-9]+))?(?:[eE]([+-]?[0-9]+))?")
_COUNT_DIGITS = {"s": 9, "L": 6, "i": 3, "N": 0}
_ZEROS = bytes.maketrans(b"123456789", b"000000000")
_WRAPPING = b" \t\"'[](){}<>"


def parse(
    data: ReadableBuffer,
    begins: Int64s,
    ends: Int64s,
    layouts: Layouts,
    times: Int64s,
    kinds: Kinds,
    /,
) -> None:
    """Fill ``times`` and ``kinds`` with what the timestamps at the spans say.

    ================  ===================================================================================
    ``UNREADABLE``    no layout fits, a field is out of its range, or there is none; its time is ``NO_TIME``
    ``ABSOLUTE``      with a zone, or an epoch: nanoseconds since 1970 UTC
    ``LOCAL``         without a zone: nanoseconds as if it were UTC
    ``YEARLESS``      month, day and time: the same, in ``LEAP_YEAR``; a zone says nothing here and below
    ``TIME_ONLY``     nanoseconds since midnight
    ``OUT_OF_RANGE``  as the year 9999, which int64 cannot hold; its time is ``NO_TIME``
    ================  ===================================================================================

    Blanks, quotes and brackets around a timestamp are not looked at, and what is longer than ``LONGEST`` is none. The
    layout that fitted the row before is tried first, then all in their order: where two read the same text differently,
    the first to fit a row goes on (``times.fitting`` leaves one of such two).

    Args:
        data: the bytes.
        begins: where each timestamp begins, or -1.
        ends: where it ends, or -1.
        layouts: how they may be spelt.
        times: receives the times.
        kinds: receives the kinds.
    """
    if not isinstance(layouts, Layouts):
        raise TypeError("layouts is not a Layouts")
    times, kinds = array_of("times", times, np.int64, writable=True), array_of("kinds", kinds, np.uint8, writable=True)
    texts = [text.strip(_WRAPPING) for text in texts_at(data, begins, ends)]
    require_equal(np.asarray(begins), times, kinds)
    times[:], kinds[:] = NO_TIME, UNREADABLE
    shapes, which = numbered([text.translate(_ZEROS) for text in texts])
    groups: dict[tuple[int, Fields], list[int]] = {}
    for number, shape in enumerate(shapes):
        for fit in _fits(shape, tuple(layouts.specs)):
            groups.setdefault(fit, []).append(number)
    lengths = np.fromiter(map(len, texts), np.int64, len(texts))
    joined, starts = np.frombuffer(b"".join(texts), np.uint8), np.cumsum(lengths) - lengths
    readings: list[tuple[int, Int64s, Int64s, Kinds]] = []
    for (layout, fields), numbers in groups.items():
        is_fitted = np.zeros(len(shapes), np.bool_)
        is_fitted[numbers] = True
        rows = np.flatnonzero(is_fitted[which])
        readings.append((layout, rows, *_readings(fields, joined, starts[rows])))
    if len(readings) > 1 and np.bincount(np.concatenate([rows for _, rows, _, _ in readings])).max() > 1:
        _settle(readings, times, kinds)
    else:
        for _, rows, read, kind in readings:
            times[rows], kinds[rows] = read, kind


def _settle(readings: list[tuple[int, Int64s, Int64s, Kinds]], times: Int64s, kinds: Kinds) -> None:
    """Fill both, row by row, where some texts are fitted by several layouts."""
    read: list[dict[int, tuple[int, int]]] = [{} for _ in times]
    for layout, rows, time_column, kind_column in sorted(readings, key=lambda reading: reading[0]):
        for row, time, kind in zip(rows.tolist(), time_column.tolist(), kind_column.tolist(), strict=True):
            read[row][layout] = time, kind
    last = 0
    for row, found in enumerate(read):
        for layout in (last, *found):
            time, kind = found.get(layout, (NO_TIME, UNREADABLE))
            kinds[row] = max(kinds[row], kind)
            if time != NO_TIME:
                times[row], kinds[row], last = time, kind, layout
                break


@lru_cache(4096)
def _fits(shape: bytes, specs: tuple[str, ...]) -> list[tuple[int, Fields]]:
    """The layouts that fit all texts of a shape, by number, and where the fields of each then are."""
    fits = []
    for number, spec in enumerate(specs if 0 < len(shape) <= LONGEST else ()):
        if match := _pattern(spec).fullmatch(shape):
            found = {group[0]: match.span(group) for group, text in match.groupdict().items() if text}
            fields = ((key, *span, _constant(key, shape, *span)) for key, span in found.items())
            fits.append((number, tuple(fields)))
    return fits


def _constant(directive: str, shape: bytes, begin: int, end: int) -> bytes:
    """What all texts of a shape have in the place of a directive, or before it where that matters."""
    return shape[begin:end] if directive in "bpZz" else shape[:begin][-1:] if directive == "f" else b""


@lru_cache(1024)
def _pattern(spec: str) -> re.Pattern[bytes]:
    """What the layout fits; groups are named by their directive and a number, as alternatives may share one."""
    pattern = b""
    for number, part in enumerate(_SPEC_PART.finditer(spec)):
        directive, mark = part.groups()
        dot = rb"\.?+" if directive in ("a", "b") and spec[part.end() : part.end() + 1] != "." else b""
        if mark:
            pattern += _MARKS.get(mark) or re.escape(mark.encode())
        else:
            pattern += f"(?P<{directive}{number}>".encode() + _DIRECTIVES[directive] + b")" + dot
    return re.compile(pattern)


def _readings(fields: Fields, joined: Bytes, starts: Int64s) -> tuple[Int64s, Kinds]:
    """Times and kinds of texts that begin at ``starts`` and have the fields at the same places."""
    found = {directive: (begin, end, text) for directive, begin, end, text in fields}
    for directive in found.keys() & {*"sLiNQt"}:
        begin, end, _ = found[directive]
        texts = (joined[start + begin : start + end].tobytes() for start in starts.tolist())
        read = [_tai64n(text) if directive == "t" else _count(text, directive) for text in texts]
        return np.array([time for time, _ in read], np.int64), np.array([kind for _, kind in read], np.uint8)
    return _composed({**dict.fromkeys("YymdHIMSfz", (0, 0, b"")), **found}, found.keys(), joined, starts)


def _composed(
    at: dict[str, tuple[int, int, bytes]], found: AbstractSet[str], joined: Bytes, starts: Int64s
) -> tuple[Int64s, Kinds]:
    def numbers(begin: int, end: int, _: bytes = b"") -> Int64s:
        return _numbers(joined, starts, begin, end)

    hour, minute, second = (numbers(*at[directive]) for directive in "HMS")
    is_good = (minute < 60) & (second <= 60)
    if "I" in found:
        hour = numbers(*at["I"])
        is_good &= (hour >= 1) & (hour <= 12)
        if "p" in found:
            hour = hour % 12 + (12 if at["p"][2] in (b"PM", b"pm", b"Pm", b"pM") else 0)
    is_good &= hour < 24
    seconds = hour * 3600 + minute * 60 + second
    east: Int64s | int | None = ZONES.get(at["Z"][2].lower()) if "Z" in found else None
    if "z" in found:
        east, is_zone = _offsets(numbers, *at["z"])
        is_good &= is_zone
    kind = LOCAL if east is None else ABSOLUTE
    if not found & {*"Yymdb"}:
        kind = TIME_ONLY
    elif not found & {*"Yy"}:
        kind = YEARLESS
    if kind != TIME_ONLY:
        year, month, day = _year(numbers, at, found), numbers(*at["m"]), numbers(*at["d"])
        if "b" in found:
            month[:] = MONTHS.get(at["b"][2].lower(), 0)
        months = ((year - 1970) * 12 + month - 1).astype("M8[M]")
        days = months.astype("M8[D]") + (day - 1)
        is_good &= (month >= 1) & (month <= 12) & (day >= 1) & (days.astype("M8[M]") == months)
        seconds += days.astype(np.int64) * 86400
    if kind == ABSOLUTE and east is not None:
        seconds -= east
    begin, end, mark = at["f"]
    width = min(end - begin, 9)
    # A colon is no decimal mark: what follows it is a count, of milliseconds where no zeros make it longer.
    unit = 10 ** (6 if mark == b":" and width < 3 else 9 - width)
    fraction = np.where(second == 60, 0, numbers(begin, begin + width) * unit)
    is_far = (seconds > _LAST) | (seconds < _FIRST)
    is_far |= (seconds == _LAST) & (fraction > _LAST_FRACTION) | (seconds == _FIRST) & (fraction <= _FIRST_FRACTION)
    times = np.where(is_good & ~is_far, seconds * _SECOND + fraction, NO_TIME)
    return times, np.where(is_good, np.where(is_far, OUT_OF_RANGE, kind), UNREADABLE).astype(np.uint8)


def _numbers(joined: Bytes, starts: Int64s, begin: int, end: int) -> Int64s:
    """The numbers at these places of each text, which may begin with a blank; 0 where there is no place."""
    if begin == end:
        return np.zeros(len(starts), np.int64)
    digits = joined[starts[:, None] + np.arange(begin, end)] & 15  # a blank gives 0
    return np.asarray(digits @ (10 ** np.arange(end - begin)[::-1]), np.int64)


def _offsets(numbers: Callable[..., Int64s], begin: int, end: int, text: bytes) -> tuple[Int64s, Bools]:
    """Seconds east of UTC, and whether there can be such."""
    digits = text.lstrip(b" Z").replace(b":", b"")
    first = end - len(text.lstrip(b" Z")) + 1
    hours = numbers(first, first + 2) if digits else numbers(0, 0)
    minutes = numbers(end - 2, end) if len(digits) == 5 else numbers(0, 0)
    return (hours * 3600 + minutes * 60) * (-1 if digits[:1] == b"-" else 1), (hours < 24) & (minutes < 60)


def _year(numbers: Callable[..., Int64s], at: dict[str, tuple[int, int, bytes]], found: AbstractSet[str]) -> Int64s:
    if "Y" in found:
        return numbers(*at["Y"])
    year = numbers(*at["y"])
    return year + np.where(year < 69, 2000, 1900) if "y" in found else year + LEAP_YEAR


def _count(text: bytes, directive: str) -> tuple[int, int]:
    """The time of a number of units since 1970."""
    match = _COUNT_PARTS.fullmatch(text)
    assert match
    digits, exponent = match[1] + (match[2] or b""), int(match[3] or 0)
    point = len(match[1]) + exponent
    if directive == "Q" and point < 9:
        return NO_TIME, UNREADABLE
    scale = 9 if point <= 11 else 6 if point <= 14 else 3 if point <= 17 else 0
    length = max(point + _COUNT_DIGITS.get(directive, scale), 0)
    return _within(int(digits[:length].ljust(length, b"0") or b"0"))


def _tai64n(text: bytes) -> tuple[int, int]:
    second, nanosecond = int(text[:16], 16), int(text[16:], 16)
    if nanosecond >= _SECOND:
        return NO_TIME, UNREADABLE
    return _within((second - _TAI_1970) * _SECOND + nanosecond)


def _within(time: int) -> tuple[int, int]:
    return (time, ABSOLUTE) if abs(time) < 2**63 else (NO_TIME, OUT_OF_RANGE)
