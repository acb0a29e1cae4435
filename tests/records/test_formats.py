"""What holds for every bundled format, and how a format file that is wrong is told."""

from __future__ import annotations

from pathlib import Path

import pytest

import telemap.records
from telemap.errors import TelemapError
from telemap.model.telemetry import Edge, SpanKind
from telemap.records.detection import Detector
from telemap.records.format_files import bundled_formats, load_format
from telemap.records.formats import JSON_OBJECT, Format, Sample

RECORDS = Path(telemap.records.__file__).parent
STOREFRONT = Path(__file__).parents[2] / "examples" / "storefront" / "formats" / "storefront.toml"
FORMATS = [*bundled_formats(), load_format(STOREFRONT.read_text(encoding="utf-8"), str(STOREFRONT))]

MINIMAL = """
title = "Minimal"
[patterns]
std = '''^(?P<timestamp>\\S+) (?P<body>.*)$'''
[[events]]
name = "work.done"
body = '''^done in (?P<duration_ms>[\\d.]+)ms$'''
span = "end beat"
"""


def first_line(sample: Sample) -> bytes:
    return sample.line.partition("\n")[0].encode()


@pytest.mark.parametrize("log_format", FORMATS, ids=lambda f: f.name)
def test_every_sample_is_taken_for_its_event(log_format: Format) -> None:
    taken = {sample.line: log_format.match(first_line(sample)) for sample in log_format.samples}
    events = {line: found[1].name if found and found[1] else None for line, found in taken.items()}
    assert events == {sample.line: sample.event_name for sample in log_format.samples}


@pytest.mark.parametrize("log_format", FORMATS, ids=lambda f: f.name)
def test_every_pattern_and_every_event_has_a_sample(log_format: Format) -> None:
    found = [match for match in (log_format.match(first_line(sample)) for sample in log_format.samples) if match]
    patterns = log_format.patterns or (JSON_OBJECT,)
    assert {pattern.name for pattern, _, _ in found} == {pattern.name for pattern in patterns}
    assert {id(rule) for _, rule, _ in found if rule} == {id(rule) for rule in log_format.events}


@pytest.mark.parametrize("log_format", FORMATS, ids=lambda f: f.name)
def test_groups_are_those_of_its_expressions(log_format: Format) -> None:
    rules = [*log_format.patterns, *log_format.events]
    assert log_format.groups == tuple(dict.fromkeys(group for rule in rules for group in rule.regex.groupindex))


@pytest.mark.parametrize("log_format", FORMATS, ids=lambda f: f.name)
def test_its_text_stands_the_check_of_formats_from_outside(log_format: Format) -> None:
    path = Path(log_format.origin) if log_format.origin.startswith("/") else RECORDS / log_format.origin
    assert load_format(path.read_text(encoding="utf-8"), log_format.origin) == log_format


@pytest.mark.parametrize("log_format", FORMATS, ids=lambda f: f.name)
def test_a_format_is_found_by_its_own_samples(log_format: Format) -> None:
    lines = [line.encode() for sample in log_format.samples for line in sample.line.split("\n")]
    assert Detector(FORMATS).format_of(lines) is log_format


def test_lines_of_no_format_have_none() -> None:
    assert Detector(FORMATS).format_of([b"once upon a time", b"there was a log", b""]) is None


def test_a_rule_says_edge_and_kind() -> None:
    rule = load_format(MINIMAL, "minimal.toml").events[0]
    assert (rule.name, rule.edge, rule.kind, rule.lead) == ("work.done", Edge.END, SpanKind.BEAT, b"done in ")


def test_spans_are_byte_offsets_of_the_line() -> None:
    found = load_format(MINIMAL, "minimal.toml").match(b"12:00 done in 8.4ms")
    assert found is not None
    assert found[2] == {"timestamp": (0, 5), "body": (6, 19), "duration_ms": (14, 17)}


@pytest.mark.parametrize(
    ("text", "summary", "place"),
    [
        ("title = ", "not valid TOML", "f.toml"),
        ("title = 'x'", "no [patterns]", "f.toml"),
        ("json = 1", "json is no table", "f.toml"),
        ("events = ['x']\n[patterns]\nstd = 'x'", "events is no list of tables", "f.toml"),
        ("[patterns]\nstd = '''(unclosed'''", "pattern 'std' is no regular expression", "f.toml:2"),
        (MINIMAL.replace("end beat", "finish beat"), "event 'work.done': span = 'finish beat'", "f.toml:8"),
        (MINIMAL.replace("end beat", "end"), "event 'work.done': span = 'end'", "f.toml:8"),
        ("[patterns]\nstd = '''^[✅❌] (?P<body>.*)'''", "pattern 'std' cannot be used on bytes", "f.toml:2"),
        ("[patterns]\nstd = '''^é+ (?P<body>.*)'''", "pattern 'std' cannot be used on bytes", "f.toml:2"),
        (MINIMAL.replace('name = "work.done"', ""), "event '?' needs a name and a body", "f.toml"),
    ],
)
def test_a_bad_format_file_is_told_with_its_place(text: str, summary: str, place: str) -> None:
    with pytest.raises(TelemapError) as told:
        load_format(text, "f.toml")
    assert (told.value.slug, told.value.summary, told.value.place) == ("bad-format", summary, place)
    assert told.value.help
