"""How far patterns get in lines that they do not fit."""

from __future__ import annotations

from collections.abc import Sequence

import pytest

from telemap.records import times
from telemap.records.attempts import MISSING, Attempt, TimeTold, attempts, event_attempts, time_told
from telemap.records.format_files import load_format
from telemap.records.formats import Format
from telemap.records.times import GENERAL


def made(pattern: str, *bodies: str) -> Format:
    events = "".join(f"\n[[events]]\nname = 'e{n}'\nbody = '''{body}'''\n" for n, body in enumerate(bodies))
    return load_format(f"[patterns]\np = '''{pattern}'''\n{events}", "made.toml")


@pytest.mark.parametrize(
    ("pattern", "line", "stop", "expected"),
    [
        (r"^abc$", "abx", 2, "c$"),
        (r"^(?P<timestamp>\d{4}-\d\d)T x$", "2026-11 x", 7, "T x$"),
        (r"^(?:GET|POST) /x$", "PUT /x", 1, "OST) /x$"),
        (r"^(?:GET|POST) /x$", "POST /y", 6, "x$"),
        (r"^\[(?P<level>[A-Z]+)\] (?P<body>.*)$", "[warn] x", 1, r"[A-Z]+)\] (?P<body>.*)$"),
        (r"^(?P<body>.*) end$", "no", 2, " end$"),
        (r"^éx$", "éy", 2, "x$"),
        (r"^x$", "", 0, "x$"),
    ],
)
def test_the_furthest_place_that_any_beginning_reaches(pattern: str, line: str, stop: int, expected: str) -> None:
    (attempt,) = attempts(line.encode(), made(pattern))
    assert (attempt.stop, attempt.expected.endswith(expected)) == (stop, True)


def test_events_that_fail_at_once_are_left_out_and_the_nearest_is_first() -> None:
    line = b"> beat 1 ended"
    log_format = made("^> (?P<body>.*)$", r"^other$", r"^beat \d+ failed$", r"^bead$")
    assert event_attempts(line, (2, len(line)), log_format) == [
        Attempt("e1", 9, "failed$"),
        Attempt("e2", 5, "d$"),
    ]


JSON_FORMAT = load_format('[json]\nrequires = ["time", "msg"]\ntimestamp = ["time"]', "json.toml")


@pytest.mark.parametrize(
    ("line", "expected"),
    [
        ('{"time": 1, "msg": }', Attempt("json", 19, "", "expected a value")),
        ('{"time": "é" "msg"}', Attempt("json", 14, "", "expected ',' or '}'")),
        ("plain", Attempt("json", 0, "", "expected an object")),
        ('{"time": 1}', Attempt("json", 10, "msg", "there is no key msg")),
        ('{"msg": null, "a": {"b": 1}}  ', Attempt("json", 27, "time", "there is no key time")),
    ],
)
def test_a_json_format_tells_the_mistake_or_the_keys_that_are_missing(line: str, expected: Attempt) -> None:
    assert attempts(line.encode(), JSON_FORMAT) == [expected]


def test_a_json_format_that_requires_nothing_still_wants_a_key() -> None:
    log_format = load_format("[json]\nbody = ['msg']", "json.toml")
    assert attempts(b"{}", log_format) == [Attempt("json", 1, "", "the object has no key")]


@pytest.mark.parametrize(
    ("text", "layouts", "told"),
    [
        ("2026-01-02T03:04:05.678+01:00", GENERAL, TimeTold("2026-01-02T02:04:05.678Z", None)),
        ("1767323045678", GENERAL, TimeTold("2026-01-02T03:04:05.678Z", None)),
        ("2026-01-02 03:04:05", GENERAL, TimeTold("2026-01-02T03:04:05.000", MISSING[times.LOCAL])),
        ("Jan  2 03:04:05", GENERAL, TimeTold("01-02T03:04:05.000", "no year and no zone")),
        ("03:04:05.678", GENERAL, TimeTold("03:04:05.678", "no date and no zone")),
        ("02.01.26 03h", ["%d.%m.%y %Hh"], TimeTold("2026-01-02T03:00:00.000", MISSING[times.LOCAL])),
        ("9999-01-01T00:00:00Z", GENERAL, TimeTold(None, "outside of the years 1678 to 2261")),
        ("soon", GENERAL, TimeTold(None, MISSING[times.UNREADABLE])),
    ],
)
def test_what_a_timestamp_says_and_what_it_lacks(text: str, layouts: Sequence[str], told: TimeTold) -> None:
    assert time_told(text.encode(), layouts) == told
