"""Formats that are proposed for logs of unknown formats."""

from __future__ import annotations

import re
from dataclasses import replace

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from telemap.records.detection import Detector
from telemap.records.format_files import load_format
from telemap.records.formats import Format
from telemap.records.proposing import Proposal, propose

JAVA = [
    "2026-01-02 03:04:05.678 [worker-3] INFO  c.a.Service - start resize",
    "2026-01-02 03:04:06.678 [main] ERROR c.a.Db - broke: why",
    "java.lang.IllegalStateException: why",
    "    at c.a.Db.run(Db.java:12)",
]
BRACKETS = ["[12/Mar/2026 10:00:01] [ERROR] (db) text", "[13/Mar/2026 10:00:01] [INFO] (web) other text"]
LETTERS = ["I 1767323045.678 scheduler> text", "W 1767323045.7 worker> [1] more"]
JSON = [
    '{"when":"2026-01-02T03:04:05Z","lvl":"warn","txt":"it went wrong","n":1}',
    '{"when":"2026-01-02T03:04:06Z","lvl":"info","txt":"so so"}',
]


def proposed(*lines: str) -> Proposal:
    found = propose([line.encode() for line in lines], "app")
    assert found is not None
    return found


def read(log_format: Format, line: str) -> dict[str, str] | None:
    """The groups of a line."""
    match = log_format.match(line.encode())
    return match and {name: line[start:end] for name, (start, end) in match.spans.items()}


@pytest.mark.parametrize(
    ("lines", "groups"),
    [
        (
            JAVA,
            {
                "timestamp": "2026-01-02 03:04:05.678",
                "thread__name": "worker-3",
                "severity_text": "INFO",
                "logger_name": "c.a.Service",
                "body": "start resize",
            },
        ),
        (
            BRACKETS,
            {"timestamp": "12/Mar/2026 10:00:01", "severity_text": "ERROR", "logger_name": "db", "body": "text"},
        ),
        (LETTERS, {"severity_text": "I", "timestamp": "1767323045.678", "logger_name": "scheduler", "body": "text"}),
        (JSON, {"timestamp": "2026-01-02T03:04:05Z", "severity_text": "warn", "body": "it went wrong"}),
        (
            ["03:04:05 | DEBUG | app.core | hello", "03:04:06 | INFO | app.db | bye"],
            {"timestamp": "03:04:05", "severity_text": "DEBUG", "logger_name": "app.core", "body": "hello"},
        ),
        (
            ["Jan  2 03:04:05 app[12]: a", "Jan 12 03:04:05 app[12]: b"],
            {
                "timestamp": "Jan  2 03:04:05",
                "process__executable__name": "app",
                "process__pid": "12",
                "body": "a",
            },
        ),
        (
            ['ts=2026-01-02T03:04:05Z level=info req_id=a1 msg="hello \\"there\\"" n=3'] * 2,
            {
                "timestamp": "2026-01-02T03:04:05Z",
                "severity_text": "info",
                "request_id": "a1",
                "body": 'hello \\"there\\"',
                "n": "3",
            },
        ),
        (
            ["2026-01-02T03:04:05,678+01:00 <warn> [req-17] [4bf92f3577b34da6a3ce929d0e0e4736] net: x"] * 2,
            {
                "timestamp": "2026-01-02T03:04:05,678+01:00",
                "severity_text": "warn",
                "request_id": "req-17",
                "trace_id": "4bf92f3577b34da6a3ce929d0e0e4736",
                "logger_name": "net",
                "body": "x",
            },
        ),
        (
            ['10.0.0.1 - ann [02/Jan/2026:03:04:05 +0100] "GET /"', '::1 - - [12/Jan/2026:03:04:05 -0500] "PUT /"'],
            {
                "part_1": "10.0.0.1",
                "part_2": "ann",
                "timestamp": "02/Jan/2026:03:04:05 +0100",
                "body": '"GET /"',
            },
        ),
        (["@4000000053aae4db0f6d3a5c x"] * 2, {"timestamp": "@4000000053aae4db0f6d3a5c", "body": "x"}),
        (
            ["[03:04:05] [Server thread/INFO]: x", "[03:04:06] [main/WARN]: y"],
            {"timestamp": "03:04:05", "thread__name": "Server thread", "severity_text": "INFO", "body": "x"},
        ),
        (["[INFO] 10.0.0.1 came", "[WARN] 10.0.0.2 went"], {"severity_text": "INFO", "body": "10.0.0.1 came"}),
    ],
)  # fmt: skip
def test_the_parts_of_a_line_are_found(lines: list[str], groups: dict[str, str]) -> None:
    log_format = proposed(*lines).draft.format("app")
    assert read(log_format, lines[0]) == groups


@pytest.mark.parametrize("lines", [JAVA, BRACKETS, LETTERS, JSON], ids=["java", "brackets", "letters", "json"])
def test_the_format_is_found_by_its_own_lines_and_reads_its_own_samples(lines: list[str]) -> None:
    log_format = proposed(*lines).draft.format("app")
    assert Detector([log_format]).choose("\n".join(lines).encode()).main is log_format
    assert len(log_format.samples) == 2
    assert all(log_format.match(sample.line.encode()) for sample in log_format.samples)


def test_lines_of_other_headers_get_patterns_of_their_own_the_longer_first() -> None:
    lines = ["03:04:05 INFO [a] x"] * 6 + ["03:04:05 x"] * 4
    log_format = proposed(*lines).draft.format("app")
    assert [pattern.name for pattern in log_format.patterns] == ["line_1", "line_2"]
    assert [log_format.match(line.encode()).pattern.name for line in (lines[0], lines[-1])] == ["line_1", "line_2"]  # type: ignore[union-attr]


def test_words_of_messages_are_no_header() -> None:
    lines = [
        f"03:04:05 {word} job {n}"
        for n, word in enumerate(["error", "started:", "ended:", "net.core", "[x]", "skipped"])
    ]
    assert read(proposed(*lines).draft.format("app"), lines[0]) == {"timestamp": "03:04:05", "body": "error job 0"}


def test_how_the_lines_fare_is_measured() -> None:
    found = proposed(*JAVA, "")
    assert (found.lines, found.records, found.continued) == (5, 2, 2)
    assert found.others == (b"java.lang.IllegalStateException: why",)
    assert found.share == 0.8
    assert "Measured: 2 of 5 lines begin a record, 2 more indented or blank; 80.0% explained." in found.draft.comments


@pytest.mark.parametrize("lines", [["text = 1", "more = 2"], ["a b c"], [""], []])
def test_where_nothing_tells_a_record_nothing_is_proposed(lines: list[str]) -> None:
    assert propose([line.encode() for line in lines], "app") is None


def test_every_part_is_explained_by_what_was_found() -> None:
    (pattern,) = proposed(*JAVA).draft.patterns
    assert pattern.comments == (
        "2 lines:",
        "  timestamp: 2026-01-02 03:04:05.678, 2026-01-02 03:04:06.678"
        " (no zone: UTC, unless telemap ingest --tz says another)",
        "  thread__name (attribute thread.name): worker-3, main",
        "  severity_text: INFO, ERROR",
        "  logger_name: c.a.Service, c.a.Db",
    )


def test_letters_and_numbers_for_severities_are_named() -> None:
    assert proposed(*LETTERS).draft.severities["W"] == "WARN"
    numbered = proposed(*(f'{{"time":"2026-01-02T03:04:05Z","level":{n},"msg":"x"}}' for n in (30, 50)))
    assert {n: numbered.draft.severities[n] for n in ("30", "50")} == {"30": "INFO", "50": "ERROR"}
    syslog = proposed(*(f'{{"time":"2026-01-02T03:04:05Z","severity":{n},"msg":"x"}}' for n in (3, 6)))
    assert {n: syslog.draft.severities[n] for n in ("3", "6")} == {"3": "ERROR", "6": "INFO"}


def test_keys_of_json_are_found_by_their_values_where_their_names_tell_nothing() -> None:
    lines = [
        f'{{"id":1767323045678,"q":"INFO","at":"2026-01-02T03:04:0{n}Z","z":"one two three","k":"v"}}' for n in (1, 2)
    ]
    assert proposed(*lines).draft.keys == {
        "requires": ["at", "q", "z"],
        "timestamp": ["at"],
        "severity_text": ["q"],
        "body": ["z"],
    }


def test_only_keys_that_all_lines_have_are_required() -> None:
    lines = ['{"ts":"2026-01-02T03:04:05Z","msg":"x","logger":"a"}', '{"ts":"2026-01-02T03:04:05Z","logger":"b"}']
    assert proposed(*lines).draft.keys == {
        "requires": ["ts"],
        "timestamp": ["ts"],
        "body": ["msg"],
        "logger_name": ["logger"],
    }


def test_secrets_of_the_log_are_not_copied() -> None:
    text = proposed("03:04:05 INFO login password=hunter2hunter2 ok", "03:04:06 INFO done in 3ms").draft.text
    assert "hunter2" not in text
    assert "login password=REDACTED" in text


PIECES = [
    *(
        "2026-01-02 03:04:05",
        "03:04:05,678 ",
        "1767323045",
        "[",
        "]",
        "(db) ",
        " INFO ",
        "W ",
        "é",
        "<x>",
        "ts=",
        "a.b.C",
    ),
    *('k="v" ', ": ", " - ", " | ", "start x", "failed in 3ms", "'''", "\\", '"', "\x1b[0m", "\xff", '{"msg":"x"}'),
]


@example(["2026-01-02 03:04:05]start x\x1b[0m"])
@given(st.lists(st.lists(st.sampled_from(PIECES), max_size=8).map("".join), max_size=8))
def test_whatever_is_proposed_can_be_loaded_and_reads_its_samples(lines: list[str]) -> None:
    found = propose([line.encode("latin-1") for line in lines for _ in range(2)], "app")
    if found is not None:
        log_format = found.draft.format("app")
        assert all(log_format.match(sample.line.encode()) for sample in log_format.samples)
        examples = "\n".join(line for line in found.draft.epilogue if not line.startswith(("Events:", "say what", "#")))
        load_format(found.draft.text + examples, "app.toml")


MESSAGES = [
    f"03:04:05 INFO {message}"
    for message in (
        "start resize",
        "start crop",
        "done resize in 8.4ms",
        "done crop in 11ms",
        "crop failed: disk full",
        "idle",
    )
]


def test_messages_of_beginnings_and_ends_become_examples_of_events() -> None:
    draft = proposed(*MESSAGES).draft
    shown = "\n".join(line for line in draft.epilogue if not line.startswith(("Events:", "say what")))
    log_format = load_format(replace(draft, epilogue=()).text + "\n" + shown, "app.toml")
    told = [log_format.match(line.encode()) for line in MESSAGES]
    assert [(m.event.name, m.event.edge.name) if m and m.event and m.event.edge else None for m in told] == [
        ("handler.started", "START"),
        ("handler.started", "START"),
        ("handler.ended", "END"),
        ("handler.ended", "END"),
        ("handler.failed", "FAIL"),
        None,
    ]
    assert read(log_format, MESSAGES[3]) == {
        "timestamp": "03:04:05",
        "severity_text": "INFO",
        "body": "done crop in 11ms",
        "handler": "crop",
        "duration_ms": "11",
    }


def test_examples_of_events_are_only_comments() -> None:
    draft = proposed(*MESSAGES).draft
    assert draft.format("app").events == ()
    assert re.findall(r"^# (?:name|body|span) = .*", draft.text, re.MULTILINE)[:3] == [
        '# name = "handler.started"',
        r"# body = '''^start (?P<handler>[\w.$/:-]+)$'''",
        '# span = "start handler"',
    ]
