"""XES event logs."""

from __future__ import annotations

import gzip
import re
from pathlib import Path

import pytest

from telemap.traces.xes import LOG
from tests.traces.reading import columns, read, rows

HEAD = (
    '<?xml version="1.0"?><log xes.version="1.0" xmlns="http://www.xes-standard.org/">'
    '<string key="concept:name" value="orders"/>'
)


def event(name: str, minute: int | None, transition: str = "complete", more: str = "") -> str:
    time = "" if minute is None else f'<date key="time:timestamp" value="1970-01-01T01:{minute:02}:00.000+01:00"/>'
    transition = f'<string key="lifecycle:transition" value="{transition}"/>' if transition else ""
    return f'<event><string key="concept:name" value="{name}"/>{time}{transition}{more}</event>'


def log(*events: str, more: str = "") -> str:
    return f'{HEAD}<trace><string key="concept:name" value="case 1"/>{more}{"".join(events)}</trace></log>'


MINUTE = 60 * 10**9


def test_a_case_is_a_sequence_and_its_events_are_spans_within_it() -> None:
    batch = read(LOG, log(event("ask", 1, more='<int key="cost" value="5"/>'), event("pay", 3)))
    case, ask, pay = rows(batch.spans)
    assert case == {
        "span_id": "0123456700000000",
        "trace_id": "0123456789abcdef0000000000000000",
        "kind": "sequence",
        "name": "case 1",
        "sequence_name": "orders",
        "start_time_unix_nano": MINUTE,
        "end_time_unix_nano": 3 * MINUTE,
        "duration_ns": 2 * MINUTE,
        "status": "ok",
        "first_line": 1,
        "last_line": 1,
        "attributes": {"log.concept:name": "orders", "concept:name": "case 1"},
    }
    assert (ask["kind"], ask["parent_span_id"], ask["attributes"]["cost"]) == ("span", case["span_id"], "5")
    assert "duration_ns" not in ask
    assert (pay["start_time_unix_nano"], pay["end_time_unix_nano"]) == (3 * MINUTE, 3 * MINUTE)


def test_a_start_and_the_completion_of_the_same_activity_are_one_span() -> None:
    batch = read(
        LOG, log(event("a", 1, "start"), event("b", 2, "start"), event("a", 4, more='<int key="x" value="1"/>'))
    )
    assert columns(
        batch.spans.slice(1), "name", "start_time_unix_nano", "end_time_unix_nano", "duration_ns", "status"
    ) == [
        ("a", MINUTE, 4 * MINUTE, 3 * MINUTE, "ok"),
        ("b", 2 * MINUTE, None, None, "incomplete"),
    ]
    assert rows(batch.spans)[1]["attributes"] == {
        "concept:name": "a",
        "time:timestamp": "1970-01-01T01:01:00.000+01:00",
        "lifecycle:transition": "start",
        "end.time:timestamp": "1970-01-01T01:04:00.000+01:00",
        "end.lifecycle:transition": "complete",
        "x": "1",
    }


def test_events_without_time_keep_their_order_by_their_ids() -> None:
    spans = rows(read(LOG, log(event("b", None, ""), event("a", None, ""))).spans)
    assert [span["name"] for span in sorted(spans, key=lambda span: span["span_id"])] == ["case 1", "b", "a"]
    assert all("start_time_unix_nano" not in span for span in spans)


def test_nested_attributes_and_lists_are_kept() -> None:
    nested = '<string key="who" value="ann"><int key="age" value="3"/></string>'
    listed = '<list key="items"><values><int key="i" value="1"/><int key="i" value="2"/></values></list>'
    (case,) = rows(read(LOG, log(more=nested + listed)).spans)
    assert {key: case["attributes"][key] for key in ("who", "who.age", "items")} == {
        "who": "ann",
        "who.age": "3",
        "items": '[{"i":"1"},{"i":"2"}]',
    }


def test_where_the_xml_breaks_the_cases_before_are_kept_and_the_place_is_told() -> None:
    whole = log(event("a", 1)).removesuffix("</log>")
    batch = read(LOG, whole + "\n<trace><event></trace>")
    assert batch.spans.num_rows == 2
    assert [(problem.place, "mismatched tag" in problem.reason) for problem in batch.problems] == [
        ("line 2, column 17", True)
    ]


def test_blocks_may_be_cut_anywhere() -> None:
    data = log(event("ä", 1), event("b", 2))
    assert read(LOG, data, 1).spans == read(LOG, data).spans


@pytest.mark.shared
def test_recorded_logs_are_read_whole(shared_data: Path) -> None:
    files = sorted((shared_data / "process_conformance").rglob("*.xes*"))
    assert len(files) >= 3
    for file in files:
        data = gzip.decompress(file.read_bytes()) if file.suffix == ".gz" else file.read_bytes()
        batch = read(LOG, data)
        kinds = batch.spans["kind"].to_pylist()
        assert batch.problems == ()
        assert kinds.count("sequence") == len(re.findall(rb"<trace>", data)), file.name
        told = re.findall(rb"<event>", data)
        joined = sum("end.lifecycle:transition" in dict(row) for row in batch.spans["attributes"].to_pylist())
        assert kinds.count("span") + joined == len(told), file.name
