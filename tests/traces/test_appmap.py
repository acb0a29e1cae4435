"""AppMap recordings."""

from __future__ import annotations

from typing import Any

from telemap.traces.appmap import RECORDING
from tests.traces.reading import columns, read, rows


def recording(*events: dict[str, Any]) -> dict[str, Any]:
    return {"version": "1.9", "metadata": {"app": "shop"}, "classMap": [], "events": list(events)}


def call(identity: int, **said: Any) -> dict[str, Any]:
    return {"id": identity, "event": "call", "thread_id": 1} | said


def done(identity: int, of: int, **said: Any) -> dict[str, Any]:
    return {"id": identity, "event": "return", "parent_id": of, "thread_id": 1} | said


def test_a_call_within_a_call_is_its_child_and_knows_its_code() -> None:
    outer = call(1, defined_class="Cart", method_id="add", path="app/cart.rb", lineno=7, parameters=[{"name": "n"}])
    query = call(2, sql_query={"sql": "SELECT 1", "database_type": "sqlite"})
    failed = [{"class": "Full", "message": "no room"}]
    batch = read(
        RECORDING, recording(outer, query, done(3, 2, elapsed=0.25), done(4, 1, elapsed=0.5, exceptions=failed))
    )
    add, select = rows(batch.spans)
    assert add == {
        "span_id": "0123456700000000",
        "trace_id": "0123456789abcdef0000000000000000",
        "kind": "span",
        "name": "Cart.add",
        "handler": "Cart.add",
        "duration_ns": 500_000_000,
        "reported_duration_ns": 500_000_000,
        "status": "error",
        "status_message": "no room",
        "first_line": 1,
        "last_line": 1,
        "service_name": "shop",
        "span_kind": "internal",
        "attributes": {
            "thread.id": "1",
            "defined_class": "Cart",
            "method_id": "add",
            "code.file.path": "app/cart.rb",
            "code.line.number": "7",
            "parameters": '[{"name":"n"}]',
            "code.function.name": "Cart.add",
            "exceptions": '[{"class":"Full","message":"no room"}]',
        },
    }
    assert (select["name"], select["span_kind"], select["parent_span_id"]) == ("SELECT 1", "client", add["span_id"])


def test_a_call_that_never_returns_and_a_return_without_its_call_are_told() -> None:
    batch = read(RECORDING, recording(call(1, defined_class="A", method_id="b"), done(9, 8)))
    assert columns(batch.spans, "name", "status") == [("A.b", "incomplete")]
    assert [problem.place for problem in batch.problems] == ["event 9"]
