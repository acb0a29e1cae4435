"""The timeline: sessions with their pauses, runs, and traces as trees."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Callable, Mapping
from io import StringIO
from itertools import combinations
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from telemap.analyses import timeline as analysis
from telemap.analyses.timeline import ANALYSIS, Params, run
from telemap.analyses.timeline_exports import chrome, speedscope
from telemap.analyses.timeline_trace import spans_of, summary_of
from telemap.errors import TelemapError
from telemap.reports.blocks import Table, Text
from telemap.reports.data import write_csv
from telemap.reports.sections.timeline import MOST_SHOWN, blocks
from telemap.store.loading import Ingest, ingest
from telemap.store.store import Row, Store, fetch
from tests.analyses.conftest import call

StoreOf = Callable[..., Store]
MS = 10**6


def row(span_id: str, parent: str | None, start: int | None, end: int | None, kind: str = "span") -> dict[str, Any]:
    """A row of ``timeline_spans.sql``; times in milliseconds."""
    names = ("name", "handler", "event_name", "service", "status_message", "inferred_by", "last_line")
    code = dict.fromkeys(f"code_{name}" for name in ("file_path", "line_number", "function_name"))
    return {
        **dict.fromkeys(names),
        **code,
        "code_confidence": None,
        "code_evidence": None,
        "span_id": span_id,
        "parent_span_id": parent,
        "trace_id": "t",
        "kind": kind,
        "start_time_unix_nano": None if start is None else start * MS,
        "end_time_unix_nano": None if end is None else end * MS,
        "duration_ns": None if start is None or end is None else (end - start) * MS,
        "status": "ok",
        "is_scheduled": False,
        "is_consumer": False,
        "is_producer": False,
        "uri": "a.log",
        "first_line": 1,
        "changes": 0,
    }


def test_a_session_has_its_runs_its_busy_time_and_its_pauses(store_of: StoreOf) -> None:
    lines = [*call("price", 0, 100), *call("pay", 500, 600, "r2"), *call("ship", 550, 700, "r3")]
    store = store_of(sorted(lines, key=lambda line: line[0]))
    timeline = run(store, Params())
    (session,) = timeline.sessions
    assert (session.runs, session.duration_ms, session.busy_ms, session.think_ms) == (3, 700.0, 300.0, 400.0)
    assert [(one.start, one.end) for one in session.pauses] == [
        ("2026-01-02T03:04:00.100Z", "2026-01-02T03:04:00.500Z")
    ]
    assert [(one.offset_ms, one.duration_ms) for one in timeline.runs] == [(0.0, 100.0), (500.0, 100.0), (550.0, 150.0)]


def test_of_several_sessions_the_longest_runs_are_told_and_of_one_all_in_their_order(store_of: StoreOf) -> None:
    store_of([*call("price", 0, 10), *call("pay", 100, 190, "r2")], build="1")
    store = store_of(call("ship", 0, 50), build="2")
    assert [one.duration_ms for one in run(store, Params()).runs] == [90.0, 50.0, 10.0]
    assert [one.duration_ms for one in run(store, Params(session="1.log")).runs] == [10.0, 90.0]
    assert [one.build for one in run(store, Params(build="2")).sessions] == ["2"]
    with pytest.raises(TelemapError, match=r"several sessions are called '\.log'"):
        run(store, Params(session=".log"))
    with pytest.raises(TelemapError, match="the store has no build '3'"):
        run(store, Params(build="3"))


def test_people_see_the_first_runs_of_a_session_and_csv_has_all(store_of: StoreOf) -> None:
    store = store_of([line for at in range(50) for line in call("pay", 20 * at, 20 * at + 10, f"r{at}")])
    timeline = run(store, Params(session="app.log"))
    written = StringIO()
    write_csv(blocks(timeline, "store"), written)
    assert len(written.getvalue().splitlines()) == 1 + 50
    table = next(one for one in blocks(timeline, "store") if isinstance(one, Table))
    assert len(list(table.seen)) == MOST_SHOWN
    more = [one.text for one in blocks(timeline, "store") if isinstance(one, Text)][-1]
    assert (timeline.omitted_runs, more) == (0, "10 more runs: --format csv or json.")


def test_runs_that_are_too_many_for_an_answer_are_told(store_of: StoreOf, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(analysis, "MOST_RUNS", 45)
    store = store_of([line for at in range(50) for line in call("pay", 20 * at, 20 * at + 10, f"r{at}")])
    timeline = run(store, Params())
    assert (len(timeline.runs), timeline.omitted_runs) == (45, 5)
    more = [one.text for one in blocks(timeline, "store") if isinstance(one, Text)][-1]
    assert more == "10 more runs: --format csv or json, but for the last 5."


def test_a_line_is_looked_for_once(store_of: StoreOf, monkeypatch: pytest.MonkeyPatch) -> None:
    asked = Counter[str]()

    def counted(connection: Any, text: str, parameters: Mapping[str, Any]) -> list[Row]:
        asked[text] += 1
        return fetch(connection, text, parameters)

    monkeypatch.setattr(analysis, "fetch", counted)
    assert run(store_of(call("pay", 0, 10)), Params(trace="app.log:3")).trace is not None
    assert asked[analysis.AT_LINE] == 1


def test_a_trace_is_a_tree_with_the_runs_that_it_caused(store_of: StoreOf) -> None:
    lines = [
        *call("pay", 0, 100),
        (10, "r2", "begin payment for pay of r1"),
        (40, "r2", "end payment"),
    ]
    store = store_of(sorted(lines, key=lambda line: line[0]))
    (trace_id,) = {one.trace_id for one in run(store, Params()).runs if one.caused_by is None}
    timeline = run(store, Params(trace=trace_id))
    told = [(one.depth, one.kind, one.name) for one in timeline.spans if one.kind != "movement"]
    assert told == [
        (0, "sequence", "checkout"),
        (1, "beat", "cart:filled"),
        (2, "handler", "pay"),
        (3, "sequence", "payment"),
    ]
    assert run(store, Params(trace="app.log:3")) == timeline
    assert timeline.trace is not None
    assert (timeline.trace.duration_ms, timeline.trace.errors, timeline.trace.concurrency) == (100.0, 0, 1)
    with pytest.raises(TelemapError, match="no trace is called 'nowhere'"):
        run(store, Params(trace="nowhere"))


def test_times_on_the_path_and_lanes_of_a_trace() -> None:
    rows = [row("1", None, 0, 100), row("2", "1", 10, 30), row("3", "1", 20, 25), row("4", "1", 30, 90)]
    spans, is_ambiguous = spans_of(rows)
    assert [(one.span_id, one.lane, one.self_ms, one.most_path_ms) for one in spans] == [
        ("1", 0, 20.0, 20.0),
        ("2", 1, 20.0, 20.0),
        ("3", 2, 5.0, 0.0),
        ("4", 1, 60.0, 60.0),
    ]
    summary = summary_of("t", rows, spans, is_ambiguous=is_ambiguous)
    assert (summary.duration_ms, summary.concurrency, summary.is_ambiguous) == (100.0, 2, False)


@given(st.lists(st.tuples(st.integers(0, 8), st.integers(0, 30), st.integers(0, 30)), max_size=12))
@settings(max_examples=200)
def test_whatever_a_trace_is_every_span_is_told_once_and_no_two_touch_in_a_lane(
    told: list[tuple[int, int, int]],
) -> None:
    rows = [row(str(at), str(parent), start, start + length) for at, (parent, start, length) in enumerate(told)]
    rows.sort(key=lambda one: one["start_time_unix_nano"])
    spans, is_ambiguous = spans_of(rows)
    assert sorted(one.span_id for one in spans) == sorted(one["span_id"] for one in rows)
    lanes: dict[int, float] = {}
    order = {one["span_id"]: at for at, one in enumerate(rows)}
    for one in sorted(spans, key=lambda one: order[one.span_id]):
        assert lanes.get(one.lane, 0.0) <= (one.offset_ms or 0)
        lanes[one.lane] = (one.offset_ms or 0) + (one.duration_ms or 0)
    summary = summary_of("t", rows, spans, is_ambiguous=is_ambiguous)
    assert summary.spans == len(rows)


def test_spans_without_times_stand_where_they_belong() -> None:
    spans, _ = spans_of([row("1", None, None, None), row("2", "1", 5, 9), row("3", "2", None, None)])
    assert [(one.span_id, one.depth, one.offset_ms) for one in spans] == [("1", 0, None), ("2", 1, 0.0), ("3", 2, None)]


@given(st.lists(st.tuples(st.integers(0, 8), st.integers(0, 30), st.integers(0, 30)), max_size=12))
def test_in_a_track_spans_lie_in_each_other_or_beside_each_other(told: list[tuple[int, int, int]]) -> None:
    rows = [row(str(at), str(parent), start, start + length) for at, (parent, start, length) in enumerate(told)]
    events = [event for event in json.loads(chrome(rows))["traceEvents"] if event["ph"] == "X"]
    assert sorted(event["args"]["spanId"] for event in events) == sorted(one["span_id"] for one in rows)
    for one, other in combinations(events, 2):
        (begin, end), (start, stop) = ((event["ts"], event["ts"] + event["dur"]) for event in (one, other))
        is_within = begin <= start <= stop <= end or start <= begin <= end <= stop
        assert one["tid"] != other["tid"] or is_within or end <= start or stop <= begin
    for profile in json.loads(speedscope(rows))["profiles"]:
        open_: list[int] = []
        times = [event["at"] for event in profile["events"]]
        assert times == sorted(times)
        for event in profile["events"]:
            if event["type"] == "O":
                open_.append(event["frame"])
            else:
                assert open_.pop() == event["frame"]
        assert open_ == []


def test_what_chrome_s_format_has_is_read_as_it_was(store_of: StoreOf, tmp_path: Path) -> None:
    lines = [*call("pay", 0, 100), (10, "r2", "begin payment for pay of r1"), (40, "r2", "end payment")]
    store = store_of(sorted(lines, key=lambda line: line[0]))
    written = tmp_path / "trace.json"
    written.write_text(ANALYSIS.exports["chrome"].make(store, Params()))
    again = Store(tmp_path / "again", create=True)
    ingest(again, [str(written)], Ingest(()))
    times = "start_time_unix_nano, end_time_unix_nano"
    named = "coalesce(CASE WHEN kind = 'handler' THEN handler END, name, movement, event_name, sequence_id)"
    told, read = (one.rows(f"SELECT {named} AS name, {times} FROM told_span ORDER BY ALL") for one in (store, again))
    assert [tuple(one.values())[1:] for one in told] == [tuple(one.values())[1:] for one in read]
    assert {one["name"] for one in read} == {"checkout", "payment", "pay", "cart:filled"}


def test_a_trace_or_a_session_alone_can_be_written(store_of: StoreOf) -> None:
    store_of(call("price", 0, 10), build="1")
    store = store_of(call("ship", 0, 50), build="2")
    for params in (Params(session="1.log"), Params(build="1"), Params(trace="1.log:3")):
        frames = json.loads(ANALYSIS.exports["speedscope"].make(store, params))["shared"]["frames"]
        assert "price" in {frame["name"] for frame in frames}
        assert "ship" not in {frame["name"] for frame in frames}
