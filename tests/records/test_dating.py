"""What timestamps leave out is found by what came before, in whatever pieces the records come."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from itertools import pairwise
from zoneinfo import ZoneInfo

import msgspec
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from telemap.records.dating import Dating, DatingState, Order, reference_date
from telemap.records.layouts import GENERAL, Layouts
from telemap.records.times import ABSOLUTE, LOCAL, NO_TIME, OUT_OF_RANGE, TIME_ONLY, UNREADABLE, YEARLESS, read

BERLIN = ZoneInfo("Europe/Berlin")
SECOND = 10**9
HOUR = 3600 * SECOND
DAY = 24 * HOUR


def resolved(dating: Dating, *texts: str) -> list[str]:
    times, kinds = read([text.encode() for text in texts], Layouts(GENERAL))
    return [str(np.datetime64(time, "ns").astype("M8[s]")) for time in dating.resolve(times, kinds).tolist()]


def in_utc(reference: date) -> Dating:
    return Dating(None, reference)


# ---- Years ----


def test_the_first_row_is_in_the_latest_year_that_is_not_in_the_future():
    for text, expected in [("Jan 15 10:00:00", "2025"), ("Jan 16 10:00:00", "2025"), ("Jan 17 10:00:00", "2024")]:
        assert resolved(in_utc(date(2025, 1, 15)), text)[0][:4] == expected


def test_december_before_january_is_of_the_year_before():
    texts = "Dec 31 23:59:59", "Jan  1 00:00:01", "Jun  1 00:00:00", "Dec 30 00:00:00", "Jan  2 00:00:00"
    assert resolved(in_utc(date(2024, 1, 20)), *texts) == [
        "2023-12-31T23:59:59",
        "2024-01-01T00:00:01",
        "2024-06-01T00:00:00",
        "2024-12-30T00:00:00",
        "2025-01-02T00:00:00",
    ]


def test_a_late_line_is_no_new_year():
    texts = ["Dec 31 23:59:59", "Jan  1 00:00:01", "Dec 31 23:59:58", "Jan  1 00:00:02"]
    texts += ["Mar  9 00:00:00", "Mar  8 00:00:00"]
    assert resolved(in_utc(date(2024, 1, 20)), *texts) == [
        "2023-12-31T23:59:59",
        "2024-01-01T00:00:01",
        "2023-12-31T23:59:58",
        "2024-01-01T00:00:02",
        "2024-03-09T00:00:00",
        "2024-03-08T00:00:00",
    ]


def test_leap_days_choose_a_leap_year_and_shift_nothing_else():
    assert resolved(in_utc(date(2023, 8, 1)), "Feb 29 12:00:00")[0] == "2020-02-29T12:00:00"
    texts = "Feb 28 12:00:00", "Mar  1 12:00:00", "Dec 31 12:00:00"
    for year in (2023, 2024):
        expected = [f"{year}-02-28T12:00:00", f"{year}-03-01T12:00:00", f"{year}-12-31T12:00:00"]
        assert resolved(in_utc(date(year, 3, 1)), *texts) == expected
    assert resolved(in_utc(date(2023, 3, 1)), "Feb 28 12:00:00", "Feb 29 12:00:00")[1] == "2023-03-01T12:00:00"


# ---- Days ----


def test_midnight_is_the_next_day_and_a_late_line_is_not():
    texts = "08:00:00", "07:59:59", "23:59:59", "00:00:01", "23:59:58", "00:00:02", "13:30:00", "01:00:00"
    assert resolved(in_utc(date(2024, 2, 28)), *texts) == [
        "2024-02-28T08:00:00",
        "2024-02-28T07:59:59",
        "2024-02-28T23:59:59",
        "2024-02-29T00:00:01",
        "2024-02-28T23:59:58",
        "2024-02-29T00:00:02",
        "2024-02-29T13:30:00",
        "2024-03-01T01:00:00",
    ]


# ---- Zones ----


def test_only_times_without_a_zone_are_of_the_source_s():
    texts = "2024-07-01 12:00:00", "2024-07-01T12:00:00Z", "2024-01-01 12:00:00", "1719835200", "hello"
    assert resolved(Dating(BERLIN, date(2024, 7, 1)), *texts) == [
        *("2024-07-01T10:00:00", "2024-07-01T12:00:00", "2024-01-01T11:00:00", "2024-07-01T12:00:00", "NaT"),
    ]


def test_years_and_days_are_found_by_the_local_clock():
    assert resolved(Dating(BERLIN, date(2024, 7, 1)), "Jul  1 00:30:00", "00:30:00") == ["2024-06-30T22:30:00"] * 2


def test_the_hour_that_is_there_twice_is_the_first_until_the_clock_goes_back():
    clocks = "01:59:59", "02:40:00", "02:39:59", "02:59:59", "02:00:00", "02:59:00", "03:00:00", "02:30:00"
    texts = [f"2024-10-27 {clock}" for clock in clocks]
    assert [text[11:] for text in resolved(Dating(BERLIN, date(2024, 10, 27)), *texts)] == [
        *("23:59:59", "00:40:00", "00:39:59", "00:59:59", "01:00:00", "01:59:00", "02:00:00", "00:30:00"),
    ]


def test_the_hour_that_is_there_twice_starts_anew_in_the_next_year():
    texts = "2023-10-29 02:30:00", "2023-10-29 02:20:00", "2024-10-27 02:30:00", "2024-10-27 02:40:00"
    assert [text[11:] for text in resolved(Dating(BERLIN, date(2024, 10, 27)), *texts)] == [
        *("00:30:00", "01:20:00", "00:30:00", "00:40:00"),
    ]


def test_an_hour_that_spring_leaves_out_is_read_by_the_clock_before():
    assert resolved(Dating(BERLIN, date(2024, 3, 31)), "2024-03-31 02:30:00") == ["2024-03-31T01:30:00"]


def test_times_that_a_zone_puts_beyond_the_range_are_unknown():
    ends = np.array([2**63 - 1, -(2**63) + 1], np.int64)
    west, east = (Dating(ZoneInfo(name), date(2024, 1, 1)) for name in ("America/New_York", "Asia/Tokyo"))
    kinds = np.full(2, LOCAL, np.uint8)
    assert (west.resolve(ends, kinds) == NO_TIME).tolist() == [True, False]
    assert (east.resolve(ends, kinds) == NO_TIME).tolist() == [False, True]


ZONES = st.sampled_from(
    ["Europe/Berlin", "America/St_Johns", "Australia/Lord_Howe", "Pacific/Apia", "Africa/Casablanca", "Asia/Kolkata"]
)
MOMENTS = st.datetimes(datetime(1990, 1, 1), datetime(2037, 12, 31)).map(lambda moment: moment.replace(fold=0))


@settings(deadline=None)
@given(ZONES, st.lists(MOMENTS, min_size=1, max_size=6))
def test_local_times_are_those_of_the_standard_library(name, moments):
    zone, start = ZoneInfo(name), datetime(1970, 1, 1)
    local = np.array([(moment - start) // timedelta(microseconds=1) * 1000 for moment in moments], np.int64)
    kind = np.array([LOCAL], np.uint8)
    found = [Dating(zone, date(2024, 1, 1)).resolve(row, kind)[0] for row in np.split(local, len(local))]
    aware = [moment.replace(tzinfo=zone).astimezone(UTC).replace(tzinfo=None) for moment in moments]
    assert found == [(moment - start) // timedelta(microseconds=1) * 1000 for moment in aware]


# ---- Pieces ----

FOLD_NS = int(datetime(2024, 10, 27, 2, 30, tzinfo=UTC).timestamp()) * SECOND
LEAP_YEAR_NS = int(datetime(2000, 1, 1, tzinfo=UTC).timestamp()) * SECOND
NEAR_THE_FOLD = st.integers(FOLD_NS - 2 * HOUR, FOLD_NS + 2 * HOUR)
IN_LEAP_YEAR = st.integers(LEAP_YEAR_NS, LEAP_YEAR_NS + 366 * DAY - 1)
ROWS = st.lists(
    st.tuples(NEAR_THE_FOLD, st.sampled_from([ABSOLUTE, LOCAL, LOCAL]))
    | st.tuples(IN_LEAP_YEAR, st.just(YEARLESS))
    | st.tuples(st.integers(0, DAY), st.just(TIME_ONLY))
    | st.tuples(st.just(NO_TIME), st.sampled_from([UNREADABLE, OUT_OF_RANGE])),
    max_size=30,
)


@settings(deadline=None, max_examples=300)
@given(ROWS, st.lists(st.integers(0, 30), max_size=5).map(sorted), st.sampled_from([None, BERLIN]))
def test_pieces_of_any_size_give_the_same_as_one(rows, cuts, zone):
    times = np.array([time for time, _ in rows], np.int64)
    kinds = np.array([kind for _, kind in rows], np.uint8)
    whole = Dating(zone, date(2024, 10, 27)).resolve(times, kinds).tolist()
    pieces, state = [], DatingState()
    for some_times, some_kinds in zip(np.split(times, cuts), np.split(kinds, cuts), strict=True):
        dating = Dating(zone, date(2024, 10, 27), state)
        pieces += dating.resolve(some_times, some_kinds).tolist()
        state = msgspec.json.decode(msgspec.json.encode(dating.state), type=DatingState)
    assert pieces == whole
    assert [time == NO_TIME for time in whole] == [kind in (UNREADABLE, OUT_OF_RANGE) for kind in kinds.tolist()]


# ---- Reference ----


@pytest.mark.parametrize(
    ("uri", "expected"),
    [
        ("logs/app-2026-01-02.log", date(2026, 1, 2)),
        ("logs/2020-01-01/app.20260102.log", date(2026, 1, 2)),
        ("C:\\logs\\app_2026_01_02.log", date(2026, 1, 2)),
        ("s3://bucket/app-20260102T101112.gz", date(2026, 1, 2)),
        ("app-2026-13-02-2026-01-03.log", date(2026, 1, 3)),
        ("app-1795410505519.log", date(2025, 5, 6)),
        ("app-2026-0102.log", date(2025, 5, 6)),
        ("2026-01-02/app.log", date(2025, 5, 6)),
    ],
)
def test_a_date_in_the_name_of_a_file_comes_first(uri, expected):
    assert reference_date(uri, 0, b"version 2025-99-01\nat 2025-05-06 and 2025-05-07") == expected


def test_without_any_date_the_last_change_tells():
    changed_ns = int(datetime(2024, 2, 29, 23, 59, 59, tzinfo=UTC).timestamp()) * SECOND + 999_999_999
    assert reference_date("app.log", changed_ns, b"Feb 29 23:59:59 \xff 12345-01-01 0000-00-00") == date(2024, 2, 29)


# ---- Order ----


def test_rows_out_of_order_and_steps_of_the_clock_are_counted():
    order = Order()
    assert order.add(np.array([5, 3, 4, 6, 6], np.int64) * SECOND) == 2
    assert (order.out_of_order, order.steps_back, order.latest_ns) == (2, 1, 6 * SECOND)
    assert order.add(np.array([NO_TIME, 5 * SECOND, 6 * SECOND - 1, NO_TIME], np.int64)) == 2
    assert (order.out_of_order, order.steps_back) == (4, 1)
    assert order.add(np.array([], np.int64)) == 0


INSTANTS = st.integers(-3 * SECOND, 3 * SECOND) | st.sampled_from([NO_TIME, 2**63 - 1, -(2**63) + 1])


@given(st.lists(INSTANTS), st.integers(0, 9))
def test_order_is_counted_alike_in_pieces(times, cut):
    whole, pieces = Order(), Order()
    rows = np.array(times, np.int64)
    whole.add(rows)
    pieces.add(rows[:cut])
    pieces.add(rows[cut:])
    known = [time for time in times if time != NO_TIME]
    assert pieces == whole
    assert whole.out_of_order == sum(time < max(known[:row], default=time) for row, time in enumerate(known))
    assert whole.steps_back == sum(b - a > SECOND for b, a in pairwise(known))
