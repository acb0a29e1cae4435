"""The scan kernel and its twin: each does what is said, and both do the same."""

from __future__ import annotations

import gzip
import os
import subprocess
import sys
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
    lines, consumed = split_with_heads(kernel, data, start, stop, final, table, size)
    return [line[:3] for line in lines], consumed


def split_with_heads(kernel: ModuleType, data, start=0, stop=None, final=True, table=None, size=None):
    """Lines as (offset, length, class, where the first masks end), and the position after the last."""
    size = len(data) + 1 if size is None else size
    heads = np.zeros((size, scan.HEADS), np.uint16)
    arrays = np.zeros(size, np.int64), np.zeros(size, np.int64), np.zeros(size, np.uint32), heads
    table = kernel.ClassTable() if table is None else table
    count, consumed = kernel.split(data, start, len(data) if stop is None else stop, final, table, *arrays)
    return list(zip(*(array[:count].tolist() for array in arrays), strict=True)), consumed


def heads_of(lines: list[bytes], values: bool) -> np.ndarray:
    """Where the first masks of each line end, as the twin tells."""
    heads = np.zeros((len(lines), scan.HEADS), np.uint16)
    arrays = np.zeros(len(lines), np.int64), np.zeros(len(lines), np.int64), np.zeros(len(lines), np.uint32)
    for i, line in enumerate(lines):
        table = scan_python.ClassTable(values=values)
        scan_python.split(line + b"\n", 0, len(line) + 1, True, table, *(a[i : i + 1] for a in (*arrays, heads)))
    return heads


def classes(kernel: ModuleType, *lines: bytes, values: bool = False) -> list[int]:
    table = kernel.ClassTable(values=values)
    return [number for _, _, number in split(kernel, b"\n".join(lines) + b"\n", table=table)[0]]


def capture(kernel: ModuleType, lines: list[bytes], plan: list[int], values: bool = False) -> list[list[bytes | None]]:
    """The captured text of each line, a list of groups; all lines follow the one plan."""
    groups = len(plan) // 4
    steps = [item for g in range(groups) for item in (g, *plan[4 * g : 4 * g + 4])]
    return capture_all(kernel, lines, [0] * len(lines), [0, groups], steps, groups, values)


def capture_all(
    kernel: ModuleType,
    lines: list[bytes],
    numbers: list[int],
    first_step: list[int],
    steps: list[int],
    columns: int,
    values: bool = False,
) -> list[list[bytes | None]]:
    """The captured text of each line, a list of columns; ``numbers`` are the classes of the lines."""
    data = b"|".join(lines)
    lengths = np.array([len(line) for line in lines], np.int64)
    offsets = np.cumsum(lengths + 1) - lengths - 1
    integers = np.array(numbers, np.uint32), np.array(first_step, np.int32), np.array(steps, np.int32)
    places = places_of(numbers, first_step, steps, columns)
    at, starts, ends = np.full((3, places[-1]), -7, np.int64)
    arrays = offsets, lengths, np.arange(len(lines)), *integers, places, at, starts, ends
    kernel.capture_all(data, *arrays, values, heads_of(lines, values))
    found: list[list[bytes | None]] = [[None] * columns for _ in lines]
    for column in range(columns):
        for place in range(places[column], places[column + 1]):
            if (starts[place], ends[place]) != (-1, -1):
                found[at[place]][column] = data[starts[place] : ends[place]]
    return found


def places_of(numbers: list[int], first_step: list[int], steps: list[int], columns: int) -> np.ndarray:
    """Where the spans of each column go: as many for each as the steps of the lines' classes ask for."""
    counts = [0] * columns
    for number in numbers:
        if number < len(first_step) - 1:
            for column in steps[5 * first_step[number] : 5 * first_step[number + 1] : 5]:
                counts[column] += 1
    return np.cumsum([0, *counts], dtype=np.int64)


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
    (b"12345678a1 12345678ab 12345678ms", [(0, 10, "X"), (11, 21, "X"), (22, 30, "D")]),
    (b"12a 12KiB", [(0, 3, "X"), (4, 6, "D")]),
    (b"1@2 3`4 5[6 7{8 9/1 2:3", [(n, n + 1, "D") for n in range(0, 23, 2)]),
    (b"@1 `1 [1 {1 /1 :1", [(n, n + 1, "D") for n in range(1, 18, 3)]),
    (b"1@ 1` 1[ 1{ 1/ 1:", [(n, n + 1, "D") for n in range(0, 18, 3)]),
    (b"a literal that is longer than several words of the machine, then 1", [(65, 66, "D")]),
]
VALUES = [
    (b"id=zthfxr, #kvydty by id=rxc-via_tpl)", [(3, 9, "W"), (12, 18, "W"), (25, 36, "W")]),
    (b"=a #b", [(1, 2, "W"), (4, 5, "W")]),
    (b'{"lane":"lvgwab","row":7}', [(9, 15, "W"), (23, 24, "D")]),
    (b"{lane: 'lvgwab', row= \"x\"}", [(8, 14, "W"), (23, 24, "W")]),
    (b"a='b' c=\"d-1\"", [(3, 4, "W"), (9, 12, "W")]),
    (b"id=a7 b7 #c-1_2-d3 4", [(3, 5, "W"), (6, 8, "X"), (10, 18, "W"), (19, 20, "D")]),
    (b"perf=12.5ms id=7ab-cd #7", [(5, 7, "D"), (8, 9, "D"), (15, 18, "X"), (23, 24, "D")]),
    (b"id=" + LETTER_UUID + b" #" + UUID, [(3, 39, "U"), (41, 77, "U")]),
    (b"id=x" + UUID + b" '" + LETTER_UUID + b"'", [(3, 40, "W"), (42, 78, "U")]),
    (b"id=abcdefgh-ijklmnop_qrstuvwx 1", [(3, 29, "W"), (30, 31, "D")]),
    ("é=é =aé ='bé' #c\xff".encode("latin-1"), [(5, 6, "W"), (15, 16, "W")]),
    (b"a & b &c, = d, # e", []),
    (b"=-a1 #_b", [(2, 4, "X")]),
    (b'"a" \'b\' ("c") ["d", "e"]', []),
    (b':"a.b" :"c\' :"d :"" : "e :  "f" :=', []),
    (b'"a":"b:c","d"', []),
    (b"x =", []),
    (b"x #", []),
    (b":'", []),
]
OTHER_VALUES = {
    "W": [b"b", b"abcdefgh", b"a-7", b"Z_9_longer-than-a-word-of-the-machine"],
    "D": [b"8", b"1234567", b"12345678", b"12345678901234567"],
    "X": [b"a8", b"8a8", b"8aaaa", b"zzzzzzz8", b"8aaaaaaaaaaaaaaaaaaa"],
    "U": [UUID, LETTER_UUID, UUID.upper()],
}


with_and_without_values = pytest.mark.parametrize(
    ("line", "values", "expected"),
    [
        *((line, False, expected) for line, expected in MASKED),
        *((line, True, expected) for line, expected in MASKED if not set(line) & set(b"=#'\"")),
        *((line, True, expected) for line, expected in VALUES),
    ],
)


@with_and_without_values
def test_masks_cover_digits_mixed_tokens_uuids_and_values(line, values, expected):
    assert scan.masks(line, values) == expected


@with_and_without_values
def test_each_mask_can_be_captured(kernel, line, values, expected):
    spans = [(start, end) for start, end, _ in expected]
    plan = scan.plan_of(line, spans, values)
    assert plan is not None
    assert capture(kernel, [line], plan, values) == [[line[start:end] for start, end in spans]]


@with_and_without_values
def test_what_is_masked_does_not_matter(kernel, line, values, expected):
    variants = [line[:start] + value + line[end:] for start, end, kind in expected for value in OTHER_VALUES[kind]]
    if values:  # after an opener, another kind begins a value
        variants = [v for v in variants if [kind for *_, kind in scan.masks(v, True)] == [m[2] for m in expected]]
    assert set(classes(kernel, line, *variants, values=values)) == {0}


@with_and_without_values
def test_every_byte_that_is_not_masked_matters(kernel, line, values, expected):
    masked = {position for start, end, _ in expected for position in range(start, end)}
    variants = [
        line[:i] + (b"~" if not byte.isalpha() else b"b" if byte in b"aA" else b"a") + line[i + 1 :]
        for i in {*range(len(line))} - masked
        for byte in [line[i : i + 1]]
    ]
    assert classes(kernel, line, *variants, values=values)[1:].count(0) == 0
    longer = [line + b"\x00", line + b" 1", line + b"\r ", b"\x01" + line]
    assert classes(kernel, line, *longer, values=values) == [0, 1, 2, 3, 4]


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


def test_lines_that_differ_in_values_share_a_class_where_values_are_masked(kernel):
    lines = [
        b'#ab {"lane":"cd"}',
        b'#ef {"lane":"gh"}',
        b'#a-1 {"lane":"x9"}',
        b'#1 {"lane":"cd"}',
        b'#ab {"lane":"c d"}',
    ]
    assert classes(kernel, *lines, values=True) == [0, 0, 0, 1, 2]
    assert classes(kernel, *lines) == [0, 1, 2, 3, 4]


MARKS = (b"ghp_..", b"akia", b"ya00", b"pa")


@pytest.mark.parametrize(
    ("line", "marked"),
    [
        (b"at akIa7 or", True),
        (b"at aki7 or", False),
        (b"at xakia7 or", False),
        (b"at pA1 or", True),
        (b"at pa or", False),  # letters stand for themselves
        (b"at ya31 or", True),
        (b"at yab1 or", False),
        (b"id=pay", True),
        (b"id=p", False),
        (b"id=ghp_ab", True),
        (b"id=ghp_a", False),  # shorter than the mark
        (b"id=ghp_a.b", False),
        (b"id=" + UUID, False),
        (b"12 pa12ms x1", True),
    ],
)
def test_a_mark_gives_another_class_and_the_same_masks(kernel, line, marked):
    plain, table = kernel.ClassTable(values=True), kernel.ClassTable(values=True, marks=MARKS)
    other = bytearray(line)
    for start, end, kind in scan.masks(line, values=True):
        if kind in "XW":
            other[start:end] = b"z" + line[start + 1 : end]
    data = line + b"\n" + other
    assert [number for _, _, number in split(kernel, data, table=plain)[0]] == [0, 0]
    (first, second), _ = split_with_heads(kernel, data, table=table)
    assert (first[2], second[2], first[3]) == (0, int(marked), second[3])
    assert scan.is_marked(line, scan.marking(MARKS), values=True) == marked


@pytest.mark.parametrize(
    ("marks", "error", "reason"),
    [
        ([b"a"], ValueError, "2 to 31 bytes"),
        ([b"a" * 32], ValueError, "2 to 31 bytes"),
        ([b"aB"], ValueError, "other bytes"),
        ([b"a.b"], ValueError, "other bytes"),
        ([b"ab1"], ValueError, "other bytes"),
        ([b"ab"] * 129, ValueError, "more marks than 128"),
        (["ab"], TypeError, "bytes"),
        (7, TypeError, "iterable"),
    ],
)
def test_a_table_refuses_marks_that_it_cannot_compare(kernel, marks, error, reason):
    with pytest.raises(error, match=reason):
        kernel.ClassTable(marks=marks)
    kernel.ClassTable(marks=[b"a" * 31, *[b"ab"] * 127])


@pytest.mark.parametrize(
    ("before", "line"), [(b"=", b"ab"), (b"#", b"ab"), (b"='", b"ab'"), (b":", b"'ab'"), (b": ", b"'ab'")]
)
def test_what_stands_before_a_line_announces_no_value(kernel, before, line):
    table = kernel.ClassTable(values=True)
    for number, text in enumerate([line, line.replace(b"a", b"c")]):
        assert split(kernel, before + text, start=len(before), table=table)[0] == [(len(before), len(line), number)]
    assert capture(kernel, [before + b"|" + line], [0, 0, 1, 0], values=True) == [[None]]


def test_a_quote_after_the_line_closes_no_value(kernel):
    table = kernel.ClassTable(values=True)
    for number, data in enumerate([b":'ab'", b":'cd'"]):
        assert split(kernel, data, stop=4, table=table)[0] == [(0, 4, number)]


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


@with_and_without_values
def test_the_heads_of_a_line_tell_where_its_first_masks_end(kernel, line, values, expected):
    ends = [end for _, end, _ in expected][: scan.HEADS]
    table = kernel.ClassTable(values=values)
    for before in (b"", b"1 ", b"no mask\n"):
        (*_, (*_, heads)), _ = split_with_heads(kernel, before + line + b"\n", len(before), table=table)
        assert heads == ends + [0xFFFF] * (scan.HEADS - len(ends))


def test_heads_tell_of_the_first_masks_and_of_none_that_ends_far_from_the_start(kernel):
    lines = [b"1 " * 20, b"z" * 0xFFFD + b"7 8", b"z" * 0xFFFD + b" 7", b"1 " + b"z" * 0x1FFFF + b" 7"]
    found, _ = split_with_heads(kernel, b"\n".join(lines), size=4)
    absent = [0xFFFF] * scan.HEADS
    assert [heads for *_, heads in found] == [
        [*range(1, 2 * scan.HEADS, 2)],
        [0xFFFE, *absent[1:]],
        absent,
        [1, *absent[1:]],
    ]


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
    line = b"beat 12 took 3ms of id=ab."
    assert scan.plan_of(line, [(0, 4), (5, 7), (13, 16), (16, 16), (0, 0), (23, 26)]) == [
        *(0, 0, 0, 4),
        *(0, 5, 1, 0),
        *(1, 6, 2, 2),
        *(2, 2, 2, 2),
        *(0, 0, 0, 0),
        *(2, 9, 2, 12),
    ]
    assert scan.plan_of(line, [(23, 25), (25, 26)], values=True) == [2, 9, 3, 0, 3, 0, 3, 1]


@pytest.mark.parametrize("span", [(0, 6), (6, 7), (6, 6), (9, 11)])
def test_there_is_no_plan_for_a_boundary_inside_a_mask(span):
    assert scan.plan_of(b"beat 12 a1b", [span]) is None
    assert scan.plan_of(b"beatId=zt #abc", [(8, 10)], values=True) is None


@pytest.mark.parametrize("span", [(-1, 0), (0, 5), (3, 2), (-1, -1)])
def test_a_span_outside_the_line_has_no_plan(span):
    with pytest.raises(ValueError, match="not within the line"):
        scan.plan_of(b"beat", [span])


def test_a_plan_finds_the_same_captures_in_all_lines_of_a_class(kernel):
    lines = [b"beat 12 took 3ms by " + UUID, b"beat 7 took 123456789ms by " + LETTER_UUID]
    plan = scan.plan_of(lines[0], [(5, 7), (13, 14), (20, 56), (0, 56)])
    assert plan is not None
    assert capture(kernel, lines, plan) == [
        [b"12", b"3", UUID, lines[0]],
        [b"7", b"123456789", LETTER_UUID, lines[1]],
    ]


def test_a_line_that_is_too_short_or_has_too_few_masks_captures_nothing(kernel):
    plan = [0, 0, 1, 0, 1, 0, 2, 0, 0, 3, 0, 4, 0, 4, 0, 3, 2**31 - 1, 0, 2**31 - 1, 2**31 - 1, 1, 2**31 - 1, -2, 0]
    assert capture(kernel, [b"1 2 ", b"1 a", b"", b"abcd 1"], plan) == [
        [b"1", b" 2", b" ", None, None, None],
        [b"1", None, None, None, None, None],
        [None, None, None, None, None, None],
        [b"abcd 1", None, b"d", None, None, None],
    ]


def test_a_capture_may_reach_to_the_end_of_the_line(kernel):
    plan = [0, 2, scan.LINE_END, 0, 1, 0, scan.LINE_END, 0, 2, 1, scan.LINE_END, 0]
    assert capture(kernel, [b"a 1 b 2", b"a", b"ab", b"a 1 b 2 c"], plan) == [
        [b"1 b 2", b" b 2", None],
        [None, None, None],
        [b"", None, None],
        [b"1 b 2 c", b" b 2 c", b"c"],
    ]


def test_each_line_is_captured_by_the_steps_of_its_class(kernel):
    lines = [b"1 a", b"b 2 c 3", b"4 d", b"5 e", b"f 6 g 7", b"8"]
    numbers = [0, 1, 2, 0, 3, scan.OVERFLOW]
    steps = [*(2, 0, 0, 1, 0), *(0, 1, 1, -2, 0), *(0, 1, 3, 2, 0), *(2, 0, 2, 1, 0), *(1, 0, 0, 0, 1)]
    assert capture_all(kernel, lines, numbers, [0, 2, 5, 5], steps, 3) == [
        [b"a", None, b"1"],
        [b"3", b"b", b"2"],
        [None, None, None],
        [b"e", None, b"5"],
        [None, None, None],
        [None, None, None],
    ]


def test_steps_may_come_in_any_order_and_the_last_of_a_column_that_is_present_stays(kernel):
    steps = [*(0, 2, 0, 3, 0), *(1, 0, 0, 1, 0), *(0, 1, 0, 2, 0), *(1, 9, 0, 9, 0)]
    assert capture_all(kernel, [b"1 2 3"], [0], [0, 4], steps, 2) == [[b" 2", b"1"]]


def test_rows_choose_the_lines_in_their_order(kernel):
    data, offsets, lengths, classes = b"a1 b22 c333", i64(0, 3, 7), i64(2, 3, 4), np.array([0, 9, 0], np.uint32)
    first_step, steps = np.array([0, 1], np.int32), np.array([0, 0, 0, 1, 0], np.int32)
    at, starts, ends = np.zeros((3, 3), np.int64)
    arrays = offsets, lengths, i64(2, 0, 2, 1), classes, first_step, steps
    heads = np.full((3, scan.HEADS), 0xFFFF, np.uint16)
    heads[:, 0] = lengths
    kernel.capture_all(data, *arrays, i64(0, 3), at, starts, ends, False, heads)
    assert (at.tolist(), starts.tolist(), ends.tolist()) == ([0, 1, 2], [7, 0, 7], [11, 2, 11])


@pytest.mark.parametrize("gap", [b" ", b" " * 0x10000])
@pytest.mark.parametrize("count", [scan.HEADS - 1, scan.HEADS, scan.HEADS + 1, scan.HEADS + 2])
@pytest.mark.parametrize("mask", [b"7", b"12ms", UUID, b"x7", b"abcdef-7KiB"])
def test_masks_beyond_the_heads_are_found_by_going_on_from_them(kernel, mask, count, gap):
    line = (mask + gap) * 3 + (mask + b" ") * (count - 3) + b"end"
    ends = [end for _, end, _ in scan.masks(line)]
    for reached in {ends[2], ends[count - 2], ends[count - 1]}:
        plan = scan.plan_of(line, [(0, reached), (reached, len(line))])
        assert plan is not None
        more = [*plan, len(ends) + 1, 0, scan.LINE_END, 0]
        assert capture(kernel, [line], more) == [[line[:reached], line[reached:], None]]


@pytest.mark.parametrize("far", [0, 2, 3, 4, 0xFFFE])
def test_heads_that_are_wrong_lead_nowhere_outside_the_line(native, far):
    data, heads = b"before 1 2 3 after", np.full(scan.HEADS, far, np.uint16)
    for steps in ([0, 1, 0, -2, 0], [0, 0, 0, scan.HEADS, 0], [0, scan.HEADS + 1, 0, -2, 0]):
        at, start, end = np.zeros((3, 1), np.int64)
        arrays = i64(7), i64(3), i64(0), np.zeros(1, np.uint32), i32(0, 1), i32(*steps), i64(0, 1)
        native.capture_all(data, *arrays, at, start, end, False, heads)
        assert (start[0], end[0]) == (-1, -1) or 7 <= start[0] <= end[0] <= 10


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


def test_spans_are_gathered_back_to_back(kernel):
    data, starts, ends = spans_of([b"ab", None, b"", b"\x00\xff", b"ab"])
    out = bytearray(6)
    kernel.gather(data, starts, ends, out)
    assert out == b"ab\x00\xffab"


def test_nothing_to_do_is_done(kernel):
    none, few = np.zeros(0, np.int64), np.zeros(0, np.int32)
    outputs = none, none, none, False
    no_lines = none, none, none, few.view(np.uint32), i32(0), few
    kernel.capture_all(b"", *no_lines, i64(0), *outputs, few.view(np.uint16))
    kernel.capture_all(b"", *no_lines, i64(0, 0), *outputs, few.view(np.uint16))
    a_line = i64(0), i64(1), i64(0), np.zeros(1, np.uint32), i32(0), few
    kernel.capture_all(b"a", *a_line, i64(0), *outputs, np.zeros(scan.HEADS, np.uint16))
    kernel.decimals(b"", none, none, 3, none, np.zeros(0, np.uint8))
    kernel.gather(np.zeros(0, np.uint8), none, none, np.zeros(0, np.uint8))


# ---- Arguments ----


def read_only(size: int) -> np.ndarray:
    array = np.zeros(size, np.int64)
    array.flags.writeable = False
    return array


def i64(*values: int) -> np.ndarray:
    return np.array(values, np.int64)


def i32(*values: int) -> np.ndarray:
    return np.array(values, np.int32)


def bad_splits(kernel: ModuleType) -> Iterator[tuple]:
    table, a, b, c = kernel.ClassTable(), i64(0, 0), i64(0, 0), np.zeros(2, np.uint32)
    h = np.zeros((2, scan.HEADS), np.uint16)
    yield b"a", -1, 1, True, table, a, b, c, h
    yield b"a", 1, 0, True, table, a, b, c, h
    yield b"a", 0, 2, True, table, a, b, c, h
    yield b"a", 0, 1, True, table, a, b[:1], c, h
    yield b"a", 0, 1, True, table, a, b, c[:1], h
    yield b"a", 0, 1, True, table, read_only(2), b, c, h
    yield b"a", 0, 1, True, table, a, np.zeros(4, np.int64)[::2], c, h
    yield b"a", 0, 1, True, table, a, np.zeros(2, np.float64), c, h
    yield b"a", 0, 1, True, table, a, b, c.astype(np.int32), h
    yield b"a", 0, 1, True, table, a, b, c.astype(np.uint64), h
    yield b"a", 0, 1, True, table, np.frombuffer(bytearray(17), np.uint8)[1:].view(np.int64), b, c, h
    yield memoryview(b"abcd")[::2], 0, 1, True, table, a, b, c, h
    yield b"a", 0, 1, True, table, a, b, c, h[:1]
    yield b"a", 0, 1, True, table, a, b, c, h.reshape(-1)[1:]
    yield b"a", 0, 1, True, table, a, b, c, h.astype(np.int16)
    yield b"a", 0, 1, True, table, a, b, c, np.frombuffer(bytes(h), np.uint16)


GOOD_CAPTURE = {
    "data": b"a",
    "offsets": i64(0),
    "lengths": i64(1),
    "rows": i64(0),
    "classes": np.zeros(1, np.uint32),
    "first_step": i32(0, 1),
    "steps": i32(0, 0, 0, 0, 1),
    "places": i64(0, 1),
    "at": i64(0),
    "starts": i64(0),
    "ends": i64(0),
    "values": False,
    "heads": np.full(scan.HEADS, 0xFFFF, np.uint16),
}


def bad_captures() -> Iterator[dict]:
    yield {"rows": i64(1)}
    yield {"rows": i64(-1)}
    yield {"lengths": i64(2)}
    yield {"offsets": i64(-1)}
    yield {"offsets": i64(2), "lengths": i64(0)}
    yield {"lengths": i64(-1)}
    yield {"offsets": i64(2**62), "lengths": i64(2**62)}
    yield {"offsets": i64(1), "lengths": i64(2**63 - 1)}
    yield {"lengths": i64(1, 1)}
    yield {"classes": np.zeros(2, np.uint32)}
    yield {"classes": np.zeros(1, np.int32)}
    yield {"classes": np.zeros(1, np.uint64)}
    yield {"first_step": i32()}
    yield {"first_step": i32(1, 0)}
    yield {"first_step": i32(-1, 0)}
    yield {"first_step": i32(0, 2)}
    yield {"first_step": i32(2, 2)}
    yield {"first_step": i64(0, 1)}
    yield {"steps": i32(0, 0, 0, 0)}
    yield {"steps": i32()}
    yield {"steps": i64(0, 0, 0, 0, 1)}
    for bad in ((-1, 0, 0, 0, 1), (1, 0, 0, 0, 1), (0, -1, 0, 0, 1), (0, 0, -1, 0, 1), (0, -2, 0, -2, 0)):
        yield {"steps": i32(*bad)}
    for bad in ((0, 0, 0, -1, 1), (0, 0, 0, -3, 0), (0, 0, 0, 0, -1), (0, 0, 0, -2, -1)):
        yield {"steps": i32(*bad)}
    yield {"places": i64()}
    yield {"places": i64(0)}
    yield {"places": i64(1, 1)}
    yield {"places": i64(0, 2)}
    yield {"places": i64(0, 2, 1)}
    yield {"places": i64(0, 1, 1, 2), "at": i64(0, 0), "starts": i64(0, 0), "ends": i64(0, 0)}
    yield {"places": i64(0, 2), "at": i64(0, 0), "starts": i64(0, 0), "ends": i64(0, 0)}
    yield {"places": i64(0, 0), "at": i64(), "starts": i64(), "ends": i64()}
    yield {"at": i64()}
    yield {"at": read_only(1)}
    yield {"starts": i64(0, 0), "ends": i64(0, 0)}
    yield {"rows": i64()}
    yield {"ends": i64()}
    yield {"starts": read_only(1)}
    yield {"ends": read_only(1)}
    yield {"ends": np.zeros(1)}
    yield {"heads": np.zeros(scan.HEADS - 1, np.uint16)}
    yield {"heads": np.zeros(scan.HEADS * 2, np.uint16)}
    yield {"heads": np.zeros(scan.HEADS, np.int16)}
    yield {"heads": np.zeros(scan.HEADS)}


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
    kernel.capture_all(*GOOD_CAPTURE.values())
    for bad in bad_captures():
        with pytest.raises(ValueError, match=r"within|differ|read-only|another type|fives|empty|places|negative"):
            kernel.capture_all(*(GOOD_CAPTURE | bad).values())


@pytest.mark.parametrize(("starts", "ends"), BAD_SPANS)
def test_values_refuse_spans_outside_the_data(kernel, starts, ends):
    for call in (
        lambda: kernel.decimals(b"12", starts, ends, 0, i64(0), np.zeros(1, np.uint8)),
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
        lambda: kernel.gather(b"12", *spans, bytearray(1)),
        lambda: kernel.gather(b"12", *spans, bytearray(3)),
        lambda: kernel.gather(b"12", *spans, bytes(2)),
    ):
        with pytest.raises(ValueError, match=r"scale|differ|another type|read-only|smaller|larger"):
            call()


def test_what_is_not_a_buffer_or_a_table_is_a_type_error(kernel):
    arrays = i64(0), i64(0), np.zeros(1, np.uint32), np.zeros(scan.HEADS, np.uint16)
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
    *(b"=", b"#", b"'", b'"', b"&", b"=a", b"#ab", b"'ab'", b'"ab"', b":'", b': "', b"='", b'= "', b"a-b_c1", b'":"'),
]
SOME_MARKS = (b"ab", b"dead..", b"z0", b"a-", b"ab0.")
blobs = st.lists(st.sampled_from(FRAGMENTS) | st.binary(max_size=3), max_size=40).map(b"".join)


def same(native: ModuleType, data: bytes, **arguments) -> None:
    for values, marks in ((False, ()), (True, ()), (False, SOME_MARKS), (True, SOME_MARKS)):
        native_table, table = (kernel.ClassTable(values=values, marks=marks) for kernel in (native, scan_python))
        expected = split_with_heads(scan_python, data, table=table, **arguments)
        assert split_with_heads(native, data, table=native_table, **arguments) == expected


@settings(deadline=None, max_examples=400)
@given(blobs, st.booleans())
def test_both_kernels_split_and_class_alike(native, data, final):
    same(native, data, final=final)
    same(native, data, start=len(data) // 3, stop=len(data) - len(data) // 3, final=final)


def test_both_kernels_agree_wherever_a_line_ends(native):
    text = b"T 2025-11-13T06:05 " + UUID + b" abcdefgh1 12345678ms x-" + LETTER_UUID + b" 123456789012345678ms\xff1"
    text += b" id=abcdefgh-ijklmno {\"lane\": 'zthfxr', a='x\":#" + LETTER_UUID + b"'"
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


LINES = blobs.map(lambda data: data.replace(b"\n", b""))  # no line holds a newline, and heads are told for lines only


@settings(deadline=None)
@given(LINES, st.booleans(), st.data())
def test_a_plan_gives_back_the_spans_it_was_made_from(kernel, line, values, draw):
    positions = st.tuples(*[st.integers(0, len(line))] * 2).map(lambda pair: tuple(sorted(pair)))
    spans = draw.draw(st.lists(positions, max_size=6))
    plan = scan.plan_of(line, spans, values)
    inside = {position for start, end, _ in scan.masks(line, values) for position in range(start + 1, end)}
    assert (plan is None) == any(position in inside for span in spans for position in span)
    assume(plan is not None)
    assert capture(kernel, [line, line], plan, values) == [[line[slice(*span)] for span in spans]] * 2


NUMBERS = st.integers(0, 9) | st.integers(0, 2**31 - 1)
STEPS = st.tuples(st.integers(0, 3), NUMBERS, NUMBERS, NUMBERS | st.just(scan.LINE_END), NUMBERS)


@settings(deadline=None)
@given(st.lists(st.tuples(LINES, st.integers(0, 4)), max_size=5), st.lists(st.lists(STEPS), max_size=4), st.booleans())
def test_both_kernels_capture_alike_whatever_the_steps(native, numbered_lines, plans, values):
    first_step = np.cumsum([0, *map(len, plans)]).tolist()
    steps = [item for plan in plans for step in plan for item in step]
    arguments = [line for line, _ in numbered_lines], [n for _, n in numbered_lines], first_step, steps, 4, values
    assert capture_all(native, *arguments) == capture_all(scan_python, *arguments)


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
