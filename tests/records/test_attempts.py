"""How far patterns get in lines that they do not fit."""

from __future__ import annotations

import pytest

from telemap.records.attempts import Attempt, attempts, event_attempts
from telemap.records.formats import Format, load_format


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
