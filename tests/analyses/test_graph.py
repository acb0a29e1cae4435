"""The graph: planted dependencies, and nothing else. What it looks like is in the cases."""

from __future__ import annotations

import csv
import io
import json
from collections import Counter
from collections.abc import Callable
from pathlib import Path
from typing import Any
from xml.etree import ElementTree

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from telemap.analyses.graph import Params, run
from telemap.analyses.graph_drawing import dot, graphml, mermaid
from telemap.analyses.graph_impact import _spread
from telemap.analyses.graph_shapes import Gaps, Graph
from telemap.analyses.graph_static import CodeGraph, Function, Step
from telemap.errors import TelemapError
from telemap.reports.blocks import Table, Title
from telemap.reports.data import write_csv
from telemap.reports.markdown import write_markdown
from telemap.reports.sections.graph import EDGES, blocks
from telemap.store.indexing import index_code
from telemap.store.linking import link_code
from telemap.store.store import Store, table_of
from telemap.store.tested import index_coverage
from tests.analyses.conftest import call
from tests.builders import ingested
from tests.repositories import commit, git

StoreOf = Callable[..., Store]
MS = 10**6


def span(span_id: str, name: str | None, parent: str | None = None, start: int = 0, end: int = 0, **more: Any) -> Any:
    """A span of a trace; times in milliseconds."""
    times = {"start_time_unix_nano": start * MS, "end_time_unix_nano": end * MS, "duration_ns": (end - start) * MS}
    what = {"trace_id": "t1", "kind": "span", "status": "ok", "service_name": "shop", **times}
    return what | {"span_id": span_id, "parent_span_id": parent, "name": name} | more


def store_with(folder: Path, rows: list[Any]) -> Store:
    """A store of some spans."""
    store = Store(folder / "store", create=True)
    store.replace("span", table_of("span", rows))
    return store


def pairs(graph: Graph, kind: str) -> dict[tuple[str, str], int]:
    """The edges of a kind, with their counts."""
    return {(e.source, e.target): one.count for e in graph.edges for one in e.seen if one.kind == kind}


def test_calls_are_counted_with_the_times_and_errors_of_what_is_called(tmp_path: Path) -> None:
    store = store_with(
        tmp_path,
        [
            span("1", "checkout", None, 0, 100),
            span("2", "pay", "1", 10, 30),
            span("3", "pay", "1", 40, 80, status="error"),
            span("4", "checkout", None, 200, 210, trace_id="t2"),
        ],
    )
    (edge,) = run(store, Params(edges="call")).edges
    assert (edge.source, edge.target, edge.kinds, edge.layer) == ("checkout", "pay", ["call"], "observed")
    assert (edge.count, edge.share, edge.p50_ms, edge.p95_ms, edge.error_rate) == (2, 0.5, 30.0, 39.0, 0.5)


names = st.sampled_from([None, None, "", "a", "b", "c"])
spans = st.lists(st.tuples(names, st.integers(0, 12), st.booleans()), max_size=11)


@given(spans)
@settings(max_examples=40)
def test_each_run_and_the_nearest_handler_above_it_are_in_one_edge(
    tmp_path_factory: pytest.TempPathFactory, told: list[tuple[str | None, int, bool]]
) -> None:
    """Whatever the parents are: missing, nameless, or going round in circles."""
    rows = [
        span(str(number), name, str(parent) if has_parent else None, number, number + 1)
        for number, (name, parent, has_parent) in enumerate(told)
    ]
    by_id = {row["span_id"]: row for row in rows}
    expected: Counter[tuple[str, str]] = Counter()
    for row in rows:
        above, passed = by_id.get(row["parent_span_id"]), set()
        while above and not above["name"] and above["span_id"] not in passed:
            passed.add(above["span_id"])
            above = by_id.get(above["parent_span_id"])
        if row["name"] and above and above["name"] and above is not row:
            expected[above["name"], row["name"]] += 1
    graph = run(store_with(tmp_path_factory.mktemp("spans"), rows), Params(edges="call"))
    assert pairs(graph, "call") == expected
    assert graph.summary.gaps.nameless == sum(not row["name"] for row in rows)
    assert graph.summary.gaps.orphans == sum(
        bool(row["parent_span_id"]) and row["parent_span_id"] not in by_id for row in rows
    )


def test_what_is_wrong_with_traces_is_counted(tmp_path: Path) -> None:
    store = store_with(
        tmp_path,
        [
            span("1", "a", "2", 0, 10),
            span("2", "b", "1", 5, 10),
            span("3", "c", "nowhere", 0, 10, trace_id="t2"),
            span("4", "d", "3", 10, 5, trace_id="t2"),
            span("5", None, "3", 0, 1, trace_id="t2"),
        ],
    )
    graph = run(store, Params())
    # of two that call each other one must begin first, as of clocks that differ
    assert graph.summary.gaps == Gaps(orphans=1, circular=2, nameless=1, negative=1, early=1)
    assert [cycle.nodes for cycle in graph.cycles] == [["a", "b"]]
    assert [(node.id, node.p95_ms) for node in graph.nodes if node.id == "d"] == [("d", None)]


def test_next_is_told_by_trace_however_runs_interleave(store_of: StoreOf) -> None:
    lines = []
    for run_, begin in (("r1", 0), ("r2", 1), ("r3", 2)):
        lines.append((begin, run_, "begin checkout"))
        for number, handler in enumerate(("price", "pay", "ship")):
            at = begin + number * 10
            lines += [
                (at, run_, f"beat {number} cart:{handler}"),
                (at, run_, f"call {handler}"),
                (at + 5, run_, f"done {handler}"),
                (at + 5, run_, f"beat {number} over"),
            ]
        lines.append((begin + 100, run_, "end checkout"))
    graph = run(store_of(sorted(lines, key=lambda line: line[0])), Params())
    assert pairs(graph, "next") == {("price", "pay"): 3, ("pay", "ship"): 3}
    first = graph.edges[0].seen[0].examples
    assert [(Path(place.source).name, place.line) for place in first] == [("app.log", 29)]


def test_a_handler_that_causes_a_run_calls_the_handlers_of_it(store_of: StoreOf) -> None:
    lines = [
        *call("pay", 0, 100)[:3],
        (10, "r2", "begin payment for pay of r1"),
        *[(at + 10, "r2", text) for at, _, text in call("charge", 0, 30, sequence="payment")[1:]],
        *call("pay", 0, 100)[3:],
    ]
    graph = run(store_of(lines), Params())
    assert pairs(graph, "call") == {("pay", "charge"): 1}
    (point,) = graph.single_points
    assert (point.node, point.sequences, point.runs) == ("pay", ["payment"], 1)
    sequences = run(store_of([]), Params(nodes="sequence"))
    assert pairs(sequences, "call") == {("checkout", "payment"): 1}


def in_code(name: str, line: int) -> dict[str, Any]:
    about = {"code.function.name": name, "code.file.path": "shop.py", "code.line.number": str(line)}
    return {"attributes": list(about.items())}


SHOP = """\
def checkout(cart):
    collect(cart)


def collect(cart):
    pay(cart)
    if cart.is_lost:
        refund(cart)


def pay(cart):
    return cart.total


def refund(cart):
    return -pay(cart)
"""


@pytest.fixture
def shop(tmp_path: Path) -> Store:
    """A shop that never refunded, with its code in a repository; a test calls what no handler does."""
    code = tmp_path / "code"
    (code / "tests").mkdir(parents=True)
    (code / "shop.py").write_text(SHOP)
    (code / "tests" / "test_shop.py").write_text(
        "from shop import checkout, refund\n\ndef test_it():\n    checkout(1)\n"
    )
    git(code, "init", "-q")
    commit(code, "before")
    store = store_with(
        tmp_path,
        [
            span("1", "checkout", None, 0, 10, **in_code("checkout", 1)),
            span("2", "pay", "1", 1, 5, **in_code("pay", 11)),
            span("3", "refund", None, 0, 10, trace_id="t2", **in_code("refund", 15)),
        ],
    )
    index_code(store, [code])
    return store


def test_a_static_edge_goes_through_functions_that_are_no_handlers(shop: Store) -> None:
    graph = run(shop, Params())
    told = [
        (edge.source, edge.target, edge.layer, edge.kinds, [(call.place, call.through) for call in edge.calls])
        for edge in graph.edges
    ]
    assert told == [
        ("checkout", "pay", "both", ["call", "next", "static"], [("shop.py:2", "collect")]),
        ("checkout", "refund", "static", ["static"], [("shop.py:2", "collect")]),
        ("refund", "pay", "static", ["static"], [("shop.py:16", None)]),
    ]
    assert {call.confidence for edge in graph.edges for call in edge.calls} == {0.95}
    assert (graph.summary.static, graph.summary.both, graph.summary.observed) == (2, 1, 0)


def test_all_operations_that_a_function_answers_have_the_calls_of_its_code(shop: Store) -> None:
    """A view of several methods is a handler for each; a call stays in the operation that makes it."""
    rows = [
        span("1", "GET /cart", None, 0, 10, **in_code("checkout", 1)),
        span("2", "POST /cart", None, 0, 10, trace_id="t2", **in_code("checkout", 1)),
        span("3", "pay", "1", 1, 5, **in_code("pay", 11)),
    ]
    shop.replace("span", table_of("span", rows))
    edges = run(shop, Params(edges="call,static")).edges
    told = [(edge.source, edge.target, edge.layer) for edge in edges]
    assert told == [("GET /cart", "pay", "both"), ("POST /cart", "pay", "static")]


def test_a_call_in_code_that_two_services_run_is_none_from_one_to_the_other(shop: Store) -> None:
    rows = [
        span(f"{name} {service}", name, service_name=service, trace_id=service, **in_code(name, line))
        for service in ("web", "worker")
        for name, line in (("checkout", 1), ("pay", 11))
    ]
    shop.replace("span", table_of("span", rows))
    assert run(shop, Params(nodes="service")).edges == []


def test_handlers_of_one_name_are_told_apart_however_they_are_owned(tmp_path: Path) -> None:
    rows = [
        span("1", "pay", kind="handler", handler="pay", plugin="cards"),
        span("2", "pay", kind="handler", handler="pay", plugin="cash"),
        span("3", "pay", kind="handler", handler="pay"),
        span("4", "pay"),
    ]
    graph = run(store_with(tmp_path, rows), Params())
    assert sorted((node.id, node.runs) for node in graph.nodes) == [
        ("pay", 1),
        ("pay (cards)", 1),
        ("pay (cash)", 1),
        ("pay (shop)", 1),
    ]


SERVICES = """\
class Orders:
    def place(self, cart):
        return cart


class Bank:
    def place(self, cart):
        return cart


def create(cart, service):
    service.place(cart)


def other(cart):
    return cart
"""


def test_no_call_is_denied_that_may_be_one(tmp_path: Path) -> None:
    """``service`` can be of two classes, and where the query is, no code tells; but nothing calls ``other``."""
    (tmp_path / "code").mkdir()
    (tmp_path / "code" / "shop.py").write_text(SERVICES)
    rows = [
        span("1", "create", None, 0, 10, **in_code("create", 11)),
        span("2", "Orders.place", "1", 1, 5, **in_code("Orders.place", 2)),
        span("3", "other", "2", 2, 4, **in_code("other", 15)),
        span("4", "SELECT", "2", 4, 5),
    ]
    store = store_with(tmp_path, rows)
    index_code(store, [tmp_path / "code"])
    found = run(store, Params(edges="call,static"))
    assert [(edge.source, edge.target, edge.layer, edge.is_unexplained) for edge in found.edges] == [
        ("Orders.place", "SELECT", "observed", False),
        ("Orders.place", "other", "observed", True),
        ("create", "Orders.place", "observed", False),
    ]
    assert not any(edge.is_unexplained for edge in run(store, Params(edges="call")).edges)  # code was not asked


def test_a_file_without_handlers_is_not_told_as_never_seen(shop: Store, tmp_path: Path) -> None:
    (tmp_path / "code" / "main.py").write_text("from shop import checkout\n\n\ndef main():\n    checkout(1)\n")
    index_code(shop, [tmp_path / "code"])
    graph = run(shop, Params(nodes="module"))
    assert [(edge.source, edge.target, edge.layer) for edge in graph.edges] == [("main.py", "shop.py", "static")]
    tables = [block for block in blocks(graph, "store") if isinstance(block, Table)]
    assert [table.columns for table in tables] == [EDGES]


def test_a_function_that_only_moved_is_not_changed(shop: Store, tmp_path: Path) -> None:
    code = tmp_path / "code"
    moved = "import json\n\n\n" + SHOP  # every function is on another line, and one of them another one
    (code / "shop.py").write_text(moved.replace("if cart.is_lost:", "if cart.lost:") + "\n\ndef extra():\n    pass\n")
    index_code(shop, [code])
    felt = run(shop, Params(changed_since="before")).impact
    assert felt is not None
    assert [(one.function_name, one.change) for one in felt.functions] == [("collect", "changed"), ("extra", "added")]
    with pytest.raises(TelemapError, match="no commit nowhere"):
        run(shop, Params(changed_since="nowhere"))


def test_a_changed_function_reaches_its_callers_by_code_and_by_what_was_seen(shop: Store, tmp_path: Path) -> None:
    code = tmp_path / "code"
    (code / "shop.py").write_text(SHOP.replace("return cart.total", "return cart.sum"))
    index_code(shop, [code])
    felt = run(shop, Params(changed_since="before")).impact
    assert felt is not None
    assert [(one.function_name, one.change) for one in felt.functions] == [("pay", "changed")]
    reached = [(one.node, one.by, one.through, one.runs) for one in felt.handlers]
    assert reached == [
        ("checkout", "observed", "pay", 1),
        ("pay", "changed", "pay", 1),
        ("refund", "static", "refund", 1),
    ]
    assert (felt.runs, felt.share) == (3, 1.0)
    assert ([one.tested for one in felt.functions], felt.tests) == ([None], [])


def test_the_tests_of_what_a_change_reaches_are_those_to_run(shop: Store, tmp_path: Path) -> None:
    code = tmp_path / "code"
    (code / "shop.py").write_text(SHOP.replace("return cart.total", "return cart.sum"))
    index_code(shop, [code])
    lines = (code / "shop.py").read_text().splitlines()
    bodies = {name: lines.index(f"def {name}(cart):") + 2 for name in ("checkout", "pay")}
    (tmp_path / "tests.lcov").write_text(
        "".join(f"TN:{name}s\nSF:shop.py\nDA:{line},1\nend_of_record\n" for name, line in bodies.items())
    )
    assert [one.problems for one in index_coverage(shop, [tmp_path / "tests.lcov"])] == [()]
    felt = run(shop, Params(changed_since="before")).impact
    assert felt is not None
    assert [(one.function_name, one.tested, one.tests) for one in felt.functions] == [("pay", True, ["pays"])]
    assert felt.tests == ["checkouts", "pays"]


def test_functions_of_one_name_are_told_apart_by_place_and_body(shop: Store, tmp_path: Path) -> None:
    """The first of two changes, and a method becomes what another class's method is."""
    code = tmp_path / "code"
    twice = "try:\n    def load():\n        return {}\nexcept NameError:\n    def load():\n        return 2\n\n\n"
    classes = "class A:\n    def run(self):\n        return {}\n\n\nclass B:\n    def run(self):\n        return 'b'\n"
    (code / "more.py").write_text(twice.format(1) + classes.format("'a'"))
    commit(code, "more")
    (code / "more.py").write_text(twice.format(3) + classes.format("'b'"))
    index_code(shop, [code])
    felt = run(shop, Params(changed_since="more")).impact
    assert felt is not None
    assert [(one.function_name, one.line_number, one.change) for one in felt.functions] == [
        ("A.run", 10, "changed"),
        ("load", 2, "changed"),
    ]


def test_a_change_is_felt_by_what_calls_the_function_and_not_by_what_calls_others_of_its_file(
    shop: Store, tmp_path: Path
) -> None:
    code = tmp_path / "code"
    (code / "desk.py").write_text("from shop import refund\n\n\ndef give_back(cart):\n    refund(cart)\n")
    (code / "till.py").write_text("from shop import pay\n\n\ndef take(cart):\n    pay(cart)\n")
    commit(code, "both")
    (code / "shop.py").write_text(SHOP.replace("return -pay(cart)", "return -1"))
    index_code(shop, [code])
    felt = run(shop, Params(nodes="module", changed_since="both")).impact
    assert felt is not None
    assert [one.function_name for one in felt.functions] == ["refund"]
    tests = "SF:till.py\nDA:5,1\nend_of_record\nTN:desks\nSF:desk.py\nDA:5,1\nend_of_record\n"
    (tmp_path / "tests.lcov").write_text(f"TN:tills\n{tests}")
    index_coverage(shop, [tmp_path / "tests.lcov"])
    felt = run(shop, Params(nodes="module", changed_since="both")).impact
    assert felt is not None
    assert felt.tests == ["desks"]


def test_what_is_felt_by_way_of_an_uncertain_place_is_no_surer_than_that(tmp_path: Path) -> None:
    function, other = Function("r", "a.py", 1), Function("r", "b.py", 1)
    steps = {other: [Step(function, 2, 1.0, "import")]}
    called = run(store_with(tmp_path, [span("1", "a", None, 0, 9), span("2", "b", "1", 1, 2)]), Params(edges="call"))
    own = {function: [("a", 0.5)], Function("r", "c.py", 1): [("b", 1.0)]}
    found = dict(_spread({Function("r", "c.py", 1)}, CodeGraph(steps, {}), own, called.edges))
    assert {spot: sure for spot, (sure, _) in found.items()} == {
        Function("r", "c.py", 1): 1.0,
        "b": 1.0,
        "a": 1.0,
        function: 0.5,
        other: 0.5,
    }


def test_sequences_that_feel_a_change_are_counted_in_the_build_that_is_asked_for(shop: Store, tmp_path: Path) -> None:
    rows = [
        span(
            f"{at}", "buying", None, 0, 9, trace_id=f"t{at}", kind="sequence", sequence_id="buy", service_version=build
        )
        for at, build in enumerate(("1", "1", "2"))
    ]
    handler = {"kind": "handler", "handler": "pay", "sequence_id": "buy", "service_version": "2"} | in_code("pay", 11)
    shop.replace("span", table_of("span", [*rows, span("x", "pay", "2", 1, 2, trace_id="t2", **handler)]))
    (tmp_path / "code" / "shop.py").write_text(SHOP.replace("return cart.total", "return cart.sum"))
    index_code(shop, [tmp_path / "code"])
    link_code(shop)
    felt = run(shop, Params(changed_since="before", build="2")).impact
    assert felt is not None
    assert [(one.sequence, one.runs, one.share) for one in felt.sequences] == [("buy", 1, 1.0)]


def test_hubs_and_circles_are_told(tmp_path: Path) -> None:
    rows = [span(f"{n}", f"caller{n}", None, 0, 9, trace_id=f"t{n}") for n in range(3)]
    rows += [span(f"{n}x", "store", f"{n}", 1, 2, trace_id=f"t{n}") for n in range(3)]
    rows += [span("y", "caller0", "0x", 1, 2, trace_id="t0")]
    graph = run(store_with(tmp_path, rows), Params())
    assert [(hub.node, hub.fan_in) for hub in graph.hubs] == [("store", 3)]
    assert [(cycle.nodes, cycle.is_observed) for cycle in graph.cycles] == [(["caller0", "store"], True)]


def test_services_are_joined_by_calls_between_them_only(tmp_path: Path) -> None:
    store = store_with(
        tmp_path,
        [
            span("1", "GET /", None, 0, 9, service_name="web"),
            span("2", "query", "1", 1, 2, service_name="web"),
            span("3", "pay", "1", 3, 4, service_name="money"),
            span("4", "pay", "2", 5, 6, service_name="money"),
            span("5", "sent", None, 7, 8, service_name="mail", links=[{"trace_id": "t1", "span_id": "3"}]),
        ],
    )
    graph = run(store, Params(nodes="service"))
    assert pairs(graph, "call") == {("web", "money"): 2, ("money", "mail"): 1}
    assert [(node.id, node.runs) for node in graph.nodes] == [("mail", 1), ("money", 2), ("web", 2)]


@pytest.mark.parametrize(
    ("file", "expected"),
    [
        ("flamegraph_testTrace.json", {("load-generator", "ride-sharing-app"): 1}),
        ("tracegraph_testTrace.json", {("service1", "service2"): 2}),
    ],
)
def test_services_are_joined_as_jaeger_does(
    file: str, expected: dict[tuple[str, str], int], shared_data: Path, tmp_path: Path
) -> None:
    store, _ = ingested(tmp_path, shared_data / "traces_otlp_jaeger" / "jaeger" / file)
    assert pairs(run(store, Params(nodes="service")), "call") == expected


def test_focus_shows_what_is_around_a_node(tmp_path: Path) -> None:
    rows = [span(str(n), f"h{n}", str(n - 1) if n else None, n, 9) for n in range(5)]
    store = store_with(tmp_path, rows)
    for depth, shown in ((1, ["h1", "h2", "h3"]), (2, ["h0", "h1", "h2", "h3", "h4"])):
        assert [node.id for node in run(store, Params(focus="h2", depth=depth)).nodes] == shown


@pytest.mark.parametrize(
    ("params", "message"),
    [
        (Params(edges="call,cause"), "no edges are called 'cause'"),
        (Params(focus="nobody"), "nothing in the graph is called 'nobody'"),
        (Params(depth=0), "depth is 0"),
        (Params(build="9"), "the store has no build '9'"),
    ],
)
def test_what_is_not_there_is_an_error(params: Params, message: str, tmp_path: Path) -> None:
    with pytest.raises(TelemapError, match=message):
        run(store_with(tmp_path, [span("1", "a")] if params.build is None else []), params)


def test_an_empty_store_has_an_empty_graph(tmp_path: Path) -> None:
    graph = run(store_with(tmp_path, []), Params())
    assert (graph.nodes, graph.edges, graph.summary.nodes) == ([], [], 0)


@pytest.mark.parametrize("kind", ["topic", "sequence"])
def test_that_there_are_no_nodes_of_a_kind_does_not_say_that_nothing_ran(kind: Any, tmp_path: Path) -> None:
    title, *_ = blocks(run(store_with(tmp_path, [span("1", "a")]), Params(nodes=kind)), "store")
    assert title == Title(f"Graph: no {kind}s")


AWKWARD = ['say "x"', "a\\b", "<&>", "ü\x01", "two\nlines"]


def test_other_tools_get_every_node_and_edge(tmp_path: Path) -> None:
    rows = [span(str(n), name, str(n - 1) if n else None, n, 9) for n, name in enumerate(AWKWARD)]
    graph = run(store_with(tmp_path, rows), Params(edges="call"))
    found = ElementTree.fromstring(graphml(graph))
    space = {"g": "http://graphml.graphdrawing.org/xmlns"}
    declared = {key.get("id"): key.get("attr.type") for key in found.findall("g:key", space)}
    nodes = [node.get("id") for node in found.findall(".//g:node", space)]
    assert nodes == [node.id.replace("\x01", "�") for node in graph.nodes]
    ends = [(edge.get("source"), edge.get("target")) for edge in found.findall(".//g:edge", space)]
    assert len(ends) == 4
    assert {end for pair in ends for end in pair} <= set(nodes)
    assert {data.get("key") for data in found.findall(".//g:data", space)} <= declared.keys()
    assert declared["edge_count"] == "long"
    lines = dot(graph).splitlines()
    assert '  "<&>" [label="<&amp;>\\n1 run"];' in lines
    assert (len(lines), sum(" -> " in line for line in lines)) == (3 + 5 + 4 + 1, 4)


def test_mermaid_gets_as_many_edges_as_it_draws_and_says_what_is_left_out(tmp_path: Path) -> None:
    rows = [span("0", "root", None, 0, 9)]
    rows += [span(f"{n}", f"handler{n}", "0", n, n + 1) for n in range(1, 701)]
    text = mermaid(run(store_with(tmp_path, rows), Params(edges="call")))
    drawn = text.count(" -->")
    assert (300 < drawn <= 500, len(text) < 50_200) == (True, True)
    assert text.splitlines()[-1] == f"%% {700 - drawn:,} of 700 edges, seen least, are not drawn"


def test_a_data_file_has_all_edges_and_people_see_the_first(tmp_path: Path) -> None:
    rows = [span("0", "root", None, 0, 9), *(span(f"{n}", f"handler{n:02}", "0", n, n + 1) for n in range(1, 41))]
    told = list(blocks(run(store_with(tmp_path, rows), Params(edges="call")), "store"))
    data, people = io.StringIO(), io.StringIO()
    write_csv(told, data)
    write_markdown(told, people)
    assert [row["target"] for row in csv.DictReader(data.getvalue().splitlines())] == [
        f"handler{n:02}" for n in range(1, 41)
    ]
    assert [people.getvalue().count(text) for text in ("| root |", "15 more edges")] == [25, 1]


def test_the_document_is_the_same_in_every_run(shop: Store) -> None:
    import msgspec

    first, second = (msgspec.json.encode(run(shop, Params())) for _ in range(2))
    assert first == second
    edge = json.loads(first)["edges"][0]
    assert (edge["source"], edge["seen"][0]["kind"], edge["p95Ms"]) == ("checkout", "call", 4.0)


def test_what_all_traffic_passes_is_what_no_way_goes_around(tmp_path: Path) -> None:
    """Every run of ``mail`` comes through ``send``; ``stock`` is reached from two entries."""
    rows = [
        span("1", "order", None, 0, 9, service_name="web"),
        span("2", "return", None, 10, 19, trace_id="t2", service_name="web"),
        span("3", "send", "1", 1, 5, service_name="web"),
        span("4", "send", "2", 11, 15, trace_id="t2", service_name="web"),
        span("5", "mail", "3", 2, 3, service_name="mail"),
        span("6", "mail", "4", 12, 13, trace_id="t2", service_name="mail"),
        span("7", "bounce", "5", 2, 3, service_name="mail"),
        span("8", "stock", "1", 6, 7, service_name="stock"),
        span("9", "stock", "2", 16, 17, trace_id="t2", service_name="stock"),
    ]
    (point,) = run(store_with(tmp_path, rows), Params()).single_points
    assert (point.node, point.services, point.sequences, point.runs) == ("send", ["mail"], [], 2)


def test_what_calls_itself_is_no_entry_of_traffic(tmp_path: Path) -> None:
    """Neither a handler that recurs, nor a service whose handlers call each other."""
    rows = [
        span("1", "order", None, 0, 9, service_name="web"),
        span("2", "charge", "1", 1, 8, service_name="bank"),
        span("3", "charge", "2", 2, 7, service_name="bank"),
        span("4", "log", "3", 3, 4, service_name="bank"),
    ]
    store = store_with(tmp_path, rows)
    for kind, node in (("handler", "order"), ("service", "web")):
        (point,) = run(store, Params(nodes=kind)).single_points  # type: ignore[arg-type]
        assert (point.node, point.services, point.runs) == (node, ["bank"], 1)


def test_a_topic_is_a_node_of_its_own_with_all_that_was_published(tmp_path: Path) -> None:
    """Three publications by two handlers; what they begin is called like the topic."""
    rows = []
    for number, publisher in enumerate(("buy", "buy", "renew")):
        run_, caused = f"r{number}", f"c{number}"
        what = {"kind": "handler", "sequence_id": "shop", "first_line": 1}
        rows += [
            span(run_, publisher, trace_id=run_, handler=publisher, **what),
            span(caused, "mailing", run_, trace_id=caused, kind="sequence", sequence_id="mailing", first_line=2),
            span(f"h{number}", "sold", trace_id=caused, handler="sold", **what | {"sequence_id": "mailing"}),
        ]
    store = store_with(tmp_path, rows)
    said = [
        {"span_id": f"r{number}", "event_name": f"topic.{event}", "attributes": [("topic", "sold"), *more]}
        for number in range(3)
        for event, more in (("published", []), ("routed", [("target_sequence", "mailing")]))
    ]
    store.replace("record", table_of("record", said))
    assert pairs(run(store, Params(nodes="topic")), "topic") == {
        ("sold (topic)", "sold"): 3,
        ("buy", "sold (topic)"): 2,
        ("renew", "sold (topic)"): 1,
    }


def test_long_and_wide_traces_are_answered(tmp_path: Path) -> None:
    deep = [span(str(n), f"h{n}", str(n - 1) if n else None, n, 20_000 - n) for n in range(5_000)]
    wide = [span(f"w{n}", "leaf", "0", n, n + 1) for n in range(5_000)]
    graph = run(store_with(tmp_path, [*deep, *wide]), Params(edges="call"))
    assert (graph.summary.nodes, graph.summary.edges, graph.cycles) == (5_001, 5_000, [])
    assert pairs(graph, "call")["h0", "leaf"] == 5_000


def test_a_call_is_counted_once_where_several_spans_have_one_id(tmp_path: Path) -> None:
    rows = [span("1", "client"), span("1", "server", service_name="far"), span("2", "query", "1", service_name="far")]
    found = pairs(run(store_with(tmp_path, rows), Params()), "call")
    assert (sum(found.values()), {target for _, target in found}) == (1, {"query"})


def test_time_on_critical_paths_is_told_of_handlers(tmp_path: Path) -> None:
    store = store_with(
        tmp_path,
        [
            span("1", "checkout", None, 0, 100),
            span("2", "stock", "1", 10, 30),
            span("3", "mail", "1", 20, 25),
            span("4", "pay", "1", 40, 90),
            span("5", "checkout", None, 200, 300, trace_id="t2"),
        ],
    )
    graph = run(store, Params(critical_path=True))
    told = {node.id: node.on_path and (node.on_path.least_ms, node.on_path.most_ms) for node in graph.nodes}
    assert told == {"checkout": (130.0, 130.0), "stock": (20.0, 20.0), "mail": (0.0, 0.0), "pay": (50.0, 50.0)}
    assert graph.critical_paths is not None
    assert (graph.critical_paths.paths, graph.critical_paths.total_ms, graph.critical_paths.ambiguous) == (2, 200.0, 0)
    assert run(store, Params()).critical_paths is None


def test_a_path_counts_once_for_a_function_that_two_services_run(shop: Store) -> None:
    rows = [
        span("1", "pay", None, 0, 100, **in_code("pay", 11)),
        span("2", "pay", "1", 10, 60, service_name="bank", **in_code("pay", 11)),
    ]
    shop.replace("span", table_of("span", rows))
    (node,) = [node for node in run(shop, Params(critical_path=True)).nodes if node.runs]
    assert node.on_path is not None
    assert (node.on_path.paths, node.on_path.most_ms) == (1, 100.0)
