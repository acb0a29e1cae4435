"""Executions: every span as one object."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime, timedelta

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from telemap.analyses.executions import executions, windows
from telemap.errors import TelemapError
from telemap.model.documents import iso_time, nanoseconds
from telemap.store.store import Store
from tests.analyses.conftest import call


def test_every_field_of_the_interface_is_there_and_unknown_ones_are_null(store_of: Callable[..., Store]) -> None:
    store = store_of(call("price", 0, 10), build="1.0")
    (found,) = executions(store, ["handler"])
    told = msgspec.to_builtins(found)
    ids = {name: told.pop(name) for name in ("spanId", "parentSpanId", "traceId")}
    assert [len(text) for text in ids.values()] == [16, 16, 32]
    assert told.pop("source").endswith("1.0.log")
    assert told == {
        "kind": "handler",
        "name": "price",
        "sequenceId": "checkout",
        "sequenceName": None,
        "movement": None,
        "beat": 1,
        "event": "cart:filled",
        "handler": "price",
        "plugin": None,
        "requestId": "r1",
        "startTime": "2026-01-02T03:04:00.000Z",
        "endTime": "2026-01-02T03:04:00.010Z",
        "durationMs": 10.0,
        "durationFrom": "difference",
        "status": "ok",
        "statusMessage": None,
        "lineStart": 3,
        "lineEnd": 4,
        "build": "1.0",
        "code": None,
    }


def test_executions_come_by_source_and_line_a_span_before_its_children(store_of: Callable[..., Store]) -> None:
    store_of([*call("pay", 100, 110), *call("price", 200, 210, "r2")], build="b")
    store = store_of(call("ship", 0, 10), build="a")
    found = [(e.build, e.line_start, e.kind) for e in executions(store)]
    run = ["sequence", "beat", "handler"]
    assert found == [
        (build, first + place, kind)
        for build, first in (("a", 1), ("b", 1), ("b", 7))
        for place, kind in enumerate(run)
    ]


def test_large_sources_are_asked_for_in_parts_and_small_ones_together() -> None:
    assert list(windows([("a", 4), ("b", 6), ("c", 1), ("d", 21), ("e", 0)], 10)) == [
        (["a", "b"], 1, 10),
        (["c"], 1, 10),
        (["d"], 1, 10),
        (["d"], 11, 20),
        (["d"], 21, 30),
        (["e"], 1, 10),
    ]


def test_parts_join_without_a_gap(store_of: Callable[..., Store], monkeypatch: pytest.MonkeyPatch) -> None:
    store = store_of([line for n in range(5) for line in call("price", n * 100, n * 100 + 10, f"r{n}")])
    whole = list(executions(store))
    monkeypatch.setattr("telemap.analyses.executions.LINES_A_SORT", 7)
    assert (len(whole), list(executions(store))) == (15, whole)


def test_a_kind_that_does_not_exist_is_an_error_at_once(store_of: Callable[..., Store]) -> None:
    with pytest.raises(TelemapError, match="no execution is of the kind 'beats'"):
        executions(store_of([]), ["beat", "beats"])


@pytest.mark.parametrize(
    ("time_unix_nano", "text"),
    [
        (0, "1970-01-01T00:00:00.000Z"),
        (1_500_000, "1970-01-01T00:00:00.001500Z"),
        (1_000_000_001, "1970-01-01T00:00:01.000000001Z"),
        (-1_000_000, "1969-12-31T23:59:59.999Z"),
    ],
)
def test_times_have_the_digits_that_are_known(time_unix_nano: int, text: str) -> None:
    assert (iso_time(time_unix_nano), nanoseconds(text)) == (text, time_unix_nano)


@given(st.integers(-(10**15), 4 * 10**15))
def test_times_are_those_of_the_calendar(microseconds: int) -> None:
    told = datetime.fromisoformat(iso_time(microseconds * 1000))
    assert told == datetime(1970, 1, 1, tzinfo=UTC) + timedelta(microseconds=microseconds)
