"""Timelines as traces of Perfetto: what our own reader makes of them is what went in."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from telemap.analyses.timeline import ANALYSIS, Params
from telemap.analyses.timeline_perfetto import perfetto
from telemap.store.store import Store
from telemap.traces.perfetto import TRACE
from telemap.traces.protobuf import encoded, message, schema
from tests.analyses.conftest import call
from tests.analyses.test_timeline import MS, row
from tests.traces.reading import read, rows

StoreOf = Callable[..., Store]


def told(*given_rows: dict[str, Any]) -> list[dict[str, Any]]:
    batch = read(TRACE, perfetto(given_rows))
    assert not batch.problems
    return rows(batch.spans)


def test_a_span_keeps_name_times_service_code_and_what_else_is_known() -> None:
    code = {"code_file_path": "src/a.py", "code_line_number": 7, "code_function_name": "pay"}
    given_row = row("1", None, 0, 100) | code | {"name": "pay", "service": "shop", "status": "error"}
    (span,) = told(given_row | {"start_time_unix_nano": 1_767_323_045_000_000_001})
    assert (span["name"], span["service_name"]) == ("pay", "shop")
    assert (span["start_time_unix_nano"], span["end_time_unix_nano"]) == (
        1_767_323_045_000_000_001,
        1_767_323_045_000_000_001,
    )
    attributes = dict(span["attributes"])
    assert attributes["code.file.path"] == "src/a.py"
    assert attributes["code.line.number"] == "7"
    assert (attributes["status"], attributes["spanId"], attributes["log"]) == ("error", "1", "a.log:1")


def test_spans_nest_and_those_that_overlap_are_in_tracks_of_their_own() -> None:
    given_rows = [row("1", None, 0, 100), row("2", "1", 10, 30), row("3", "1", 20, 40), row("4", None, 100, 100)]
    spans = told(*(one | {"name": one["span_id"]} for one in given_rows))
    names = {span["span_id"]: span["name"] for span in spans}
    assert {span["name"]: names.get(span.get("parent_span_id")) for span in spans} == {
        "1": None,
        "2": "1",
        "3": None,
        "4": None,
    }
    assert {span["name"]: span["duration_ns"] // MS for span in spans} == {"1": 100, "2": 20, "3": 20, "4": 0}


def test_a_run_that_a_handler_caused_is_linked_to_it() -> None:
    cause = row("1", None, 0, 100, kind="handler") | {"name": "pay"}
    caused = row("2", "1", 200, 300, kind="sequence") | {"name": "payment", "trace_id": "u"}
    pay, payment = told(cause, caused)
    assert [link["span_id"] for link in payment["links"]] == [pay["span_id"]]


@given(
    st.lists(
        st.tuples(st.integers(0, 8), st.integers(0, 30), st.integers(0, 30), st.sampled_from(["a", "b", None])),
        max_size=12,
    )
)
@settings(max_examples=100)
def test_whatever_a_timeline_is_every_span_comes_back(given_spans: list[tuple[int, int, int, str | None]]) -> None:
    given_rows = [
        row(str(at), str(parent), start, start + length) | {"name": f"span {at}", "service": service}
        for at, (parent, start, length, service) in enumerate(given_spans)
    ]
    found = sorted((one["name"], one["start_time_unix_nano"], one["end_time_unix_nano"]) for one in told(*given_rows))
    assert found == sorted((one["name"], one["start_time_unix_nano"], one["end_time_unix_nano"]) for one in given_rows)


def test_it_is_an_export(store_of: StoreOf) -> None:
    store = store_of(call("price", 0, 100))
    written = ANALYSIS.exports["perfetto"].make(store, Params())
    assert isinstance(written, bytes)
    assert [span["name"] for span in rows(read(TRACE, written).spans)] == ["checkout", "cart:filled", "price"]


MESSAGES = schema("""
    Whole: 1 number uint, 2 signed int, 3 text text, 4 parts Part*, 5 fixed fixed*, 6 real double, 7 flag bool
    Part: 1 name text, 200 numbers int*
""")
longs = st.integers(-(2**63), 2**63 - 1)
whole = st.fixed_dictionaries(
    {},
    optional={
        "number": st.integers(0, 2**64 - 1),
        "signed": longs,
        "text": st.text(),
        "fixed": st.lists(st.integers(0, 2**64 - 1), min_size=1),
        "real": st.floats(allow_nan=False),
        "flag": st.booleans(),
        "parts": st.lists(
            st.fixed_dictionaries({}, optional={"name": st.text(), "numbers": st.lists(longs, min_size=1)}), min_size=1
        ),
    },
)


@given(whole)
def test_a_message_that_is_written_is_read_as_it_was(values: dict[str, Any]) -> None:
    assert message(encoded(values, "Whole", MESSAGES), "Whole", MESSAGES) == values
