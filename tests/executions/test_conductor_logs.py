"""What a naive reading of a conductor's console log gets wrong, one test each."""

from __future__ import annotations

from pathlib import Path

import pytest

from telemap.store.store import Store
from tests.builders import ConductorLog, ingested, spans


@pytest.fixture
def log() -> ConductorLog:
    return ConductorLog()


def store_of(log: ConductorLog, folder: Path) -> Store:
    path = folder / "page.log"
    path.write_bytes(log.text)
    return ingested(folder, path)[0]


def test_a_start_that_is_printed_twice_is_one_beat(log: ConductorLog, tmp_path: Path) -> None:
    log.run("Cart Add", "cart-1", price="priceItem", show="showItem")
    found = spans(store_of(log, tmp_path), "beat", "beat", "event_name", "title", "handler", "status")
    assert found == [
        (1, "price", "Title of price", "priceItem", "ok"),
        (2, "show", "Title of show", "showItem", "ok"),
    ]


def test_the_executor_s_duration_is_the_reported_one(log: ConductorLog, tmp_path: Path) -> None:
    log.run("Cart Add", "cart-1", price="priceItem")
    store = store_of(log, tmp_path)
    assert spans(store, "beat", "reported_duration_ns", "duration_ns") == [(10_000_000, 10_000_000)]
    assert spans(store, "movement", "reported_duration_ns") == [(49_500_000,)]
    assert spans(store, "sequence", "reported_duration_ns") == [(50_000_000,)]


def test_a_run_is_a_tree_with_one_trace(log: ConductorLog, tmp_path: Path) -> None:
    log.run("Cart Add", "cart-1", price="priceItem")
    store = store_of(log, tmp_path)
    rows = store.rows(
        "SELECT s.kind, p.kind AS parent, s.trace_id = (SELECT min(trace_id) FROM span) AS same_trace, s.request_id "
        "FROM span AS s LEFT JOIN span AS p ON p.span_id = s.parent_span_id ORDER BY s.span_id"
    )
    assert [tuple(row.values()) for row in rows] == [
        ("sequence", None, True, "cart-1"),
        ("movement", "sequence", True, "cart-1"),
        ("beat", "movement", True, "cart-1"),
        ("handler", "beat", True, "cart-1"),
    ]


def test_a_completed_beat_does_not_hide_a_failed_handler(log: ConductorLog, tmp_path: Path) -> None:
    log.request("Cart Add")
    log.begin("Cart Add", "cart-1")
    log.begin_beat(1, "price", "Cart Add")
    log.call("price")
    log.say("🧠 PluginManager: Handler execution failed for P.priceItem: Error: no price")
    log.raw("    at priceItem (cart.ts:12:3)")
    log.resolve("price")
    log.settle("price")
    log.end_beat(1, "price", 4)
    log.end("Cart Add")
    store = store_of(log, tmp_path)
    assert spans(store, "beat", "status", "handler") == [("ok", "priceItem")]
    assert spans(store, "handler", "handler", "plugin", "status", "status_message") == [
        ("priceItem", "P", "error", "Error: no price")
    ]
    failed = store.rows("SELECT severity_text, byte_length, body FROM record WHERE event_name = 'handler.failed'")
    assert failed[0]["severity_text"] == "ERROR"
    assert failed[0]["body"].endswith("\n    at priceItem (cart.ts:12:3)")


def test_a_synchronous_handler_lasts_from_return_to_resolution(log: ConductorLog, tmp_path: Path) -> None:
    log.step_ms = 3
    log.run("Cart Add", "cart-1", price="priceItem")
    assert spans(store_of(log, tmp_path), "handler", "duration_ns", "reported_duration_ns", "inferred_by") == [
        (3_000_000, None, None)
    ]


def test_a_handler_that_ends_after_its_run_lasts_until_its_baton_line(log: ConductorLog, tmp_path: Path) -> None:
    log.request("Cart Add")
    log.begin("Cart Add", "cart-1")
    log.begin_beat(1, "load", "Cart Add")
    log.call("load")
    log.resolve("load")
    log.settle("load")
    log.end_beat(1, "load", 9)
    log.end("Cart Add")
    log.clock_ms = 500
    log.baton("Cart Add", "load", "loadAll", "cart-1")
    store = store_of(log, tmp_path)
    assert spans(store, "handler", "handler", "status", "duration_ns // 1000000", "request_id") == [
        ("loadAll", "ok", 490, "cart-1")
    ]
    assert spans(store, "beat", "handler", "status", "duration_ns // 1000000") == [("loadAll", "ok", 9)]


def test_a_chained_handler_begins_when_its_predecessor_is_over(log: ConductorLog, tmp_path: Path) -> None:
    log.request("Cart Add")
    log.begin("Cart Add", "cart-1")
    for number, event in ((1, "load"), (2, "show")):
        log.begin_beat(number, event, "Cart Add")
        log.call(event)
        log.resolve(event)
        log.settle(event)
        log.end_beat(number, event, 9)
    log.end("Cart Add")
    log.clock_ms = 500
    log.baton("Cart Add", "load", "loadAll")
    log.clock_ms = 507
    log.baton("Cart Add", "show", "showAll")
    found = spans(store_of(log, tmp_path), "handler", "handler", "duration_ns // 1000000", "inferred_by")
    assert found == [("loadAll", 490, None), ("showAll", 7, "after-predecessor")]


def test_an_event_with_two_subscribers_has_two_handler_runs_and_one_beat(log: ConductorLog, tmp_path: Path) -> None:
    log.request("Cart Add")
    log.begin("Cart Add", "cart-1")
    log.begin_beat(1, "notify", "Cart Add")
    log.call("notify", 0)
    log.call("notify", 1)
    log.resolve("notify", 0)
    log.baton("Cart Drop", "notify", "notifyDrop")
    log.resolve("notify", 1)
    log.baton("Cart Add", "notify", "notifyAdd")
    log.settle("notify")
    log.end_beat(1, "notify", 12)
    log.end("Cart Add")
    store = store_of(log, tmp_path)
    assert spans(store, "handler", "handler", "handler_sequence", "sequence_name") == [
        ("notifyDrop", "Cart Drop", "Cart Add"),
        ("notifyAdd", "Cart Add", "Cart Add"),
    ]
    assert spans(store, "beat", "handler", "handler_sequence") == [("notifyAdd", None)]


def test_a_beat_that_only_another_sequence_answers_says_so(log: ConductorLog, tmp_path: Path) -> None:
    log.request("Cart Add")
    log.begin("Cart Add", "cart-1")
    log.begin_beat(1, "notify", "Cart Add")
    log.call("notify")
    log.resolve("notify")
    log.baton("Cart Drop", "notify", "notifyDrop")
    log.end_beat(1, "notify", 12)
    log.end("Cart Add")
    assert spans(store_of(log, tmp_path), "beat", "handler", "handler_sequence") == [("notifyDrop", "Cart Drop")]


def test_a_nested_run_has_the_handler_that_asked_for_it_as_parent(log: ConductorLog, tmp_path: Path) -> None:
    log.request("Drop")
    log.begin("Drop", "drop-1")
    log.begin_beat(1, "drop", "Drop")
    log.call("drop")
    log.request("Create")  # asked for inside the handler, begins only when the first run is over
    log.resolve("drop")
    log.baton("Drop", "drop", "publishCreate")
    log.settle("drop")
    log.end_beat(1, "drop", 7)
    log.end("Drop")
    log.begin("Create", "create-1")
    log.beat(1, "make", "Create", "makeNode")
    log.end("Create")
    rows = store_of(log, tmp_path).rows(
        "SELECT s.name, p.name AS parent, s.inferred_by, s.trace_id = p.trace_id AS same_trace FROM span AS s "
        "LEFT JOIN span AS p ON p.span_id = s.parent_span_id WHERE s.kind = 'sequence' ORDER BY s.first_line"
    )
    assert [tuple(row.values()) for row in rows] == [
        ("Drop", None, None, None),
        ("Create", "publishCreate", "requested-by-running-handler", False),
    ]


def test_a_run_asked_for_between_runs_has_no_parent_though_it_overlaps_a_late_handler(
    log: ConductorLog, tmp_path: Path
) -> None:
    log.request("Cart Add")
    log.begin("Cart Add", "cart-1")
    log.begin_beat(1, "load", "Cart Add")
    log.call("load")
    log.resolve("load")
    log.settle("load")
    log.end_beat(1, "load", 9)
    log.end("Cart Add")
    log.run("Click", "click-1", press="pressed")
    log.baton("Cart Add", "load", "loadAll")
    assert spans(store_of(log, tmp_path), "sequence", "name", "parent_span_id") == [("Cart Add", None), ("Click", None)]


def test_a_later_run_with_the_same_correlation_id_belongs_to_the_first(log: ConductorLog, tmp_path: Path) -> None:
    for name, request_id in (("Paste", "paste-1"), ("Drag", "drag-1")):
        log.request(name, correlation="mc-1-a2")
        log.begin(name, request_id)
        log.beat(1, "go", name, "goOn")
        log.end(name)
    rows = store_of(log, tmp_path).rows(
        "SELECT s.name, p.name AS parent, s.inferred_by FROM span AS s "
        "LEFT JOIN span AS p ON p.span_id = s.parent_span_id WHERE s.kind = 'sequence' ORDER BY s.first_line"
    )
    assert [tuple(row.values()) for row in rows] == [("Paste", None, None), ("Drag", "Paste", "same-correlation")]


def test_a_reload_leaves_what_was_open_incomplete(log: ConductorLog, tmp_path: Path) -> None:
    log.request("Cart Add")
    log.begin("Cart Add", "cart-1")
    log.begin_beat(1, "price", "Cart Add")
    log.call("price")
    log.raw("Navigated to http://localhost:8080/")
    log.run("Cart Add", "cart-2", price="priceItem")
    store = store_of(log, tmp_path)
    assert spans(store, "beat", "request_id", "status", "end_time_unix_nano IS NULL") == [
        ("cart-1", "incomplete", True),
        ("cart-2", "ok", False),
    ]
    assert spans(store, "handler", "request_id", "handler", "status") == [
        ("cart-1", None, "incomplete"),
        ("cart-2", "priceItem", "ok"),
    ]


def test_a_file_that_begins_in_the_middle_has_what_its_lines_prove(log: ConductorLog, tmp_path: Path) -> None:
    log.run("Cart Add", "cart-1", price="priceItem", show="showItem")
    first = next(place for place, line in enumerate(log.lines) if "Calling subscriber 0" in line)
    log.lines = log.lines[first:]
    store = store_of(log, tmp_path)
    assert spans(store, "beat", "beat", "event_name", "handler", "status", "inferred_by") == [
        (1, "price", "priceItem", "ok", "implied-by-child"),
        (2, "show", "showItem", "ok", None),
    ]
    assert spans(store, "sequence", "name", "status", "duration_ns", "inferred_by") == [
        ("Cart Add", "ok", 50_000_000, "implied-by-child")
    ]


def test_the_late_end_of_a_handler_before_the_file_proves_no_beat(log: ConductorLog, tmp_path: Path) -> None:
    log.baton("Cart Add", "load", "loadAll", "cart-0")
    log.run("Click", "click-1", press="pressed")
    store = store_of(log, tmp_path)
    assert spans(store, "beat", "event_name") == [("press",)]
    assert spans(store, "handler", "handler", "request_id", "start_time_unix_nano IS NULL", "inferred_by") == [
        ("loadAll", "cart-0", True, "start-not-seen"),
        ("pressed", "click-1", False, None),
    ]


def test_a_file_that_ends_in_the_middle_leaves_an_incomplete_beat(log: ConductorLog, tmp_path: Path) -> None:
    log.run("Cart Add", "cart-1", price="priceItem")
    log.lines = log.lines[:-4]
    store = store_of(log, tmp_path)
    assert spans(store, "beat", "status", "duration_ns") == [("incomplete", None)]
    assert spans(store, "sequence", "status", "request_id") == [("incomplete", "cart-1")]


def test_the_printed_prefix_names_the_wrapper_and_is_not_taken_for_the_code(log: ConductorLog, tmp_path: Path) -> None:
    log.run("Cart Add", "cart-1", price="priceItem")
    store = store_of(log, tmp_path)
    assert spans(store, "handler", "code_file_path") == [(None,)]
    places = store.rows("SELECT DISTINCT printed_location FROM record ORDER BY 1")
    assert [row["printed_location"] for row in places] == ["Bus.ts:9", "Logger.ts:116", "Logger.ts:77"]


def test_stack_lines_belong_to_the_record_above(log: ConductorLog, tmp_path: Path) -> None:
    log.say("api.ts:7  POST http://localhost:9999/event net::ERR_CONNECTION_REFUSED", prefix="")
    log.lines[-1] = "api.ts:7  POST http://localhost:9999/event net::ERR_CONNECTION_REFUSED"
    for line in ("send @ api.ts:7", "(anonymous) @ telemetry.ts:98", "await in send", "Promise.then", "<CartPanel>"):
        log.raw(line)
    log.run("Cart Add", "cart-1", price="priceItem")
    store = store_of(log, tmp_path)
    first = store.rows("SELECT line_number, event_name, body FROM record ORDER BY line_number LIMIT 2")
    assert first[0]["event_name"] == "http.failed"
    assert first[0]["body"].count("\n") == 5
    assert first[1]["line_number"] == 7


def test_a_time_stamp_inside_a_message_is_not_the_record_s(log: ConductorLog, tmp_path: Path) -> None:
    log.raw('boot.ts:20 VERSIONS_JSON: {"builtAt":"2020-01-01T00:00:00.000Z","packages":[]}')
    log.run("Cart Add", "cart-1", price="priceItem")
    store = store_of(log, tmp_path)
    versions = store.rows("SELECT time_unix_nano FROM record WHERE event_name = 'build.versions'")
    assert versions == [{"time_unix_nano": None}]


def test_a_baton_line_says_which_keys_changed(log: ConductorLog, tmp_path: Path) -> None:
    log.request("Cart Add")
    log.begin("Cart Add", "cart-1")
    log.begin_beat(1, "tax", "Cart Add")
    log.call("tax")
    log.resolve("tax")
    log.changed("Cart Add", "tax", "cart-1")
    log.settle("tax")
    log.end_beat(1, "tax", 12)
    log.end("Cart Add")
    changes = store_of(log, tmp_path).rows(
        "SELECT c.key, c.operation, s.handler FROM state_change AS c JOIN span AS s USING (span_id) ORDER BY c.key"
    )
    assert [tuple(row.values()) for row in changes] == [
        ("draft", "remove", "taxItem"),
        ("price", "add", "taxItem"),
        ("tax", "add", "taxItem"),
        ("total", "replace", "taxItem"),
    ]


def test_runs_with_identical_lines_are_told_apart(log: ConductorLog, tmp_path: Path) -> None:
    for request_id in ("cart-1", "cart-2", "cart-3"):
        log.run("Cart Add", request_id, price="priceItem")
    assert spans(store_of(log, tmp_path), "sequence", "request_id", "status") == [
        ("cart-1", "ok"),
        ("cart-2", "ok"),
        ("cart-3", "ok"),
    ]


def test_the_same_event_twice_in_a_sequence_is_two_beats(log: ConductorLog, tmp_path: Path) -> None:
    log.request("Export")
    log.begin("Export", "export-1")
    log.beat(3, "draw", "Export", "drawFirst")
    log.beat(3, "draw", "Export", "drawSecond")
    log.end("Export")
    assert spans(store_of(log, tmp_path), "beat", "beat", "handler") == [(3, "drawFirst"), (3, "drawSecond")]


@pytest.mark.parametrize("shape", ["captured", "unlocated", "clock in front", "crlf"])
def test_every_envelope_tells_the_same(shape: str, log: ConductorLog, tmp_path: Path) -> None:
    log.run("Cart Add", "cart-1", price="priceItem", show="showItem")
    change = {
        "captured": lambda line: f"[{line.split(' ')[1]}] LOG {line.split(' ', 1)[1]}",
        "unlocated": lambda line: " " + line.split(" ", 1)[1],
        "clock in front": lambda line: f"03:04:05.678 {line}",
        "crlf": lambda line: line + "\r",
    }[shape]
    log.lines = [change(line) if line.startswith("Bus") else line for line in log.lines]
    assert spans(store_of(log, tmp_path), "beat", "beat", "handler", "duration_ns") == [
        (1, "priceItem", 10_000_000),
        (2, "showItem", 10_000_000),
    ]
