"""Which format a log is taken for when its lines are mixed with traces, or look like those of several formats."""

from __future__ import annotations

from itertools import cycle

import pytest

from telemap.records.detection import Detector
from telemap.records.format_files import bundled_formats, load_format
from telemap.records.formats import Format

FORMATS = bundled_formats()
DETECTOR = Detector(FORMATS)
TRACE = b"""\
java.lang.IllegalStateException: no card
Caused by: java.io.IOException: reset
Traceback (most recent call last):
AttributeError: 'NoneType' object has no attribute 'price'
goroutine 1 [running]:
main.charge(0x1)
#0 /srv/shop/pay.php(77): charge()
<time>2026-01-02T03:04:05Z</time>
SELECT * FROM cart
| id | price |""".split(b"\n")


def timed_lines(log_format: Format) -> list[bytes]:
    """Its samples that have a time."""
    lines = [sample.line.partition("\n")[0].encode() for sample in log_format.samples]
    matches = [(line, log_format.match(line)) for line in lines]
    return [line for line, match in matches if match is not None and "timestamp" in match.spans]


TIMED = [f for f in FORMATS if not f.is_generic and timed_lines(f)]


def found(lines: list[bytes]) -> str | None:
    """The name of the format of these lines."""
    log_format = DETECTOR.format_of(lines)
    return log_format and log_format.name


@pytest.mark.parametrize("log_format", TIMED, ids=lambda f: f.name)
def test_records_with_times_are_found_among_many_lines_of_traces(log_format: Format) -> None:
    trace = cycle(TRACE)
    lines = [line for start in timed_lines(log_format) for line in (start, *(next(trace) for _ in range(12)))]
    assert found(lines) == log_format.name


def test_a_few_lines_do_not_decide_where_a_generic_format_explains_more() -> None:
    few = [b"26/01/02 03:04:06 WARN cluster.TaskSetManager: Lost task 2.0"] * 2
    many = [b"2026-01-02 03:04:05.603 [worker-1] shop.cart ERROR payment failed"] * 8
    assert found(few + TRACE * 2) == "log4j"
    assert found(few + many + TRACE) == "generic-text"


def test_few_records_without_times_decide_nothing() -> None:
    records = [b"I/ActivityManager(  585): Starting activity"] * 4
    assert found([*records, *TRACE[:3]]) == "android-logcat"
    assert found([*records, *TRACE[:5]]) is None


@pytest.mark.parametrize(
    "line",
    [b"App.tsx:12 cart restored", b"03:04:05.678 App.tsx:12 cart restored", b"[INFO] cart restored", b"[vite] ready"],
)
def test_lines_that_look_like_those_of_an_application_are_not_its_own(line: bytes) -> None:
    assert found([b"Navigated to http://localhost:5173/", *[line] * 9]) != "musical-conductor"


def test_an_event_of_an_application_makes_its_loose_lines_known() -> None:
    lines = [b"boot.ts:12 \xf0\x9f\x8e\xbc Initializing new conductor instance...", *[b"App.tsx:12 cart restored"] * 9]
    assert found(lines) == "musical-conductor"


def test_events_that_a_format_of_many_applications_knows_tell_none_of_them() -> None:
    lines = [b"2026-01-02 03:04:05,678 INFO shop.cart: item 17", *[b"2026-01-02 03:04:06 INFO shop.pay: ok"] * 8]
    alone = found(lines)
    assert alone is not None
    assert found([*lines, b"Not Found: /favicon.ico"]) == alone


def test_formats_of_ones_own_are_found_by_their_times_without_an_event() -> None:
    worker = load_format(
        """
        [patterns]
        std = '''^<(?P<timestamp>\\S+)> (?P<body>.*)$'''
        [[events]]
        name = "handler.started"
        body = '''^start (?P<handler>\\w+)$'''
        span = "start handler"
        """,
        "worker.toml",
    )
    assert Detector([*FORMATS, worker]).format_of([b"<2026-01-02T03:04:05Z> idle"] * 3) is worker
