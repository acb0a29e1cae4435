"""Which formats a line can be in, found for all formats at once, as each of them would say by itself."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from telemap.records.format_files import bundled_formats, load_format
from telemap.records.formats import Format
from telemap.records.sieve import Sieve

FORMATS = bundled_formats()
SIEVE = Sieve(FORMATS)
LINES = [line.encode() for f in FORMATS for sample in f.samples for line in sample.line.split("\n")]


def one_by_one(formats: tuple[Format, ...], lines: list[bytes]) -> dict[int, list[bytes]]:
    """By the number of a text format, the lines that are in it; formats without any left out."""
    found = {n: [line for line in lines if f.match(line)] for n, f in enumerate(formats) if f.members is None}
    return {number: fitting for number, fitting in found.items() if fitting}


def test_the_samples_of_all_formats() -> None:
    assert len(one_by_one(FORMATS, LINES)) > 40
    assert SIEVE.lines_of(LINES) == one_by_one(FORMATS, LINES)


@given(st.lists(st.builds(lambda a, b, cut: a[:cut] + b[cut:], *[st.sampled_from(LINES)] * 2, st.integers(0, 60))))
def test_lines_put_together_of_two_formats(lines: list[bytes]) -> None:
    assert SIEVE.lines_of(lines) == one_by_one(FORMATS, lines)


@pytest.mark.parametrize(
    ("pattern", "fitting"),
    [
        (r"^(?P<body>a|b)c$", [b"ac", b"bc"]),
        (r"^(?P<body>a)|bc$", [b"ac", b"abc", b"bc", b"aa"]),
        (r"^[(?P<x>]+(a)\(?c", [b"(ac"]),
        (r"^(?:a)(?!b)(?P<body>.)", [b"ac", b"aa"]),
        (r"(?i)^AC(?P<body>)", [b"ac"]),
        (r"^(?P<x>.)(?P=x)", [b"aa"]),
        (r"^(.)\1", [b"aa"]),
        (r"^a(?# [)(c)", [b"ac"]),
        (r"^(?P<x>a)?(?(x)c|b)", [b"ac", b"bc"]),
    ],
)
def test_expressions_that_mean_something_else_inside_of_a_larger_one(pattern: str, fitting: list[bytes]) -> None:
    lines = [b"ac", b"abc", b"bc", b"(ac", b"aa", b"d"]
    formats = tuple(load_format(f"[patterns]\np = '''{p}'''", "p.toml") for p in (pattern, r"^(?P<body>.*d)$"))
    found = Sieve(formats).lines_of(lines)
    assert [line for line in found[0] if formats[0].match(line)] == fitting
    assert found[1] == [b"d"]
