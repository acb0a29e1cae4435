"""Timestamps are read as they are meant, by the native kernel and by its twin alike."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from datetime import UTC, datetime, timedelta, timezone
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from telemap.records import times, times_python
from telemap.records.layouts import GENERAL, MONTHS, NAME_BYTES, ZONES, Layouts
from telemap.records.times import (
    ABSOLUTE,
    LOCAL,
    NO_TIME,
    OUT_OF_RANGE,
    TIME_ONLY,
    UNREADABLE,
    YEARLESS,
    fitting,
)

if TYPE_CHECKING:
    from collections.abc import Sequence
    from types import ModuleType

try:
    from telemap.records import _times
except ImportError:
    _times = None

Reading = tuple[str | None, int]


@pytest.fixture(scope="session")
def native() -> ModuleType:
    if _times is None:
        pytest.skip("the native kernel is not built: python setup.py build_ext --inplace")
    return _times


@pytest.fixture(scope="session", params=["python", "native"])
def kernel(request: pytest.FixtureRequest) -> ModuleType:
    return times_python if request.param == "python" else request.getfixturevalue("native")


def raw(kernel: ModuleType, texts: list[bytes | None], layouts: Layouts) -> list[tuple[int, int]]:
    """Time and kind of each text; they stand between bytes that would change the result if read."""
    data, begins, ends = bytearray(b"7"), [], []
    for text in texts:
        begins.append(-1 if text is None else len(data))
        data += (text or b"") + b"7"
        ends.append(-1 if text is None else len(data) - 1)
    out, kinds = np.full(len(texts), 9, np.int64), np.full(len(texts), 9, np.uint8)
    kernel.parse(bytes(data), np.array(begins, np.int64), np.array(ends, np.int64), layouts, out, kinds)
    return list(zip(out.tolist(), kinds.tolist(), strict=True))


def read(kernel: ModuleType, text: bytes, specs: Sequence[str] = GENERAL) -> Reading:
    """What a text says, as numpy prints it, and its kind."""
    ((time, kind),) = raw(kernel, [text], Layouts(specs))
    return (None if time == NO_TIME else str(np.datetime64(time, "ns"))), kind


# ---- What logs print ----

PRINTED = [
    ("2025-11-13T06:05:51.274Z", "2025-11-13T06:05:51.274000000", ABSOLUTE),
    ("2025-11-13T06:05:51+05:30", "2025-11-13T00:35:51.000000000", ABSOLUTE),
    ("2025-11-13T06:05:51-0130", "2025-11-13T07:35:51.000000000", ABSOLUTE),
    ("2025-11-13T06:05:51.1234567899-09", "2025-11-13T15:05:51.123456789", ABSOLUTE),
    ("2025-11-13 06:05:51,274", "2025-11-13T06:05:51.274000000", LOCAL),
    ("2025-11-13 06:05:51 +0100", "2025-11-13T05:05:51.000000000", ABSOLUTE),
    ("2025-04-12 00:14:12.837 CEST", "2025-04-11T22:14:12.837000000", ABSOLUTE),
    ("2025-11-13 06:05:51 XYZT", "2025-11-13T06:05:51.000000000", LOCAL),
    ("2025-11-13_06:05:51", "2025-11-13T06:05:51.000000000", LOCAL),
    ("2005-06-03-15.42.50.675872", "2005-06-03T15:42:50.675872000", LOCAL),
    ("20171223-22:15:29:606", "2017-12-23T22:15:29.606000000", LOCAL),
    ("20171223-0:7:2:44", "2017-12-23T00:07:02.044000000", LOCAL),
    ("20240131T101112Z", "2024-01-31T10:11:12.000000000", ABSOLUTE),
    ("20240131101112123", "2024-01-31T10:11:12.123000000", LOCAL),
    ("10/Oct/2000:13:55:36 -0700", "2000-10-10T20:55:36.000000000", ABSOLUTE),
    ("[25/Feb/2019:16:19:57.515]", "2019-02-25T16:19:57.515000000", LOCAL),
    ("31.01.24 10:11:12,5", "2024-01-31T10:11:12.500000000", LOCAL),
    ("31-Jan-2024 10:11:12.123", "2024-01-31T10:11:12.123000000", LOCAL),
    ("Nov  3 09:23:38", "2000-11-03T09:23:38.000000000", YEARLESS),
    ("Nov 13 09:23:38.25", "2000-11-13T09:23:38.250000000", YEARLESS),
    ("Feb 29 09:23:38", "2000-02-29T09:23:38.000000000", YEARLESS),
    ("Nov 13 09:23:38 2021", "2021-11-13T09:23:38.000000000", LOCAL),
    ("août 19 11:08:37", "2000-08-19T11:08:37.000000000", YEARLESS),
    ("Wed May 19 08:00:01 EST 2021", "2021-05-19T13:00:01.000000000", ABSOLUTE),
    ("Thu Oct 11 22:14:15 2003", "2003-10-11T22:14:15.000000000", LOCAL),
    ("Wed Oct 11 14:32:52.123456 2000", "2000-10-11T14:32:52.123456000", LOCAL),
    ("Wed Jan 31 2024 10:11:12 GMT+0100", "2024-01-31T09:11:12.000000000", ABSOLUTE),
    ("Sun, 06 Nov 1994 08:49:37 GMT", "1994-11-06T08:49:37.000000000", ABSOLUTE),
    ("Sunday, 06-Nov-94 08:49:37 GMT", "1994-11-06T08:49:37.000000000", ABSOLUTE),
    ("2024/01/31 10:11:12", "2024-01-31T10:11:12.000000000", LOCAL),
    ("31.01.2024 10:11:12", "2024-01-31T10:11:12.000000000", LOCAL),
    ("17/06/09 20:10:40", "2017-06-09T20:10:40.000000000", LOCAL),
    ("6/13/19 10:12:13:434 EDT", "2019-06-13T14:12:13.434000000", ABSOLUTE),
    ("03/04/2024 10:11:12", "2024-04-03T10:11:12.000000000", LOCAL),
    ("12/25/2024 10:11:12", "2024-12-25T10:11:12.000000000", LOCAL),
    ("6/13/2019 1:12:13:434 PM", "2019-06-13T13:12:13.434000000", LOCAL),
    ("3/4/2024 1:11:12 PM", "2024-03-04T13:11:12.000000000", LOCAL),
    ("25/12/2024, 1:11:12 pm", "2024-12-25T13:11:12.000000000", LOCAL),
    ("Feb 1, 2003 4:05:06 PM", "2003-02-01T16:05:06.000000000", LOCAL),
    ("Feb 1, 2003, 12:05:06\u202fAM", "2003-02-01T00:05:06.000000000", LOCAL),
    ("0517 15:04:22.619632", "2000-05-17T15:04:22.619632000", YEARLESS),
    ("03-17 16:13:38.811", "2000-03-17T16:13:38.811000000", YEARLESS),
    ("10.30 16:49:06", "2000-10-30T16:49:06.000000000", YEARLESS),
    ("081109 203615", "2008-11-09T20:36:15.000000000", LOCAL),
    ("240131  1:02:03", "2024-01-31T01:02:03.000000000", LOCAL),
    ("13:55:36.123", "1970-01-01T13:55:36.123000000", TIME_ONLY),
    ("3:04:05 PM", "1970-01-01T15:04:05.000000000", TIME_ONLY),
    ("@40000000433225833b6e1a8c", "2005-09-22T03:31:05.997071500", ABSOLUTE),
    ("1763013951", "2025-11-13T06:05:51.000000000", ABSOLUTE),
    ("1763013951.274", "2025-11-13T06:05:51.274000000", ABSOLUTE),
    ("1763013951274", "2025-11-13T06:05:51.274000000", ABSOLUTE),
    ("1763013951274.5", "2025-11-13T06:05:51.274500000", ABSOLUTE),
    ("1763013951274001", "2025-11-13T06:05:51.274001000", ABSOLUTE),
    ("1763013951274001002", "2025-11-13T06:05:51.274001002", ABSOLUTE),
    ("1.76E9", "2025-10-09T08:53:20.000000000", ABSOLUTE),
    ("1.7630139512740002e+09", "2025-11-13T06:05:51.274000200", ABSOLUTE),
]


@pytest.mark.parametrize(("text", "expected", "kind"), PRINTED, ids=[text for text, _, _ in PRINTED])
def test_what_logs_print_is_read(kernel, text, expected, kind):
    assert read(kernel, text.encode()) == (expected, kind)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("2016-12-31T23:59:60Z", "2017-01-01T00:00:00.000000000"),
        ("2016-12-31T23:59:60.9Z", "2017-01-01T00:00:00.000000000"),
        ("2262-04-11T23:47:16.854775807Z", "2262-04-11T23:47:16.854775807"),
        ("2262-04-12T00:47:16.854775807+01:00", "2262-04-11T23:47:16.854775807"),
        ("1677-09-21T00:12:43.145224193Z", "1677-09-21T00:12:43.145224193"),
        ("1969-12-31T23:59:59.9Z", "1969-12-31T23:59:59.900000000"),
        ('"2025-01-01T00:00:00Z" ', "2025-01-01T00:00:00.000000000"),
        ("[ <(2025-01-01T00:00:00Z", "2025-01-01T00:00:00.000000000"),
    ],
)
def test_edges_are_read_to_the_nanosecond(kernel, text, expected):
    assert read(kernel, text.encode()) == (expected, ABSOLUTE)


@pytest.mark.parametrize(
    ("text", "kind"),
    [
        *((text, OUT_OF_RANGE) for text in ("0001-01-01T00:00:00Z", "9999-12-31T23:59:59", "0000-02-29 00:00:00")),
        *((text, OUT_OF_RANGE) for text in ("2262-04-11T23:47:16.854775808Z", "1677-09-21T00:12:43.145224192Z")),
        *((text, OUT_OF_RANGE) for text in ("99999999999999999999", "1e99", "123456789e90", "@" + "7f" * 8 + "0" * 8)),
        *((text, UNREADABLE) for text in ("2025-13-01T00:00:00", "2025-04-31T00:00:00", "2025-02-29 00:00:00")),
        *((text, UNREADABLE) for text in ("2025-01-01T24:00:00", "2025-01-01T00:60:00", "2025-01-01T00:00:61")),
        *((text, UNREADABLE) for text in ("2025-01-01T00:00:00+24:00", "2025-01-01T00:00:00+01:60", "13:05:06 PM")),
        *((text, UNREADABLE) for text in ("2025-01-01T00:00:00 x", "2025-01-01T00:00:00.", "x2025-01-01T00:00:00")),
        *((text, UNREADABLE) for text in ("", " ", "[]", "12345678", "12345.5", "2025-01-01", "Foo 13 09:23:38")),
        *((text, UNREADABLE) for text in ("2025-01-01T00:00:00." + "0" * 255 + "Z", "@40000000433225833fffffff")),
    ],
)  # fmt: skip
def test_what_is_no_time_says_why(kernel, text, kind):
    assert read(kernel, text.encode()) == (None, kind)


def test_an_absent_span_and_a_source_without_layouts_have_no_times(kernel):
    assert raw(kernel, [None, b"2025-01-01T00:00:00Z"], Layouts([])) == [(NO_TIME, UNREADABLE)] * 2
    assert raw(kernel, [None], Layouts(GENERAL)) == [(NO_TIME, UNREADABLE)]


# ---- Layouts ----


@pytest.mark.parametrize(
    ("spec", "text", "expected", "kind"),
    [
        ("%Y-%m-%dT%H:%M:%S.%fZ", "2025-11-13T06:05:51.2Z", "2025-11-13T06:05:51.200000000", ABSOLUTE),
        ("%FT%T", "2025-11-13T06:05:51", "2025-11-13T06:05:51.000000000", LOCAL),
        ("%d.%b.%Y", "13.Nov.2025", "2025-11-13T00:00:00.000000000", LOCAL),
        ("%e %B %y %H:%M", " 3. Nov. 68 7:05", None, UNREADABLE),
        ("%e %B %y %H:%M", "3 Nov. 68 7:05", "2068-11-03T07:05:00.000000000", LOCAL),
        ("%e %B %y %H:%M", "3 Nov 69 7:05", "1969-11-03T07:05:00.000000000", LOCAL),
        ("%A %d/%m/%Y", "Dim. 03/11/2025", "2025-11-03T00:00:00.000000000", LOCAL),
        ("%Y/%m/%d %H", "2025/ 1/ 2  3", "2025-01-02T03:00:00.000000000", LOCAL),
        ("%y%m%d", "25113", None, UNREADABLE),
        ("%H:%M[:%S][ %d/%m]", "07:05 3/4", "2000-04-03T07:05:00.000000000", YEARLESS),
        ("%I:%M[ %p]", "12:05", "1970-01-01T12:05:00.000000000", TIME_ONLY),
        ("%I:%M[ %p]", "0:05 AM", None, UNREADABLE),
        ("%s", "5.25", "1970-01-01T00:00:05.250000000", ABSOLUTE),
        ("%s", "5e-3", "1970-01-01T00:00:00.005000000", ABSOLUTE),
        ("%L", "1763013951274.5", "2025-11-13T06:05:51.274500000", ABSOLUTE),
        ("%i", "1763013951274000", "2025-11-13T06:05:51.274000000", ABSOLUTE),
        ("%N", "1763013951274000000.9", "2025-11-13T06:05:51.274000000", ABSOLUTE),
        ("epoch=%s", "epoch=17", "1970-01-01T00:00:17.000000000", ABSOLUTE),
        ("%t", "400000000000000a00000001", "1970-01-01T00:00:00.000000001", ABSOLUTE),
        ("%t", "400000000000000000000000", "1969-12-31T23:59:50.000000000", ABSOLUTE),
    ],
)
def test_directives_take_what_they_say(kernel, spec, text, expected, kind):
    assert read(kernel, text.encode(), [spec]) == (expected, kind)


@pytest.mark.parametrize(
    ("spec", "reason"),
    [
        ("%Y-%q %H", "unknown directive"),
        ("%H[.%f", "bracket"),
        ("%H[[.%f]]", "bracket"),
        ("%H|%M", "bracket"),
        ("%H%", "unknown directive"),
        ("%H h°", "ASCII"),
        ("%Y", "neither a day nor an hour"),
        ("%H:%M %p", "without %I"),
        ("%H:%H", "twice"),
        ("%b %d[ %Y|/%m]", "twice"),
        ("%H[.%f][,%f]", "twice"),
        ("%s.%f", "whole time"),
        ("%L %N", "whole time"),
    ],
)
def test_a_layout_that_cannot_be_meant_is_refused_with_the_reason(spec, reason):
    with pytest.raises(ValueError, match=f"layout '{re.escape(spec)}' .*{reason}"):
        Layouts([spec])


@pytest.mark.parametrize(
    ("number", "names"),
    [
        (1, "January Jan JAN janv. Enero gennaio Jänner"),
        (2, "févr. FÉVR. Feb fevereiro"),
        (3, "Mär März MÄR mars março mrt"),
        (5, "May mai Mayo MAGGIO mei"),
        (8, "août AOÛT agosto ago"),
        (9, "Sept. septiembre setembro"),
        (12, "Dez Dic DÉC. décembre dicembre"),
    ],
)
def test_months_have_names_in_seven_languages(kernel, number, names):
    texts = [name.encode(encoding) + b" 5" for name in names.split() for encoding in ("utf-8", "latin-1")]
    day = (datetime(2000, number, 5) - datetime(1970, 1, 1)).days * 86400 * 10**9
    assert raw(kernel, texts, Layouts(["%b %d"])) == [(day, YEARLESS)] * len(texts)


def test_names_fit_into_the_table_of_the_native_kernel():
    assert max(map(len, [*MONTHS, *ZONES])) <= NAME_BYTES
    assert ZONES[b"ist"] == 19800


# ---- Several layouts ----

DAY_FIRST, MONTH_FIRST = "%d/%m/%Y %H:%M:%S", "%m/%d/%Y %H:%M:%S"


def days(kernel: ModuleType, texts: list[bytes], layouts: Layouts) -> list[str]:
    return [str(np.datetime64(time, "ns").astype("M8[D]")) for time, _ in raw(kernel, texts, layouts)]


def test_the_layout_that_fitted_last_goes_on(kernel):
    texts = [b"01/02/2024 00:00:00", b"01/13/2024 00:00:00", b"01/02/2024 00:00:00", b"13/01/2024 00:00:00"]
    expected = ["2024-02-01", "2024-01-13", "2024-01-02", "2024-01-13"]
    assert days(kernel, texts, Layouts([DAY_FIRST, MONTH_FIRST])) == expected


def test_a_sample_decides_between_layouts_that_contradict_each_other(kernel):
    sample = [b"01/02/2024 00:00:00", b"01/13/2024 00:00:00"]
    layouts = fitting(sample)
    assert layouts.specs[0].startswith("%m/%d/%Y")
    assert not any(spec.startswith("%d/%m/%Y") and "%H" in spec for spec in layouts.specs)
    texts = [sample[0], b"2024-05-06 00:00:00", sample[0], b"25/12/2024 00:00:00"]
    assert days(kernel, texts, layouts) == ["2024-01-02", "2024-05-06", "2024-01-02", "NaT"]


def test_a_sample_without_times_leaves_the_order_as_it_is():
    assert fitting([b"hello"], GENERAL).specs == Layouts(GENERAL).specs


CONTRADICTING = [{"%d/%m/%Y", "%m/%d/%Y"}, {"%y/%m/%d", "%m/%d/%y", "%d/%m/%y"}]


def test_general_layouts_contradict_each_other_only_where_that_is_known():
    layouts = Layouts(GENERAL)
    texts = [text.encode() for text, _, _ in PRINTED]
    texts += [b"03/04/2024 10:11:12", b"03/04/05 10:11:12", b"3/4/2024 1:11:12 PM"]
    for text in texts:
        readings = {spec: raw(times_python, [text], Layouts([spec]))[0] for spec in layouts.specs}
        meanings = {reading for reading in readings.values() if reading[0] != NO_TIME}
        dates = {spec.split("[")[0].split(" ")[0] for spec, reading in readings.items() if reading in meanings}
        assert meanings, text
        assert len(meanings) == 1 or any(dates <= known for known in CONTRADICTING), (text, dates)


# ---- Laws ----

MOMENTS = st.datetimes(datetime(1678, 1, 1), datetime(2261, 12, 31))


@settings(deadline=None)
@given(MOMENTS, st.integers(-23 * 60, 23 * 60), st.sampled_from(["T", " "]))
def test_iso_times_are_those_of_the_standard_library(kernel, moment, minutes, separator):
    aware = moment.replace(tzinfo=timezone(timedelta(minutes=minutes)))
    expected = (aware - datetime(1970, 1, 1, tzinfo=UTC)) // timedelta(microseconds=1) * 1000
    assert raw(kernel, [aware.isoformat(separator).encode()], Layouts(GENERAL)) == [(expected, ABSOLUTE)]


@settings(deadline=None)
@given(
    MOMENTS,
    st.sampled_from(
        [
            *("%d/%b/%Y:%H:%M:%S.%f", "%a %b %d %H:%M:%S.%f %Y", "%b %d, %Y %I:%M:%S.%f %p", "%B %d %Y %H:%M:%S.%f"),
            *("%Y%m%d%H%M%S%f", "%A, %d %B %Y %H:%M:%S.%f", "%d.%m.%Y %H:%M:%S,%f", "%Y/%m/%d %H:%M:%S:%f"),
        ]
    ),
)
def test_times_are_read_as_they_were_printed(kernel, moment, spec):
    expected = (moment - datetime(1970, 1, 1)) // timedelta(microseconds=1) * 1000
    printed = moment.strftime(spec.replace("%Y", f"{moment.year:04}")).encode()
    assert raw(kernel, [printed], Layouts([spec])) == [(expected, LOCAL)]


def test_every_day_of_five_centuries_is_read(kernel):
    every = [datetime(1680, 1, 1) + timedelta(days=n) for n in range(580 * 365)]
    expected = [(((day - datetime(1970, 1, 1)).days * 86400 + 43200) * 10**9, LOCAL) for day in every]
    assert raw(kernel, [day.strftime("%Y-%m-%d 12:00:00").encode() for day in every], Layouts(GENERAL)) == expected


FRAGMENTS = st.sampled_from(
    [
        *(b"12", b"01", b"31", b"2024", b"60", b" ", b"  ", b":", b".", b",", b"-", b"/", b"T", b"Z", b"z", b"+01"),
        *(b"Nov", b"Nov.", "août".encode(), b"NOVEMBER", b"Wed", b"AM", b"pm", b"UTC", b" EST", b" XYZ", b"GMT+0100"),
        *(b"1763013951", b"e9", b"E+10", b"1.5", b"4000000043322583", b"3b6e1a8c", b"\xc2\xa0", b"\xe2\x80\xaf"),
        *(b"\xe2", b"@", b"+01:30"),
    ]
)
SPEC_PARTS = st.sampled_from(
    ["%" + directive for directive in "YymdebBaAHIMSfzZFT"] + ["[", "|", "]", " ", ":", ".", ",", "-", "/", "T", "Z"]
)


def layouts_or_none(specs: list[str]) -> Layouts | None:
    try:
        return Layouts(specs)
    except ValueError:
        return None


OPTIONS = st.lists(SPEC_PARTS.filter(lambda part: part not in "[|]"), min_size=1, max_size=3).map("".join)
SPECS = st.lists(
    SPEC_PARTS.filter(lambda part: part not in "[|]")
    | st.lists(OPTIONS, min_size=1, max_size=3).map(lambda options: f"[{'|'.join(options)}]"),
    min_size=1,
    max_size=8,
).map("".join)
LONE_SPECS = st.sampled_from(["%s", "%L", "%i", "%N", "%Q", "@%t", "%t", "%Q %Z", "%a %s", "%I:%M[ %p]", "%I%p[.%f]"])
EXAMPLES = st.sampled_from([text.encode() for text, _, _ in PRINTED])
DIGITS = st.sampled_from(b"0123456789")


@st.composite
def altered(draw: st.DrawFn) -> bytes:
    """A printed timestamp of which a few bytes are others, or missing, or more."""
    text = bytearray(draw(EXAMPLES))
    for _ in range(draw(st.integers(0, 3))):
        at = draw(st.integers(0, len(text)))
        text[at : at + draw(st.integers(0, 1))] = draw(DIGITS.map(lambda digit: bytes([digit])) | FRAGMENTS)
    return bytes(text)


TEXTS = altered() | st.lists(FRAGMENTS, max_size=8).map(b"".join) | st.binary(max_size=12)


@settings(deadline=None, max_examples=400)
@given(st.lists(TEXTS | st.none(), max_size=12))
@example([b"01/02/2024 00:00:00", b"01/13/2024 00:00:00", None, b"01/02/2024 00:00:00"])
def test_both_kernels_read_by_general_layouts_alike(native, texts):
    layouts = Layouts(GENERAL)
    assert raw(native, texts, layouts) == raw(times_python, texts, layouts)


@settings(deadline=None, max_examples=400)
@given(st.lists(SPECS | LONE_SPECS, min_size=1, max_size=3), st.lists(TEXTS | st.none(), max_size=8))
@example(["%H[%d.%m|%d%b]"], [b"1212Nov"])
@example(["%S[%f%z|%f]"], [b"12T"])
def test_both_kernels_read_by_any_layouts_alike(native, specs, texts):
    if layouts := layouts_or_none(specs):
        assert raw(native, texts, layouts) == raw(times_python, texts, layouts)


PRINTABLE = {
    **dict.fromkeys("md", "12| 3|02|29|31|1"),
    **dict.fromkeys("MS", "00|59|60|61|7"),
    **dict.fromkeys("HI", "23| 4|24|12|1|0"),
    "Y": "2024|1969",
    "y": "24|69",
    "b": "Feb|feb.|août|foo",
    "a": "Mon|lun.",
    "p": "AM|pm",
    "f": "5|1234567890",
    "z": "Z| +01|-0130|+01:30|+99",
    "Z": "EST|QQQ|utc",
}


@settings(deadline=None, max_examples=300)
@given(SPECS, st.data())
def test_both_kernels_read_what_was_printed_by_a_layout_alike(native, spec, draw):
    """Random texts seldom fit random layouts: these are made to."""
    if not (layouts := layouts_or_none([spec])):
        return
    samples = {directive: words.encode().split(b"|") for directive, words in PRINTABLE.items()}

    def printed(spec: str) -> bytes:
        parts = re.findall(r"%(.)|(.)", spec)
        return b"".join(draw.draw(st.sampled_from(samples[key])) if key else mark.encode() for key, mark in parts)

    def chosen(match: re.Match[str]) -> str:
        return draw.draw(st.sampled_from(["", *match[1].split("|")]))

    texts = [printed(re.sub(r"\[(.*?)\]", chosen, layouts.specs[0])) for _ in range(4)]
    assert raw(native, texts, layouts) == raw(times_python, texts, layouts)


# ---- Arguments ----


def i64(*values: int) -> np.ndarray:
    return np.array(values, np.int64)


def u8(*values: int) -> np.ndarray:
    return np.array(values, np.uint8)


@pytest.mark.parametrize(("begin", "end"), [(-1, 0), (0, -1), (-2, -2), (1, 0), (0, 3), (3, 3), (2**62, 2**62)])
def test_spans_outside_the_data_are_refused(kernel, begin, end):
    with pytest.raises(ValueError, match="a span is not within the data"):
        kernel.parse(b"12", i64(begin), i64(end), Layouts(GENERAL), i64(0), u8(0))


def test_arrays_that_do_not_fit_are_refused(kernel):
    general, frozen = Layouts(GENERAL), i64(0)
    frozen.flags.writeable = False
    for arrays in (
        (i64(0), i64(2, 2), i64(0), u8(0)),
        (i64(0), i64(2), i64(0, 0), u8(0)),
        (i64(0), i64(2), i64(0), u8(0, 0)),
        (i64(0), i64(2), i64(0), i64(0)),
        (i64(0), i64(2), u8(0), u8(0)),
        (i64(0), i64(2), frozen, u8(0)),
        (i64(0, 0, 0)[::2], i64(2, 2), i64(0, 0), u8(0, 0)),
    ):
        with pytest.raises(ValueError, match=r"differ|another type|read-only|contiguous"):
            kernel.parse(b"12", *arrays[:2], general, *arrays[2:])


def test_what_is_no_buffer_and_what_are_no_layouts_are_type_errors(kernel):
    with pytest.raises(TypeError):
        kernel.parse("12", i64(0), i64(2), Layouts(GENERAL), i64(0), u8(0))
    with pytest.raises((TypeError, AttributeError)):
        kernel.parse(b"12", i64(0), i64(2), list(GENERAL), i64(0), u8(0))


def test_no_rows_are_no_work(kernel):
    kernel.parse(b"", i64(), i64(), Layouts(GENERAL), i64(), u8())


def test_the_twin_is_used_on_request_and_otherwise_the_native_kernel_if_built():
    program = "from telemap.records import times; print(times.IS_NATIVE, times.parse.__module__)"
    environment = {key: value for key, value in os.environ.items() if key != "TELEMAP_PURE_PYTHON"}
    environment["PYTHONPATH"] = str(Path(times.__file__).parents[2])

    def run(**more: str) -> str:
        command = [sys.executable, "-c", program]
        return subprocess.run(
            command, env=environment | more, check=True, capture_output=True, text=True
        ).stdout.strip()

    twin = "False telemap.records.times_python"
    assert run(TELEMAP_PURE_PYTHON="1") == twin
    assert run() == (twin if _times is None else "True telemap.records._times")
