"""Logs that are tables: proposed formats have a group for every column."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from telemap.records.format_files import load_format
from telemap.records.formats import Format
from telemap.records.proposing import Proposal, propose


def proposed(*lines: str) -> Proposal:
    found = propose([line.encode() for line in lines], "app")
    assert found is not None
    return found


def told(log_format: Format, line: str) -> dict[str, str] | None:
    match = log_format.match(line.encode())
    return match and {group: line.encode()[start:end].decode() for group, (start, end) in match.spans.items()}


CSV = ("ts,level,took ms,Request-Id,text", '2026-03-02 10:33:05.827,ERROR,321,r7,"paid, late"')


@pytest.mark.parametrize(
    ("lines", "groups"),
    [
        (
            [CSV[0], CSV[1], CSV[1].replace("321", "5")],
            {
                "timestamp": "2026-03-02 10:33:05.827",
                "severity_text": "ERROR",
                "duration_ms": "5",
                "request_id": "r7",
                "body": "paid, late",
            },
        ),
        (
            ["20260302|100024|I|TXN7|DEPOSIT is ok|578ms", "20260302|100025|W|TXN8|DEPOSIT is not|9ms"],
            {
                "date": "20260302",
                "timestamp": "100025",
                "severity_text": "W",
                "column_4": "TXN8",
                "body": "DEPOSIT is not",
                "duration_ms": "9",
            },
        ),
        (
            ["02.03.26;10:00:24;S7-1;Band läuft an", "25.03.26;10:00:25;S7-2;Band läuft an"],
            {"timestamp": "25.03.26;10:00:25", "column_2": "S7-2", "body": "Band läuft an"},
        ),
        (
            ["AGE  TYPE   REASON  MESSAGE", "36m  Normal  Pulled  Image is there", "9s   Warning  BackOff  Restarting"],
            {"age": "9s", "type": "Warning", "reason": "BackOff", "body": "Restarting"},
        ),
        (
            ["10:00:24\tdb\t\tread", "10:00:25\tdb\tx\twritten at once"],
            {"timestamp": "10:00:25", "column_2": "db", "column_3": "x", "body": "written at once"},
        ),
    ],
)  # fmt: skip
def test_every_column_has_a_group(lines: list[str], groups: dict[str, str]) -> None:
    assert told(proposed(*lines).draft.format("app"), lines[-1]) == groups


def test_the_heading_of_a_table_with_times_is_no_record() -> None:
    found = proposed(*CSV, CSV[1].replace("321", "5"))
    assert (found.records, found.others) == (2, (CSV[0].encode(),))


def test_times_in_two_columns_are_read_as_one() -> None:
    log_format = proposed("2.3.2026;10:00;S7-1;Band steht", "25.3.2026;10:01;S7-2;Band steht").draft.format("app")
    assert log_format.layouts == ("%d.%m.%Y;%H:%M",)


@pytest.mark.parametrize(
    "lines",
    [
        ["a,b,c,d", "e,f,g,h"],
        ["one | two", "three | four"],
        ["INFO, so it is", "WARN, as told, and, more, of it"],
    ],
)
def test_what_only_looks_like_a_table_is_none(lines: list[str]) -> None:
    found = propose([line.encode() for line in lines], "app")
    assert found is None or [pattern.name for pattern in found.draft.patterns] != ["row"]


CELLS = st.sampled_from(
    [
        *("20260302", "02.03.26", "10:00:24", "100024", "2026-03-02 10:00:24", "I", "WARN", "9ms", "7", ""),
        *('"a, b"', '"', "two words", "[x]", "(", "\\", "é", "ts", "timestamp", "1st", "a.b", "x=1", "'''", "²"),
    ]
)


@settings(deadline=None)
@given(st.sampled_from(["|", ";", ",", "\t", "   "]), st.lists(st.lists(CELLS, min_size=5, max_size=5), min_size=1))
def test_whatever_is_proposed_for_a_table_can_be_loaded_and_reads_its_samples(
    delimiter: str, rows: list[list[str]]
) -> None:
    found = propose([delimiter.join(row).encode() for row in rows], "app")
    if found is not None:
        log_format = load_format(found.draft.text, "app.toml")
        assert all(log_format.match(sample.line.encode()) for sample in log_format.samples)
