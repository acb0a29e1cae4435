"""The scan kernel and its twin: each does what is said, and both do the same."""

from __future__ import annotations

import gzip
import os
import subprocess
import sys
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from fractions import Fraction
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
import pytest
from hypothesis import assume, example, given, settings
from hypothesis import strategies as st

from telemap.records import scan, scan_python

if TYPE_CHECKING:
    from collections.abc import Iterator
    from types import ModuleType

try:
    from telemap.records import _scan
except ImportError:
    _scan = None

UUID = b"123e4567-e89b-12d3-a456-426614174000"
LETTER_UUID = b"deadbeef-dead-beef-dead-beefdeadbeef"


@pytest.fixture(scope="session")
def native() -> ModuleType:
    if _scan is None:
        pytest.skip("the native kernel is not built: python setup.py build_ext --inplace")
    return _scan


@pytest.fixture(scope="session", params=["python", "native"])
def kernel(request: pytest.FixtureRequest) -> ModuleType:
    return scan_python if request.param == "python" else request.getfixturevalue("native")


def split(kernel: ModuleType, data, start=0, stop=None, final=True, table=None, size=None):
    """Lines as (offset, length, class), and the position after the last."""
    size = len(data) + 1 if size is None else size
    arrays = np.zeros(size, np.int64), np.zeros(size, np.int64), np.zeros(size, np.uint32)
    table = kernel.ClassTable() if table is None else table
    count, consumed = kernel.split(data, start, len(data) if stop is None else stop, final, table, *arrays)
    return list(zip(*(array[:count].tolist() for array in arrays), strict=True)), consumed


def classes(kernel: ModuleType, *lines: bytes) -> list[int]:
    return [number for _, _, number in split(kernel, b"\n".join(lines) + b"\n")[0]]


def capture(kernel: ModuleType, lines: list[bytes], plan: list[int]) -> list[list[bytes | None]]:
    """The captured text of each line, a list of groups."""
    data = b"|".join(lines)
    lengths = np.array([len(line) for line in lines], np.int64)
    offsets = np.cumsum(lengths + 1) - lengths - 1
    starts, ends = np.full((2, len(plan) // 4, len(lines)), -7, np.int64)
    kernel.capture(data, offsets, lengths, np.arange(len(lines)), np.array(plan, np.int32), starts, ends)
    return [
        [None if (start, end) == (-1, -1) else data[start:end] for start, end in zip(*spans, strict=True)]
        for spans in zip(starts.T.tolist(), ends.T.tolist(), strict=True)
    ]


def spans_of(texts: list[bytes | None]) -> tuple[bytes, np.ndarray, np.ndarray]:
    """The texts in one buffer, between bytes that would change the result if read; None is an absent span."""
    data, starts, ends = bytearray(b"7"), [], []
    for text in texts:
        starts.append(-1 if text is None else len(data))
        data += (text or b"") + b"7"
        ends.append(-1 if text is None else len(data) - 1)
    return bytes(data), np.array(starts, np.int64), np.array(ends, np.int64)


def decimals(kernel: ModuleType, texts: list[bytes | None], scale: int) -> list[int | None]:
    out, valid = np.full(len(texts), 9, np.int64), np.full(len(texts), 9, np.uint8)
    data, starts, ends = spans_of(texts)
    kernel.decimals(data, starts, ends, scale, out, valid)
    assert set(valid.tolist()) <= {0, 1}
    assert not out[valid == 0].any()
    return [value if good else None for value, good in zip(out.tolist(), valid.tolist(), strict=True)]


def timestamps(kernel: ModuleType, texts: list[bytes | None]) -> list[int | None]:
    out = np.full(len(texts), 9, np.int64)
    kernel.timestamps(*spans_of(texts), out)
    return [None if value == scan.NO_TIME else value for value in out.tolist()]


# ---- Masks and classes ----


MASKED = [
    (b"", []),
    (b"no digit, no mask", []),
    (b"7", [(0, 1, "D")]),
    (b"beat 12 of 3", [(5, 7, "D"), (11, 12, "D")]),
    (b"12ms 154Z 3x 4sec", [(0, 2, "D"), (5, 8, "D"), (10, 11, "D"), (13, 14, "D")]),
    (b"12msec", [(0, 6, "X")]),
    (b"12m3", [(0, 4, "X")]),
    (b"a1 1a1 abcdefgh1 12345678abcd", [(0, 2, "X"), (3, 6, "X"), (7, 16, "X"), (17, 29, "X")]),
    (b"123456789012345678ms", [(0, 18, "D")]),
    (b"12345678 1234567ms 12345678s", [(0, 8, "D"), (9, 16, "D"), (19, 27, "D")]),
    (
        b"2025-11-13T06:05:51.274Z",
        [(0, 4, "D"), (5, 7, "D"), (8, 13, "X"), (14, 16, "D"), (17, 19, "D"), (20, 23, "D")],
    ),
    (UUID, [(0, 36, "U")]),
    (b"id=" + LETTER_UUID.upper() + b".", [(3, 39, "U")]),
    (b"x" + UUID, [(0, 9, "X"), (10, 14, "X"), (15, 19, "X"), (20, 24, "X"), (25, 37, "D")]),
    (LETTER_UUID + b"f", []),
    (b"x-" + LETTER_UUID + b"-1", [(2, 38, "U"), (39, 40, "D")]),
    (b"abcdefab-" + UUID, [(9, 45, "U")]),
    (b"12345678-" + UUID, [(0, 8, "D"), (9, 45, "U")]),
    (LETTER_UUID[:-1] + b"g", []),
    ("é1 ١ 1é".encode(), [(2, 3, "D"), (7, 8, "D")]),
    (b"\x001\xff2_3", [(1, 2, "D"), (3, 4, "D"), (5, 6, "D")]),
    (b"x" + LETTER_UUID, []),
    (b"12345678a1 12345678ab 12345678ms 12a 12KiB", [(0, 10, "X"), (11, 21, "X"), (22, 30, "D"), (33, 36, "X"), (37, 39, "D")]),
    (b"1@2 3`4 5[6 7{8 9/1 2:3", [(n, n + 1, "D") for n in range(0, 23, 2)]),
    (b"@1 `1 [1 {1 /1 :1", [(n, n + 1, "D") for n in range(1, 18, 3)]),
    (b"1@ 1` 1[ 1{ 1/ 1:", [(n, n + 1, "D") for n in range(0, 18, 3)]),
    (b"a literal that is longer than several words of the machine, then 1", [(65, 66, "D")]),
]
OTHER_VALUES = {
    "D": [b"8", b"1234567", b"12345678", b"12345678901234567"],
    "X": [b"a8", b"8a8", b"8aaaa", b"zzzzzzz8", b"8aaaaaaaaaaaaaaaaaaa"],
    "U": [UUID, LETTER_UUID, UUID.upper()],
}


@pytest.mark.parametrize(("line", "expected"), MASKED)
def test_masks_cover_digits_mixed_tokens_and_uuids(line, expected):
    assert scan.masks(line) == expected


@pytest.mark.parametrize(("line", "expected"), MASKED)
def test_each_mask_can_be_captured(kernel, line, expected):
    spans = [(start, end) for start, end, _ in expected]
    plan = scan.plan_of(line, spans)
    assert plan is not None
    assert capture(kernel, [line], plan) == [[line[start:end] for start, end in spans]]


@pytest.mark.parametrize(("line", "expected"), MASKED)
def test_what_is_masked_does_not_matter(kernel, line, expected):
    variants = [line[:start] + value + line[end:] for start, end, kind in expected for value in OTHER_VALUES[kind]]
    assert set(classes(kernel, line, *variants)) == {0}


@pytest.mark.parametrize(("line", "expected"), MASKED)
def test_every_byte_that_is_not_masked_matters(kernel, line, expected):
    masked = {position for start, end, _ in expected for position in range(start, end)}
    variants = [
        line[:i] + (b"~" if not byte.isalpha() else b"b" if byte in b"aA" else b"a") + line[i + 1 :]
        for i in {*range(len(line))} - masked
        for byte in [line[i : i + 1]]
    ]
    assert classes(kernel, line, *variants)[1:].count(0) == 0
    assert classes(kernel, line, line + b"\x00", line + b" 1", line + b"\r ", b"\x01" + line) == [0, 1, 2, 3, 4]


@pytest.mark.parametrize(
    ("lines", "expected"),
    [
        ([b"a 1", b"a 22", b"b 1", b"a 333"], [0, 0, 1, 0]),
        ([b"3ms", b"12ms", b"3s", b"3"], [0, 0, 1, 2]),
        ([b"1", b"a1", UUID, LETTER_UUID, b"", b"D", b"X", b"U"], [0, 1, 2, 2, 3, 4, 5, 6]),
        ([b" 1", b"1 ", b" 1 ", b"1"], [0, 1, 2, 3]),
        ([b"1\x00", b"1", b"\x001", b"\x00", b"\x00\x00", b""], [0, 1, 2, 3, 4, 5]),
        ([b"abcdefgh", b"abcdefgh\x00", b"abcdefghabcdefgh", b"abcdefgi"], [0, 1, 2, 3]),
        ([b"x" * 40 + b"1", b"x" * 39 + b"1", b"x" * 40 + b"y"], [0, 0, 1]),
        ([b"\xff1", b"\xfe2", b"\xff3"], [0, 1, 0]),
        ([b"", b"\r", b"\r\r"], [0, 0, 1]),
    ],
)
def test_lines_of_one_shape_share_a_class_and_others_do_not(kernel, lines, expected):
    assert classes(kernel, *lines) == expected


def test_a_full_table_knows_its_shapes_and_no_others(kernel):
    table = kernel.ClassTable(2)
    assert split(kernel, b"a\nb\nc\na\nc\nb 1", table=table)[0] == [
        (0, 1, 0),
        (2, 1, 1),
        (4, 1, scan.OVERFLOW),
        (6, 1, 0),
        (8, 1, scan.OVERFLOW),
        (10, 3, scan.OVERFLOW),
    ]
    assert len(table) == 2


def test_a_table_keeps_its_classes_from_call_to_call(kernel):
    table = kernel.ClassTable()
    assert len(table) == 0
    assert split(kernel, b"a 1\nb 1", table=table)[0] == [(0, 3, 0), (4, 3, 1)]
    assert split(kernel, b"c 1\nb 2", table=table)[0] == [(0, 3, 2), (4, 3, 1)]
    assert len(table) == 3


def test_thousands_of_shapes_are_told_apart(kernel):
    words = [bytes([97 + a, 97 + b, 97 + c]) for a in range(26) for b in range(26) for c in range(20)]
    assert classes(kernel, *words, *words) == [*range(len(words)), *range(len(words))]


# ---- Lines ----


@pytest.mark.parametrize(
    ("data", "expected"),
    [
        (b"", []),
        (b"\n", [b""]),
        (b"\n\n", [b"", b""]),
        (b"a\r\nb\r\r\n\r\nc\rd\r", [b"a", b"b\r", b"", b"c\rd"]),
        ("a\u2028b\u0085c\x0bd ✅\ne".encode(), ["a\u2028b\u0085c\x0bd ✅".encode(), b"e"]),
        (b"\xff\x00\n\x85", [b"\xff\x00", b"\x85"]),
    ],
)
def test_lines_end_at_newlines_only_and_lose_one_carriage_return(kernel, data, expected):
    lines, consumed = split(kernel, data)
    assert [data[offset : offset + length] for offset, length, _ in lines] == expected
    assert consumed == len(data)


def test_a_piece_without_newline_waits_unless_final(kernel):
    assert split(kernel, b"a\nbc", final=False) == ([(0, 1, 0)], 2)
    assert split(kernel, b"a\nbc", start=2, final=False) == ([], 2)
    assert split(kernel, b"a\nbc", start=2) == ([(2, 2, 0)], 4)


def test_a_part_of_the_data_is_read_as_if_nothing_were_around_it(kernel):
    assert split(kernel, b"99a 1\nb 177", start=2, stop=9) == ([(2, 3, 0), (6, 3, 1)], 9)
    assert classes(kernel, b"a 1", b"b 1") == [0, 1]


def test_full_arrays_stop_at_a_line_and_the_next_call_goes_on(kernel):
    data, table = b"a\nb\nc 1\nc 2", kernel.ClassTable()
    first, consumed = split(kernel, data, table=table, size=3)
    rest, end = split(kernel, data, start=consumed, table=table, size=3)
    assert (first + rest, consumed, end) == ([(0, 1, 0), (2, 1, 1), (4, 3, 2), (8, 3, 2)], 8, 11)
    assert split(kernel, data, size=0) == ([], 0)


@pytest.mark.parametrize("wrap", [bytes, bytearray, memoryview, lambda data: np.frombuffer(data, np.uint8)])
def test_any_buffer_can_be_read(kernel, wrap):
    assert split(kernel, wrap(b"a 1\nb 2\na 3\n")) == ([(0, 3, 0), (4, 3, 1), (8, 3, 0)], 12)


def test_a_line_of_megabytes_with_a_hundred_thousand_masks_is_a_line(kernel):
    line = b"ab 12 c3 " * 100_000 + b"z" * 5_000_000 + b" 9"
    data = line + b"\n" + line.replace(b"12", b"4567")
    lines, consumed = split(kernel, data, size=2)
    assert (lines, consumed) == ([(0, len(line), 0), (len(line) + 1, len(line) + 200_000, 0)], len(data))
    plan = scan.plan_of(line, [(len(line) - 10, len(line) - 2), (len(line) - 1, len(line))])
    assert plan == [200_000, 4_999_993, 200_000, 5_000_001, 200_000, 5_000_002, 200_001, 0]
    assert capture(kernel, [line, line + b"8"], plan) == [[b"z" * 8, b"9"], [b"z" * 8, b"98"]]


# ---- Captures ----


def test_a_plan_counts_masks_and_bytes_after_them():
    line = b"beat 12 took 3ms"
    assert scan.plan_of(line, [(0, 4), (5, 7), (-1, -1), (13, 16), (16, 16), (0, 0)]) == [
        *(0, 0, 0, 4),
        *(0, 5, 1, 0),
        *(-1, 0, -1, 0),
        *(1, 6, 2, 2),
        *(2, 2, 2, 2),
        *(0, 0, 0, 0),
    ]


@pytest.mark.parametrize("span", [(0, 6), (6, 7), (6, 6), (9, 11)])
def test_there_is_no_plan_for_a_boundary_inside_a_mask(span):
    assert scan.plan_of(b"beat 12 a1b", [span]) is None


@pytest.mark.parametrize("span", [(-1, 0), (0, 5), (3, 2), (-2, -2)])
def test_a_span_outside_the_line_has_no_plan(span):
    with pytest.raises(ValueError, match="not within the line"):
        scan.plan_of(b"beat", [span])


def test_a_plan_finds_the_same_captures_in_all_lines_of_a_class(kernel):
    lines = [b"beat 12 took 3ms by " + UUID, b"beat 7 took 123456789ms by " + LETTER_UUID]
    plan = scan.plan_of(lines[0], [(5, 7), (-1, -1), (13, 14), (20, 56), (0, 56)])
    assert plan is not None
    assert capture(kernel, lines, plan) == [
        [b"12", None, b"3", UUID, lines[0]],
        [b"7", None, b"123456789", LETTER_UUID, lines[1]],
    ]


def test_a_line_that_is_too_short_or_has_too_few_masks_captures_nothing(kernel):
    plan = [0, 0, 1, 0, 1, 0, 2, 0, 0, 3, 0, 4, 0, 4, 0, 3, 2**31 - 1, 0, 2**31 - 1, 2**31 - 1, -1, -5, 3, 3]
    assert capture(kernel, [b"1 2 ", b"1 a", b"", b"abcd 1"], plan) == [
        [b"1", b" 2", b" ", None, None, None],
        [b"1", None, None, None, None, None],
        [None, None, None, None, None, None],
        [b"abcd 1", None, b"d", None, None, None],
    ]


def test_rows_choose_the_lines_in_their_order(kernel):
    data, offsets, lengths = b"a1 b22 c333", np.array([0, 3, 7]), np.array([2, 3, 4])
    starts, ends = np.zeros((2, 4), np.int64)
    kernel.capture(data, offsets, lengths, np.array([2, 0, 2, 1]), np.array([0, 0, 1, 0], np.int32), starts, ends)
    assert (starts.tolist(), ends.tolist()) == ([7, 0, 7, 3], [11, 2, 11, 6])


# ---- Values ----


@pytest.mark.parametrize(
    ("text", "scale", "expected"),
    [
        (b"-12", 0, -12),
        (b"+12", 2, 1200),
        (b"272.30", 6, 272_300_000),
        (b"272.30", 1, 2723),
        (b"0.05", 1, 1),
        (b"-0.05", 1, -1),
        (b"0.0499999999999999999999", 1, 0),
        (b"-0.04", 1, 0),
        (b"9.99", 1, 100),
        (b".5", 3, 500),
        (b"5.", 3, 5000),
        (b"000000000000000000000000012", 0, 12),
        (b"9223372036854775807", 0, 2**63 - 1),
        (b"9223372036854775807.4", 0, 2**63 - 1),
        (b"9223372036854775807.5", 0, None),
        (b"9223372036854775808", 0, None),
        (b"-9223372036854775808", 0, -(2**63)),
        (b"-9223372036854775808.5", 0, None),
        (b"9.223372036854775807", 18, 2**63 - 1),
        (b"9.3", 18, None),
        (b"10", 18, None),
        (b"0", 18, 0),
        (b"1" * 5000, 0, None),
        (b"0." + b"1" * 5000, 3, 111),
        *((text, 2, None) for text in (b"", b"-", b".", b"-.", b"1e", b"1e5", b"1.2.3", b"--1", b"1-", b" 1", b"1 ")),
        *((text, 2, None) for text in (b"\x00", b"1,5", b"0x1", b"nan", b"1_0", "١".encode(), b"+-1", b"1\n", None)),
    ],
)
def test_decimals_are_scaled_and_rounded_half_away_from_zero(kernel, text, scale, expected):
    assert decimals(kernel, [text], scale) == [expected]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        (b"1970-01-01T00:00:00Z", 0),
        (b"1970-01-01 00:00:01", 10**9),
        (b"2025-11-13T06:05:51.274Z", 1_763_013_951_274_000_000),
        (b"2025-11-13T06:05:51,274", 1_763_013_951_274_000_000),
        (b"2025-11-13T07:35:51.274+01:30", 1_763_013_951_274_000_000),
        (b"2025-11-12T21:05:51.274-0900", 1_763_013_951_274_000_000),
        (b"2025-11-12T21:05:51.274-09", 1_763_013_951_274_000_000),
        (b"1970-01-01T00:00:00.1234567899999", 123_456_789),
        (b"1969-12-31T23:59:59.9", -100_000_000),
        (b"2000-02-29T00:00:00Z", 951_782_400_000_000_000),
        (b"2262-04-11T23:47:16.854775807Z", 2**63 - 1),
        (b"2262-04-11T23:47:16.854775808Z", None),
        (b"2262-04-12T00:47:16.854775807+01:00", 2**63 - 1),
        (b"1677-09-21T00:12:43.145224193Z", -(2**63) + 1),
        (b"1677-09-21T00:12:43.145224192Z", None),
        (b"1677-09-21T00:12:43Z", None),
        *(
            (text, None)
            for text in (b"2262-04-11T23:47:17Z", b"9999-12-31T23:59:59Z", b"0000-01-01T00:00:00Z", b"", None)
        ),
        *((text, None) for text in (b"2025-02-29T00:00:00Z", b"1900-02-29T00:00:00Z", b"2025-02-30T00:00:00Z")),
        *((text, None) for text in (b"2025-13-01T00:00:00", b"2025-00-01T00:00:00", b"2025-01-00T00:00:00")),
        *((text, None) for text in (b"2025-01-01T24:00:00", b"2025-01-01T00:60:00", b"2025-01-01T00:00:60")),
        *((text, None) for text in (b"2025-01-01", b"2025-01-01T00:00", b"2025-01-01t00:00:00", b"2025-1-01T00:00:00")),
        *((b"2025-01-01T00:00:00" + tail, None) for tail in (b".", b".Z", b".5 ", b"z", b"ZZ", b"+", b"+1", b"+24")),
        *(
            (b"2025-01-01T00:00:00" + tail, None)
            for tail in (b"+01:", b"+01:6", b"+01:60", b"+010", b"+01-00", b"+01:000")
        ),
        *((text, None) for text in (b"2025-01-01  00:00:00", b" 2025-01-01T00:00:00", b"2025-01-01T00:00:00\n")),
        *((text, None) for text in (b"2025/01/01T00:00:00", b"2025-01-01T00.00.00", b"-025-01-01T00:00:00")),
    ],
)
def test_timestamps_are_nanoseconds_or_nothing(kernel, text, expected):
    assert timestamps(kernel, [text]) == [expected]


def test_every_day_of_five_centuries_is_read(kernel):
    days = [datetime(1680, 1, 1) + timedelta(days=n) for n in range(580 * 365)]
    expected = [((day - datetime(1970, 1, 1)).days * 86400 + 43200) * 10**9 for day in days]
    assert timestamps(kernel, [day.strftime("%Y-%m-%d 12:00:00").encode() for day in days]) == expected


def test_spans_are_gathered_back_to_back(kernel):
    data, starts, ends = spans_of([b"ab", None, b"", b"\x00\xff", b"ab"])
    out = bytearray(6)
    kernel.gather(data, starts, ends, out)
    assert out == b"ab\x00\xffab"


def test_nothing_to_do_is_done(kernel):
    none, few = np.zeros(0, np.int64), np.zeros(0, np.int32)
    kernel.capture(b"", none, none, none, few, none, none)
    kernel.capture(b"a", np.array([0]), np.array([1]), np.array([0]), few, none, none)
    kernel.decimals(b"", none, none, 3, none, np.zeros(0, np.uint8))
    kernel.timestamps(b"", none, none, none)
    kernel.gather(np.zeros(0, np.uint8), none, none, np.zeros(0, np.uint8))


# ---- Arguments ----


def read_only(size: int) -> np.ndarray:
    array = np.zeros(size, np.int64)
    array.flags.writeable = False
    return array


def i64(*values: int) -> np.ndarray:
    return np.array(values, np.int64)


def bad_splits(kernel: ModuleType) -> Iterator[tuple]:
    table, a, b, c = kernel.ClassTable(), i64(0, 0), i64(0, 0), np.zeros(2, np.uint32)
    yield b"a", -1, 1, True, table, a, b, c
    yield b"a", 1, 0, True, table, a, b, c
    yield b"a", 0, 2, True, table, a, b, c
    yield b"a", 0, 1, True, table, a, b[:1], c
    yield b"a", 0, 1, True, table, a, b, c[:1]
    yield b"a", 0, 1, True, table, read_only(2), b, c
    yield b"a", 0, 1, True, table, a, np.zeros(4, np.int64)[::2], c
    yield b"a", 0, 1, True, table, a, np.zeros(2, np.float64), c
    yield b"a", 0, 1, True, table, a, b, c.astype(np.int32)
    yield b"a", 0, 1, True, table, a, b, c.astype(np.uint64)
    yield b"a", 0, 1, True, table, np.frombuffer(bytearray(17), np.uint8)[1:].view(np.int64), b, c
    yield memoryview(b"abcd")[::2], 0, 1, True, table, a, b, c


def bad_captures() -> Iterator[tuple]:
    plan, one = np.array([0, 0, 0, 1], np.int32), i64(0)
    yield b"a", one, i64(1), i64(1), plan, i64(0), i64(0)
    yield b"a", one, i64(1), i64(-1), plan, i64(0), i64(0)
    yield b"a", one, i64(2), one, plan, i64(0), i64(0)
    yield b"a", i64(-1), i64(1), one, plan, i64(0), i64(0)
    yield b"a", i64(2), i64(0), one, plan, i64(0), i64(0)
    yield b"a", one, i64(-1), one, plan, i64(0), i64(0)
    yield b"a", i64(2**62), i64(2**62), one, plan, i64(0), i64(0)
    yield b"a", i64(1), i64(2**63 - 1), one, plan, i64(0), i64(0)
    yield b"a", one, i64(1, 1), one, plan, i64(0), i64(0)
    yield b"a", one, i64(1), one, plan[:3], i64(0), i64(0)
    yield b"a", one, i64(1), one, plan, i64(0, 0), i64(0, 0)
    yield b"a", one, i64(1), one, plan, i64(0), i64()
    yield b"a", one, i64(1), one, plan, read_only(1), i64(0)
    yield b"a", one, i64(1), one, plan.astype(np.int64), i64(0), i64(0)
    for bad in ([-2, 0, 0, 0], [0, 0, -1, 0], [0, -1, 0, 0], [0, 0, 0, -1]):
        yield b"a", one, i64(1), one, np.array(bad, np.int32), i64(0), i64(0)


BAD_SPANS = [
    (i64(-1), i64(0)),
    (i64(0), i64(3)),
    (i64(1), i64(0)),
    (i64(-2), i64(-2)),
    (i64(0), i64(-1)),
    (i64(0), i64()),
]


def test_split_refuses_arguments_that_do_not_fit(kernel):
    for arguments in bad_splits(kernel):
        with pytest.raises(ValueError, match=r"within|differ|read-only|contiguous|another type|aligned"):
            kernel.split(*arguments)


def test_capture_refuses_arguments_that_do_not_fit(kernel):
    for arguments in bad_captures():
        with pytest.raises(ValueError, match=r"within|differ|read-only|another type|fours|one item|negative"):
            kernel.capture(*arguments)


@pytest.mark.parametrize(("starts", "ends"), BAD_SPANS)
def test_values_refuse_spans_outside_the_data(kernel, starts, ends):
    for call in (
        lambda: kernel.decimals(b"12", starts, ends, 0, i64(0), np.zeros(1, np.uint8)),
        lambda: kernel.timestamps(b"12", starts, ends, i64(0)),
        lambda: kernel.gather(b"12", starts, ends, bytearray(1)),
    ):
        with pytest.raises(ValueError, match=r"a span is not within the data|arrays differ in length"):
            call()


def test_values_refuse_arrays_that_do_not_fit(kernel):
    spans = i64(0), i64(2)
    for call in (
        lambda: kernel.decimals(b"12", *spans, -1, i64(0), np.zeros(1, np.uint8)),
        lambda: kernel.decimals(b"12", *spans, 19, i64(0), np.zeros(1, np.uint8)),
        lambda: kernel.decimals(b"12", *spans, 0, i64(), np.zeros(1, np.uint8)),
        lambda: kernel.decimals(b"12", *spans, 0, i64(0), np.zeros(2, np.uint8)),
        lambda: kernel.decimals(b"12", *spans, 0, i64(0), np.zeros(1, np.int8)),
        lambda: kernel.timestamps(b"12", *spans, i64(0, 0)),
        lambda: kernel.timestamps(b"12", *spans, read_only(1)),
        lambda: kernel.gather(b"12", *spans, bytearray(1)),
        lambda: kernel.gather(b"12", *spans, bytearray(3)),
        lambda: kernel.gather(b"12", *spans, bytes(2)),
    ):
        with pytest.raises(ValueError, match=r"scale|differ|another type|read-only|smaller|larger"):
            call()


def test_what_is_not_a_buffer_or_a_table_is_a_type_error(kernel):
    arrays = i64(0), i64(0), np.zeros(1, np.uint32)
    for call in (
        lambda: kernel.split("text", 0, 1, True, kernel.ClassTable(), *arrays),
        lambda: kernel.split(b"a", 0, 1, True, {}, *arrays),
        lambda: kernel.split(b"a", 0, 1, True, kernel.ClassTable(), [0], *arrays[1:]),
        lambda: kernel.gather(None, i64(0), i64(0), bytearray()),
        lambda: kernel.ClassTable("many"),
        lambda: kernel.ClassTable(1.5),
        lambda: kernel.gather(b""),
    ):
        with pytest.raises(TypeError):
            call()


@pytest.mark.parametrize("capacity", [0, -1, 2**24 + 1])
def test_a_table_holds_at_least_one_shape_and_not_too_many(kernel, capacity):
    with pytest.raises(ValueError, match="capacity is not within"):
        kernel.ClassTable(capacity)


def test_the_twin_is_used_on_request_and_otherwise_the_native_kernel_if_built():
    program = "from telemap.records import scan; print(scan.IS_NATIVE, scan.split.__module__)"
    environment = {key: value for key, value in os.environ.items() if key != "TELEMAP_PURE_PYTHON"}
    environment["PYTHONPATH"] = str(Path(scan.__file__).parents[2])

    def run(**more: str) -> str:
        command = [sys.executable, "-c", program]
        return subprocess.run(
            command, env=environment | more, check=True, capture_output=True, text=True
        ).stdout.strip()

    assert run(TELEMAP_PURE_PYTHON="1") == "False telemap.records.scan_python"
    assert run() == ("False telemap.records.scan_python" if _scan is None else "True telemap.records._scan")


# ---- Laws ----

FRAGMENTS = [
    *(b"\n", b"\r", b"\r\n", b"-", b" ", b".", b"_", b"\x00", b"\xff", b"\x80", b"\xb0", b"\x10", "✅".encode()),
    *(b"1", b"a", b"A", b"f", b"z", b"0", b"9", b"12", b"ms", b"sec", b"abcdef", b"@", b"[", b"`", b"{", b"/", b":"),
    *(b"1234567", b"12345678", b"abcdefgh", b"deadbeef", b"dead", b"-dead", b"-4bad", b"beefdeadbeef"),
    *(UUID, UUID.upper(), LETTER_UUID, UUID[:-1], UUID[1:], b"8eadbeef-dead-beef-dead-beefdeadbee"),
]
blobs = st.lists(st.sampled_from(FRAGMENTS) | st.binary(max_size=3), max_size=40).map(b"".join)


def same(native: ModuleType, data: bytes, **arguments) -> None:
    assert split(native, data, **arguments) == split(scan_python, data, **arguments)


@settings(deadline=None, max_examples=400)
@given(blobs, st.booleans())
def test_both_kernels_split_and_class_alike(native, data, final):
    same(native, data, final=final)
    same(native, data, start=len(data) // 3, stop=len(data) - len(data) // 3, final=final)


def test_both_kernels_agree_wherever_a_line_ends(native):
    text = b"T 2025-11-13T06:05 " + UUID + b" abcdefgh1 12345678ms x-" + LETTER_UUID + b" 123456789012345678ms\xff1"
    for start in range(len(text)):
        for stop in range(start, min(start + 60, len(text)) + 1):
            same(native, text[start:stop] + b"\n" + text[start:stop].swapcase() + b"\n" + text, size=3)
            same(native, text, start=start, stop=stop, size=1)


@settings(deadline=None)
@given(blobs, st.integers(1, 5))
def test_lines_and_their_ends_tile_the_data_in_pieces_of_any_size(kernel, data, size):
    table, position, pieces = kernel.ClassTable(), 0, []
    while position < len(data):
        lines, consumed = split(kernel, data, start=position, table=table, size=size)
        pieces += lines
        position = consumed
    assert pieces == split(kernel, data)[0]
    assert b"".join(data[offset : offset + length] for offset, length, _ in pieces) == b"".join(
        line.removesuffix(b"\r") for line in data.split(b"\n")
    )


@settings(deadline=None)
@given(blobs.map(lambda data: data.replace(b"\n", b"")), st.data())
def test_a_plan_gives_back_the_spans_it_was_made_from(kernel, line, draw):
    positions = st.tuples(*[st.integers(0, len(line))] * 2).map(lambda pair: tuple(sorted(pair)))
    spans = draw.draw(st.lists(positions | st.just((-1, -1)), max_size=6))
    plan = scan.plan_of(line, spans)
    inside = {position for start, end, _ in scan.masks(line) for position in range(start + 1, end)}
    assert (plan is None) == any(position in inside for span in spans for position in span)
    assume(plan is not None)
    assert (
        capture(kernel, [line, line], plan)
        == [[None if span == (-1, -1) else line[slice(*span)] for span in spans]] * 2
    )


@settings(deadline=None)
@given(st.lists(blobs, max_size=5), st.lists(st.integers(-1, 9) | st.integers(0, 2**31 - 1), max_size=24))
def test_both_kernels_capture_alike_whatever_the_plan(native, lines, plan):
    plan = [max(value, 0) if i % 4 else value for i, value in enumerate(plan[: len(plan) // 4 * 4])]
    assert capture(native, lines, plan) == capture(scan_python, lines, plan)


NUMBERISH = st.from_regex(rb"[+-]?[0-9]{0,21}\.?[0-9]{0,21}", fullmatch=True) | st.binary(max_size=6)


@settings(deadline=None)
@given(st.lists(NUMBERISH | st.none()), st.integers(0, 18))
def test_both_kernels_read_decimals_alike(native, texts, scale):
    assert decimals(native, texts, scale) == decimals(scan_python, texts, scale)


@settings(deadline=None)
@given(st.decimals(allow_nan=False, allow_infinity=False, min_value=-(10**9), max_value=10**9), st.integers(0, 9))
@example(Decimal("-0.5"), 0)
@example(Decimal("2.5"), 0)
def test_decimals_are_rounded_as_fractions_are(kernel, value, scale):
    magnitude = int(abs(Fraction(value)) * 10**scale + Fraction(1, 2))
    assert decimals(kernel, [f"{value:f}".encode()], scale) == [-magnitude if value < 0 else magnitude]


TIMEISH = st.from_regex(
    rb"(1677|1970|2000|2025|2262|\d{4})-(0[0-9]|1[0-3])-([0-2][0-9]|3[0-2])[T ][0-2][0-9]:[0-6][0-9]:[0-6][0-9]"
    rb"([.,]\d{0,11})?(Z|[+-]\d\d(:?\d\d)?)?",
    fullmatch=True,
)


@settings(deadline=None)
@given(st.lists(TIMEISH | TIMEISH.map(lambda text: text[:-1]) | TIMEISH.map(lambda text: text + b"0") | st.none()))
def test_both_kernels_read_timestamps_alike(native, texts):
    assert timestamps(native, texts) == timestamps(scan_python, texts)


@settings(deadline=None)
@given(
    st.datetimes(datetime(1678, 1, 1), datetime(2261, 12, 31), timezones=st.timezones() | st.just(UTC)),
    st.sampled_from(["T", " "]),
)
def test_timestamps_are_those_of_the_standard_library(kernel, moment, separator):
    offset = moment.utcoffset()
    assume(offset is not None and offset.seconds % 60 == 0)
    expected = (moment - datetime(1970, 1, 1, tzinfo=UTC)) // timedelta(microseconds=1) * 1000
    assert timestamps(kernel, [moment.isoformat(separator).encode()]) == [expected]


@settings(deadline=None)
@given(st.lists(st.binary(max_size=9) | st.none()))
def test_gathered_bytes_are_the_spans_joined(kernel, texts):
    data, starts, ends = spans_of(texts)
    expected = b"".join(text or b"" for text in texts)
    out = bytearray(len(expected))
    kernel.gather(data, starts, ends, out)
    assert out == expected


@pytest.mark.shared
@pytest.mark.parametrize("pattern", ["renderx/logs/localhost-17954111*.log", "loghub_2k/*/*", "log_formats/**/*"])
def test_both_kernels_agree_on_recorded_logs(native, shared_data, pattern):
    files = [path for path in sorted(shared_data.glob(pattern)) if path.is_file()]
    assert files
    for path in files:
        same(native, gzip.decompress(path.read_bytes()) if path.suffix == ".gz" else path.read_bytes())
