"""Formats of lnav, translated; the files are made up."""

from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from telemap.errors import TelemapError
from telemap.records.drafts import DraftPattern
from telemap.records.formats import Sample
from telemap.records.lnav import Imported, Untold, read_lnav
from telemap.records.lnav_settings import REASONS, SHOWING, TRANSLATED

WORKER = {
    "title": "Worker log",
    "description": "What the workers write",
    "url": "https://example.org/worker",
    "regex": {
        "std": {
            "pattern": r"^(?<when>\d+)\h(?<lvl>[EIx])/(?<logger>\w+)\s\[(?<job>[^\]]+)\] (?<title>\w+): (?<text>.*)$"
        }
    },
    "timestamp-field": "when",
    "timestamp-format": ["%i"],
    "level-field": "lvl",
    "body-field": "text",
    "opid-field": "job_id",
    "level": {"error": "E|F", "info": "I"},
    "value": {"logger": {"kind": "string", "identifier": True}, "job": {"kind": "string", "rename": "job_name"}},
    "sample": [
        {"line": "1767323045678 E/net [job-7] upload: gone\n  at last", "level": "error"},
        {"line": "1767323045679 x/net [job-7] upload: soon", "level": "debug"},
    ],
}


def imported(**settings: Any) -> Imported:
    (found,) = read_lnav(json.dumps({"worker_log": settings}), "worker.json")
    return found


def told(**settings: Any) -> tuple[Untold, ...]:
    """What cannot be translated of a format that is fine but for these settings."""
    return imported(**{"regex": {"a": {"pattern": r"^(?<timestamp>\S+) (?<body>.*)$"}}, **settings}).untold


def test_a_text_format_is_translated_whole() -> None:
    found = imported(**WORKER)
    assert found.draft is not None
    assert found.draft.patterns == (
        DraftPattern(
            "std",
            r"^(?P<timestamp>\d+)[ \t](?P<severity_text>[EIx])/(?P<logger_name>\w+)\s\[(?P<job_name>[^\]]+)\]"
            r" (?P<log__title>\w+): (?P<body>.*)$",
        ),
    )
    assert (found.draft.title, found.draft.layouts) == ("Worker log", ("%L",))
    assert found.draft.comments == (
        "Made of lnav's format worker_log.",
        "What the workers write",
        "https://example.org/worker",
    )
    assert found.draft.samples == (
        Sample("1767323045678 E/net [job-7] upload: gone\n  at last", None, {"severity_number": 17}),
        Sample("1767323045679 x/net [job-7] upload: soon", None, {"severity_number": 5}),
    )
    assert (found.name, found.samples, found.understood, found.untold) == ("worker_log", 2, 2, ())
    assert found.unneeded == ("value.*.kind", "value.*.identifier")


def test_words_for_levels_come_from_the_expressions_the_samples_and_lnav_itself() -> None:
    draft = imported(**WORKER).draft
    assert draft is not None
    of_lnav_itself = {"T": "TRACE", "D": "DEBUG", "W": "WARN", "C": "CRIT"}
    assert draft.severities == of_lnav_itself | {"x": "DEBUG", "E": "ERROR", "F": "ERROR", "I": "INFO"}


def test_the_file_that_is_written_says_the_same_as_the_draft() -> None:
    draft = imported(**WORKER).draft
    assert draft is not None
    log_format = draft.format("worker_log")
    assert [(p.name, p.regex.pattern.decode()) for p in log_format.patterns] == [
        (p.name, p.regex.removeprefix("^")) for p in draft.patterns
    ]
    assert (log_format.samples, log_format.severities, log_format.layouts) == (
        draft.samples,
        draft.severities,
        draft.layouts,
    )


def test_a_json_format_is_translated_by_its_keys() -> None:
    found = imported(
        **{
            "json": True,
            "hide-extra": True,
            "line-format": [{"field": "t"}, " ", {"field": "/log/text"}],
            "timestamp-field": "t",
            "timestamp-divisor": 1000,
            "level-field": "severity",
            "level": {"error": 50, "info": 30},
            "body-field": "log/text",
            "opid-field": "requestId",
            "src-file-field": "file",
            "src-line-field": "no",
            "thread-id-field": "tid",
            "sample": [{"line": '{"t":1767323045678,"severity":50,"log":{"text":"no"}}', "level": "error"}],
        }
    )
    assert found.draft is not None
    assert found.draft.keys == {
        "requires": ["t", "log.text"],
        "timestamp": ["t"],
        "severity_text": ["severity"],
        "body": ["log.text"],
        "thread__id": ["tid"],
        "code__file__path": ["file"],
        "code__line__number": ["no"],
        "request_id": ["requestId"],
    }
    assert (found.draft.layouts, found.draft.severities) == (("%L",), {"50": "ERROR", "30": "INFO"})
    assert (found.understood, found.untold, found.unneeded) == (1, (), ("hide-extra", "line-format"))
    assert found.draft.format("worker_log").members is not None


@pytest.mark.parametrize(
    ("written", "layouts"),
    [
        (["%Y-%m-%dT%H:%M:%S.%L"], ("%Y-%m-%dT%H:%M:%S.%f",)),
        (["%D %R:%S,%N", "%k:%M:%S"], ("%m/%d/%y %H:%M:%S,%f", "%H:%M:%S")),
        (["%s.%L", "%6", "%9", "%3"], ("%s", "%i", "%N", "%L")),
    ],
)
def test_times_are_spelt_our_way(written: list[str], layouts: tuple[str, ...]) -> None:
    draft = imported(**{"regex": {"a": {"pattern": r"^(?<timestamp>\S+)"}}, "timestamp-format": written}).draft
    assert draft is not None
    assert draft.layouts == layouts


@pytest.mark.parametrize(
    ("settings", "place", "reason"),
    [
        ({"converter": {"type": "x"}}, "converter", "no program is run to read a log"),
        ({"colour": "red"}, "colour", "nothing here stands for it"),
        ({"value": {"n": {"unit": {"scaling-factor": {}}}}}, "value.n.unit", "values are kept as they are printed"),
        ({"level": {"error": "^[^123].*"}}, "level.error", "^[^123].* is no list of words"),
        ({"value": 3}, "value", "it must be an object"),
        ({"value": {"n": "text"}}, "value.n", "it must be an object"),
        ({"sample": "x"}, "sample", "it must be a list"),
        ({"level": {"worse": "W"}}, "level.worse", "there is no such severity"),
        ({"timestamp-divisor": 7}, "timestamp-divisor", "7: times are counted in s, ms, µs or ns"),
        (
            {"timestamp-format": ["%j"]},
            "timestamp-format %j",
            "layout '%j' has an unknown directive, a bracket without its pair, or is not ASCII",
        ),
        (
            {"opid-field": "tid"},
            "opid-field",
            "tid is kept as an attribute; name it request_id if it tells the runs apart",
        ),
        ({"sample": [{"line": "alone"}]}, "sample 1", "no pattern fits"),
        ({"sample": [{"line": "soon x"}]}, "sample 1", "the timestamp soon is not understood"),
        (
            {"sample": [{"line": "2026-01-02T03:04:05Z x", "level": "error"}]},
            "sample 1",
            "its level error is not told by any group",
        ),
    ],
)
def test_what_cannot_be_translated_is_told(settings: dict[str, Any], place: str, reason: str) -> None:
    assert told(**settings) == (Untold(place, reason),)


@pytest.mark.parametrize(
    ("rule", "reason"),
    [
        ({"pattern": r"^(?<timestamp>\d+)\K"}, r"\K forgets what was matched so far, which Python does not have"),
        ({"pattern": r"^(?<timestamp>[é]+)"}, "pattern 'b' cannot be used on bytes: '[é]' would mean single bytes of a "
         "letter outside ASCII; write a group: (?:é)+ or (?:é|è)"),
        ({"pattern": r"^x", "module-format": True}, "it is for a part of the lines of other formats"),
        ({}, "it has no pattern"),
    ],
)  # fmt: skip
def test_of_several_patterns_those_that_can_be_are_kept(rule: dict[str, Any], reason: str) -> None:
    found = imported(regex={"a": {"pattern": r"^(?<timestamp>\S+) (?<body>.*)$"}, "b": rule})
    assert found.draft is not None
    assert [pattern.name for pattern in found.draft.patterns] == ["a"]
    assert found.untold == (Untold("regex.b", reason),)
    assert f"  regex.b: {reason}" in found.draft.comments


def test_patterns_that_mean_less_here_are_kept_and_told() -> None:
    found = imported(regex={"a": {"pattern": r"^x(?<body>.*)\ny[^\n]"}})
    assert found.draft is not None
    assert found.untold == (
        Untold("regex.a", "it finds no timestamp"),
        Untold("regex.a", "it looks at several lines; patterns are matched with the first line of a record"),
    )


def test_a_number_from_which_lnav_makes_a_level_stays_an_attribute() -> None:
    found = imported(
        **{
            "regex": {"a": {"pattern": r"^(?<timestamp>\S+) (?<status>\d+)"}},
            "level-field": "status",
            "level": {"error": "^[^123]"},
        }
    )
    assert found.draft is not None
    assert found.draft.patterns[0].regex == r"^(?P<timestamp>\S+) (?P<status>\d+)"


def test_a_format_that_only_changes_another_is_nothing_by_itself() -> None:
    found = imported(title="More", sample=[{"line": "x"}])
    assert (found.draft, found.samples, found.understood) == (None, 1, 0)
    assert found.untold == (Untold("regex", "there is none: it changes a format that stands elsewhere"),)


def test_comments_are_left_out_and_names_are_made_fit_for_files() -> None:
    text = """{ // a comment with "quotes"
        "$schema": "https://lnav.org/schemas/format-v1.schema.json",
        /* several
           lines */
        "../a b": {"regex": {"a": {"pattern": "^(?<timestamp>\\\\S+) // is no comment"}}}
    }"""
    (found,) = read_lnav(text, "x.json")
    assert found.draft is not None
    assert (found.name, found.draft.patterns[0].regex) == ("_a_b", r"^(?P<timestamp>\S+) // is no comment")


@pytest.mark.parametrize(
    ("text", "summary", "reason"),
    [
        ("{", "not valid JSON", "Expecting property name enclosed in double quotes: line 1 column 2 (char 1)"),
        ("[]", "no format in it", 'lnav has them as {"NAME": {"regex": …}}'),
        ('{"$schema": "x"}', "no format in it", 'lnav has them as {"NAME": {"regex": …}}'),
    ],
)
def test_what_is_no_file_of_lnavs_is_told(text: str, summary: str, reason: str) -> None:
    with pytest.raises(TelemapError) as raised:
        read_lnav(text, "x.json")
    error = raised.value
    assert (error.slug, error.summary, error.reason, error.place) == ("bad-lnav-format", summary, reason, "x.json")


ANYTHING = st.recursive(
    st.none()
    | st.booleans()
    | st.integers(0, 2000)
    | st.sampled_from(["", "x", "%s", "^(?<timestamp>.*)$", "(", "error"]),
    lambda inner: (
        st.lists(inner, max_size=2)
        | st.dictionaries(
            st.sampled_from(["a", "error", "line", "level", "pattern", "rename", "unit"]), inner, max_size=3
        )
    ),
    max_leaves=6,
)
SETTINGS = sorted(TRANSLATED | SHOWING | REASONS.keys())


@given(st.dictionaries(st.sampled_from(SETTINGS), ANYTHING, max_size=6))
def test_whatever_the_settings_hold_what_is_made_of_them_can_be_loaded(settings: dict[str, Any]) -> None:
    found = imported(**settings)
    if found.draft is not None:
        assert found.draft.format(found.name).title == found.draft.title
    assert found.understood <= found.samples
