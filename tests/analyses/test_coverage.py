"""Coverage: who ran, who did not and how sure that is, and what could not be seen."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from msgspec.structs import replace

from telemap.analyses.coverage import Params, run
from telemap.analyses.coverage_exports import lcov
from telemap.analyses.coverage_handlers import Use, finding_of
from telemap.analyses.coverage_shapes import Coverage, HandlerCoverage
from telemap.analyses.heatmap import Params as HeatmapParams
from telemap.analyses.heatmap import run as heatmap
from telemap.model.findings import Severity
from telemap.reports.blocks import Next, Text
from telemap.reports.sections.coverage import blocks
from telemap.stats.unseen import unseen_share
from telemap.store.declaring import index_definitions
from telemap.store.indexing import index_code
from telemap.store.linking import link_code
from telemap.store.store import Store
from telemap.store.tested import index_coverage
from telemap.tested.reading import read_report
from tests.analyses.conftest import Line, call
from tests.analyses.test_flows import declare, sequence
from tests.analyses.test_graph import span, store_with

StoreOf = Callable[..., Store]


def calls(times: dict[str, int], name: str = "checkout", at: int = 0) -> list[Line]:
    """Runs of handlers, each in a run of its own."""
    handlers = [handler for handler, count in times.items() for _ in range(count)]
    return [
        line
        for number, handler in enumerate(handlers)
        for line in call(handler, at + 10 * number, at + 10 * number + 5, f"{name}-{at}-{number}", name)
    ]


def by_name(coverage: Coverage) -> dict[str, HandlerCoverage]:
    found = {one.name: one for one in coverage.handlers}
    assert len(found) == len(coverage.handlers)
    return found


def declared(store: Store, folder: Path, **handlers: list[str]) -> None:
    """Sequences by id, each with a beat for each of its handlers."""
    told = [
        sequence(name, [(f"{name}:{handler}", handler, False) for handler in names]) for name, names in handlers.items()
    ]
    assert index_definitions(store, [declare(folder / "definitions", *told)]).problems == ()


def test_every_handler_is_in_one_quadrant_and_runs_as_often_as_the_heatmap_says(
    store_of: StoreOf, tmp_path: Path
) -> None:
    times = {"price": 3, "pay": 1, "ship": 2}
    store = store_of(calls(times))
    declared(store, tmp_path, checkout=["price", "pay", "ship", "award"])
    coverage = run(store, Params())
    summary = coverage.summary
    assert {one.name: one.executions for one in coverage.handlers} == {**times, "award": 0}
    assert {one.name: one.executions for one in heatmap(store, HeatmapParams()).handlers} == times
    assert Counter(one.quadrant for one in coverage.handlers) == {"production-only": 3, "neither": 1}
    assert (summary.declared, summary.observed, summary.coverage, summary.executions) == (4, 3, 0.75, 6)
    assert not coverage.is_tested_known


def test_what_its_sequence_lets_expect_says_how_sure_it_is_that_a_handler_is_not_in_use(
    store_of: StoreOf, tmp_path: Path
) -> None:
    names = [f"step{number}" for number in range(5)]
    store = store_of(calls(dict.fromkeys(names, 2)))
    declared(store, tmp_path, checkout=[*names, "award"])
    award = by_name(run(store, Params()))["award"]
    # ten runs, in each of which one of five handlers ran
    assert award.expected_executions == 2.0
    assert award.not_seen_confidence == pytest.approx(1 - math.exp(-2), abs=1e-4)
    assert award.reason == "its sequences ran 10 times, so that 2 executions were expected"


def test_of_a_sequence_that_never_ran_others_like_it_say_how_sure(store_of: StoreOf, tmp_path: Path) -> None:
    names = [f"step{number}" for number in range(9)]
    store = store_of(calls(dict.fromkeys(names, 4)))
    declared(store, tmp_path, checkout=names, loyalty=["award"])
    coverage = run(store, Params())
    award = by_name(coverage)["award"]
    assert (award.expected_executions, award.not_seen_confidence) == (None, 0.95)
    assert award.reason == "none of its sequences ran, and 9 handlers like it were seen, the rarest 4 times"
    assert [(one.kind, one.handler, one.severity) for one in coverage.found] == [("not-seen", "award", Severity.INFO)]


def test_where_next_to_nothing_was_seen_nothing_is_said(store_of: StoreOf, tmp_path: Path) -> None:
    store = store_of(calls({"price": 1}))
    declared(store, tmp_path, checkout=["price"], loyalty=["award"])
    coverage = run(store, Params())
    award = by_name(coverage)["award"]
    assert (award.not_seen_confidence, award.reason) == (None, "too few like it were seen")
    assert coverage.found == []


def test_what_the_last_build_does_not_run_any_more_is_found(store_of: StoreOf, tmp_path: Path) -> None:
    store_of(calls({"price": 20, "award": 10}), build="1")
    store = store_of(calls({"price": 30}, at=5000), build="2")
    declared(store, tmp_path, checkout=["price"], loyalty=["award"])
    for build, executions in ((None, 10), ("2", 0)):
        coverage = run(store, Params(build=build))
        (found,) = coverage.found
        assert (found.kind, found.handler, found.severity) == ("no-longer-seen", "award", Severity.WARNING)
        assert found.reason == "build 1 ran it 10 times, so that 10 executions were expected"
        assert by_name(coverage)["award"].executions == executions
    before = run(store, Params(build="1"))
    assert (before.found, by_name(before)["award"].executions) == ([], 10)
    assert [(one.build, one.executions) for one in by_name(before)["price"].builds] == [("1", 20), ("2", 30)]


def test_a_route_that_nothing_called_is_a_handler_of_which_nothing_can_be_said(
    store_of: StoreOf, tmp_path: Path
) -> None:
    code = tmp_path / "code"
    code.mkdir()
    (code / "app.py").write_text(
        "from flask import Flask\n\napp = Flask(__name__)\n\n\n@app.get('/orders')\ndef orders():\n    return []\n"
    )
    (code / "test_app.py").write_text((code / "app.py").read_text().replace("orders", "fixtures"))
    store = store_of(calls({"price": 1}))
    index_code(store, [code])
    orders = by_name(run(store, Params()))["orders"]
    assert orders.code is not None
    assert (orders.code.file_path, orders.code.function_name, orders.code.evidence) == ("app.py", "orders", "route")
    assert orders.registered == ["http flask GET /orders"]
    assert (orders.quadrant, orders.not_seen_confidence) == ("neither", None)
    assert orders.reason == "nothing like it is in the telemetry, which may not show it"


def test_hot_paths_are_the_sequences_with_the_most_executions_in_their_declared_order(
    store_of: StoreOf, tmp_path: Path
) -> None:
    store = store_of(calls({"pay": 3, "price": 5}) + calls({"search": 2}, "browse", at=9000))
    declared(store, tmp_path, checkout=["price", "pay", "award"], browse=["search"])
    assert [(one.sequence_id, one.runs, one.share, one.handlers) for one in run(store, Params()).hot_paths] == [
        ("checkout", 8, 0.8, ["price", "pay"]),
        ("browse", 2, 0.2, ["search"]),
    ]


def test_what_was_not_recorded_is_told(store_of: StoreOf) -> None:
    hour = 3_600_000
    store_of([*calls({"price": 60}), *calls({"price": 1}, at=600_000)], build="1")
    store = store_of([(hour, "late", "call ship"), (hour + 5, "late", "done ship"), *calls({"pay": 1}, at=hour + 9)])
    told = [(gap.kind, gap.reason, gap.window and gap.window.start[:19]) for gap in run(store, Params()).summary.gaps]
    assert told == [
        ("unrecorded", "no source covers 50 minutes", "2026-01-02T03:14:00"),
        ("silence", "nothing was recorded for 10 minutes", "2026-01-02T03:04:00"),
        ("late-start", "it begins inside of a run: what was before is not known", None),
    ]


@given(st.lists(st.integers(1, 50)))
def test_the_more_was_seen_often_the_less_is_thought_unseen(counts: list[int]) -> None:
    share = unseen_share(counts)
    assert 0 < share < 1 or (not counts and share == 0.5)
    assert unseen_share([*counts, 9]) < share
    assert unseen_share([*counts, 1]) > unseen_share([*counts, 9]) or counts.count(1) == 0


@pytest.mark.shared
def test_executions_are_those_that_the_pages_themselves_counted(shared_data: Path) -> None:
    from benchmarks.renderx import executions_of_handlers

    wrong: list[Any] = [
        (log, handler, least, count, most)
        for log, handlers in executions_of_handlers(shared_data / "renderx")
        for handler, (least, count, most) in handlers.items()
        if not least <= count <= most
    ]
    assert wrong == []


APP = """from flask import Flask

app = Flask(__name__)


@app.get('/orders')
@app.get('/api/orders')
def orders():
    return []


@app.get('/never')
def never():
    return []


def rate(): return 2


class Cart:
    def run(self):
        return 1


class Order:
    def run(self):
        return 2
"""


def indexed(store: Store, folder: Path, **files: str) -> None:
    """Index a folder of files, of Python where they have no ending."""
    code = folder / "code"
    code.mkdir(exist_ok=True)
    for name, text in files.items():
        (code / (name if "." in name else f"{name}.py")).write_text(text)
    index_code(store, [code])
    link_code(store)


def routed(name: str, at: int, **more: Any) -> Any:
    """A span of a service that handles a request."""
    route = {"http.route": name.partition(" ")[2], "http.request.method": name.partition(" ")[0]}
    return span(f"{at}", name, None, at, at + 1, trace_id=f"t{at}", attributes=route) | {"span_kind": "server"} | more


def test_the_routes_of_a_function_are_one_handler(tmp_path: Path) -> None:
    names = ("GET /orders", "GET /api/orders")
    store = store_with(tmp_path, [routed(names[number % 2], number) for number in range(5)])
    indexed(store, tmp_path, app=APP)
    told = [(one.name, one.executions, len(one.registered)) for one in run(store, Params()).handlers]
    assert told == [("never", 0, 1), ("orders", 5, 2)]


def test_the_same_place_of_two_indexed_folders_is_counted_once(store_of: StoreOf, tmp_path: Path) -> None:
    store = store_of(calls({"orders": 3}))
    for name, text in (("a", APP), ("b", APP.replace("def orders", "def parcels"))):
        (tmp_path / name).mkdir()
        indexed(store, tmp_path / name, app=text)
    told = {one.name: one.executions for one in run(store, Params()).handlers}
    assert told == {"orders": 3, "parcels": 0, "never": 0}


def test_a_build_of_one_service_says_nothing_of_another(tmp_path: Path) -> None:
    rows = [
        span(
            f"{number}", name, None, number, number + 1, trace_id=f"t{number}", service_name=name, service_version=build
        )
        for number, (name, build) in enumerate([("orders", "1.0"), ("pay", "3.2")] * 20)
    ]
    store = store_with(tmp_path, rows)
    assert run(store, Params()).found == []
    coverage = run(store, Params(build="3.2"))
    told = {one.name: (one.executions, one.not_seen_confidence, one.reason) for one in coverage.handlers}
    assert told == {"pay": (20, None, None), "orders": (0, None, "it ran in other builds only")}
    assert coverage.found == []


def test_what_only_a_later_build_runs_is_not_missing_in_the_one_before(store_of: StoreOf) -> None:
    names = [f"step{number}" for number in range(9)]
    store_of(calls(dict.fromkeys(names, 9)), build="1")
    store = store_of(calls(dict.fromkeys([*names, "award"], 9), at=9000), build="2")
    assert run(store, Params(build="1")).found == []


def test_a_beat_of_several_handlers_shows_none_of_them(store_of: StoreOf, tmp_path: Path) -> None:
    runs = range(0, 600, 20)
    store = store_of(
        [
            line
            for at in runs
            for line in [
                (at, f"r{at}", "begin checkout"),
                *((at + step, f"r{at}", f"beat {step} cart:{step}") for step in range(1, 8)),
                (at + 9, f"r{at}", "end checkout"),
            ]
        ]
    )
    beats = [(f"cart:{step}", f"step{step}", False) for step in range(1, 7)]
    told = sequence("checkout", [*beats, ("cart:7", "pay", False), ("cart:7", "ship", False)])
    assert index_definitions(store, [declare(tmp_path / "definitions", told)]).problems == ()
    coverage = run(store, Params())
    assert coverage.found == []
    found = by_name(coverage)
    assert {name: (found[name].executions, found[name].not_seen_confidence) for name in ("step6", "pay", "ship")} == {
        "step6": (30, None),
        "pay": (0, None),
        "ship": (0, None),
    }


def test_of_what_no_report_measured_nothing_is_said(store_of: StoreOf, tmp_path: Path) -> None:
    store = store_of(calls({"orders": 9, "never": 9, "rate": 9, "other": 9, "Cart.run": 1}))
    lines = APP.splitlines()
    indexed(store, tmp_path, app=APP, elsewhere="def other():\n    return 1\n")
    (tmp_path / "tests.lcov").write_text(
        "SF:app.py\n"
        + "".join(
            f"DA:{lines.index(line) + 1 + more},{hits}\n"
            for line, more, hits in (("def orders():", 1, 1), ("def never():", 1, 0), ("def rate(): return 2", 0, 1))
        )
        + "end_of_record\n"
    )
    assert [one.problems for one in index_coverage(store, [tmp_path / "tests.lcov"])] == [()]
    coverage = run(store, Params())
    assert {one.name: one.tested for one in coverage.handlers} == {
        "orders": True,
        "never": False,
        "rate": None,
        "other": None,
        "Cart.run": None,
    }
    assert [(one.kind, one.handler) for one in coverage.found] == [("untested-hot", "never")]


def test_a_case_of_another_file_is_not_the_one_that_a_definition_names(store_of: StoreOf, tmp_path: Path) -> None:
    told = sequence("checkout", [("cart:filled", "price", False), ("cart:paid", "pay", False)])
    for beat, path in zip(told["movements"][0]["beats"], ("tests/price.test.ts", "tests/pay.test.ts"), strict=True):
        beat |= {"testFile": path, "testCase": "works"}
    store = store_of(calls({"price": 1, "pay": 1}))
    assert index_definitions(store, [declare(tmp_path / "definitions", told)]).problems == ()
    (tmp_path / "junit.xml").write_text(
        '<testsuite><testcase name="works" file="C:\\app\\tests\\price.test.ts"/></testsuite>'
    )
    index_coverage(store, [tmp_path / "junit.xml"])
    evidence = {one.name: one.test_evidence for one in run(store, Params()).handlers}
    assert evidence == {"price": "case", "pay": "definition"}


def test_what_is_said_of_tests_is_about_all_handlers_however_few_are_shown(store_of: StoreOf, tmp_path: Path) -> None:
    told = sequence("checkout", [("cart:priced", "price", False), ("cart:paid", "pay", False), ("x", "ship", False)])
    told["movements"][0]["beats"][0] |= {"testFile": "price.test.ts", "testCase": "prices"}
    told["movements"][0]["beats"][1] |= {"testFile": "pay.test.ts", "testCase": "pays"}
    store = store_of(calls({"price": 1, "pay": 1}))
    assert index_definitions(store, [declare(tmp_path / "definitions", told)]).problems == ()
    (tmp_path / "junit.xml").write_text('<testsuite><testcase name="prices" file="price.test.ts"/></testsuite>')
    index_coverage(store, [tmp_path / "junit.xml"])
    every, one = ([*blocks(run(store, Params(top=top)), "store")][-2:] for top in (None, 1))
    assert isinstance(every[0], Text)
    assert every[0].text.split("\n")[:3] == [
        "1 handler of which the telemetry cannot show whether they are in use.",
        "Of 1 handler only a definition says that a test runs them, and no report of tests.",
        "Of 1 handler nothing tells whether tests run them: no report measured them.",
    ]
    assert [*one] == [*every]
    assert every[1] == Next("telemap index DIR", "gives every handler its place in the code")


def test_functions_of_one_name_in_a_file_have_findings_of_their_own(store_of: StoreOf, tmp_path: Path) -> None:
    store = store_of(calls({"orders": 3}))
    indexed(store, tmp_path, app=APP)
    (one,) = (one for one in run(store, Params()).handlers if one.executions)
    assert one.code is not None
    method = replace(one, code=replace(one.code, function_name="Shop.orders"), tested=False)
    found = [finding_of(handler, Use({}, []), None, 1) for handler in (replace(one, tested=False), method)]
    assert len({finding.id for finding in found if finding}) == 2


EXPRESS = """const express = require('express');
const app = express();
const listOrders = (req, res) => res.json([]);
app.get('/orders', listOrders);
app.post('/orders', async (req, res) => {
  res.json({});
});
"""


def test_the_layers_of_a_request_are_one_execution_also_in_exports(tmp_path: Path) -> None:
    rows = [
        one
        for at, method in enumerate(["GET", "GET", "POST"])
        for one in (
            routed(f"{method} /orders", at),
            routed(f"{method} /orders", at + 10, span_kind="internal"),
        )
    ]
    for row in rows[1::2]:
        row["name"] = "request handler - /orders"
    store = store_with(tmp_path, rows)
    indexed(store, tmp_path, **{"app.js": EXPRESS})
    coverage = run(store, Params())
    assert {one.name: one.executions for one in coverage.handlers} == {"GET /orders": 2, "POST /orders": 1}
    (tmp_path / "production.lcov").write_text(lcov(coverage))
    report = read_report(tmp_path / "production.lcov")
    told = [[(one.name, one.line_number, one.hits) for one in file.functions] for file in report.files]
    assert (told, report.problems) == ([[("listOrders", 3, 2), ("(anonymous_5)", 5, 1)]], ())
