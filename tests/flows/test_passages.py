"""The ways that runs took: nothing is lost between two nodes, and they are what the variants tell."""

from __future__ import annotations

from collections import Counter

from hypothesis import given
from hypothesis import strategies as st

from telemap.flows.alignment import FlowChecker
from telemap.flows.chart import END, START, Node, chart_of
from telemap.flows.net import Block, choice, interleaving, loop, net_of, option, sequence, step
from telemap.flows.passage import Passages, Surveyor, Way
from tests.flows.nets import blocks, steps, variants


def passages(block: Block, *courses: tuple[str, ...], lacks_start: bool = False, lacks_end: bool = False) -> Passages:
    surveyor = Surveyor(FlowChecker(net_of(block)))
    for variant in courses:
        surveyor.add(variant, 1, lacks_start=lacks_start, lacks_end=lacks_end)
    return surveyor.passages


def in_a_row(parts: st.SearchStrategy[Block]) -> st.SearchStrategy[Block]:
    """Blocks of blocks, none beside another."""
    several = st.lists(parts, min_size=1, max_size=3)
    return st.one_of(
        several.map(lambda found: sequence(*found)),
        several.map(lambda found: choice(*found)),
        parts.map(option),
        st.tuples(parts, parts).map(lambda found: loop(*found)),
    )


@given(blocks, st.lists(variants, min_size=1, max_size=5), st.booleans(), st.booleans())
def test_what_comes_to_a_node_goes_on_from_it(
    block: Block, courses: list[tuple[str, ...]], lacks_start: bool, lacks_end: bool
) -> None:
    found = passages(block, *courses, lacks_start=lacks_start, lacks_end=lacks_end)
    came, went = Counter[Node](), Counter[Node]()
    for way, count in found.ways.items():
        came[way.target] += count
        went[way.source] += count
    for node in came | went:
        if node.kind in ("step", "event", "choice"):
            assert came[node] == went[node] == found.visits[node]
    assert sum(went[node] for node in (START, Node("cut-start"))) == len(courses)
    events = Counter(event for variant in courses for event in variant)
    assert sum(found.visits[node] for node in came if node.kind in ("step", "event")) == events.total()


@given(st.recursive(steps, in_a_row, max_leaves=6), variants)
def test_where_nothing_is_beside_each_other_the_ways_of_a_run_are_its_events(
    block: Block, variant: tuple[str, ...]
) -> None:
    net = net_of(block)
    surveyor = Surveyor(FlowChecker(net))
    surveyor.add(variant, 1, lacks_start=False, lacks_end=False)
    ways = surveyor.passages.ways
    names = {
        node: str(node.name) if node.kind == "event" else net.transitions[int(node.name)].label
        for node in {way.target for way in ways}
        if node.kind in ("event", "step")
    }
    events = Counter({node: count for node, count in surveyor.passages.visits.items() if node in names})
    told = Counter[str | None]()
    for node, count in events.items():
        told[names[node]] += count
    assert told == Counter(variant)
    assert ways.total() == len(variant) + 1 + sum(count for way, count in ways.items() if way.target.kind == "choice")
    assert sum(way.target == END for way in ways) == 1


@given(blocks, st.lists(variants, min_size=1, max_size=5))
def test_declared_ways_are_ways_of_the_net(block: Block, courses: list[tuple[str, ...]]) -> None:
    found = passages(block, *courses)
    assert {(way.source, way.target) for way in found.ways if way.kind == "declared"} <= set(found.chart.ways)


def names_of(found: Passages) -> dict[tuple[str, str, str], int]:
    def named(node: Node) -> str:
        return "abcdef"[node.name] if node.kind == "step" and isinstance(node.name, int) else f"{node.kind} {node.name}"

    return {(named(way.source), named(way.target), way.kind): count for way, count in sorted(found.ways.items())}


ABC = sequence(step("a"), step("b"), step("c"))


def test_what_is_missing_is_passed_by() -> None:
    assert names_of(passages(ABC, ("a", "c"), ("a", "b", "c"))) == {
        ("start ", "a", "declared"): 2,
        ("a", "b", "declared"): 1,
        ("b", "c", "declared"): 1,
        ("a", "c", "deviating"): 1,
        ("c", "end ", "declared"): 2,
    }


def test_what_is_too_much_or_out_of_order_is_a_detour() -> None:
    assert names_of(passages(ABC, ("a", "x", "b", "c"))) == {
        ("start ", "a", "declared"): 1,
        ("a", "event x", "deviating"): 1,
        ("event x", "b", "deviating"): 1,
        ("b", "c", "declared"): 1,
        ("c", "end ", "declared"): 1,
    }
    assert names_of(passages(ABC, ("a", "c", "b"))) == {
        ("start ", "a", "declared"): 1,
        ("a", "c", "deviating"): 1,
        ("c", "b", "deviating"): 1,
        ("b", "end ", "deviating"): 1,
    }


def test_runs_that_the_log_cuts_off_come_from_there_and_go_there() -> None:
    assert names_of(passages(ABC, ("b",), lacks_start=True, lacks_end=True)) == {
        ("cut-start ", "b", "cut"): 1,
        ("b", "cut-end ", "cut"): 1,
    }


def test_branches_begin_and_end_in_gates_and_options_are_ways_around() -> None:
    chart = chart_of(net_of(sequence(step("a"), interleaving(step("b"), option(step("c"))))))
    fork, join = (node for node in chart.nodes if node.kind == "gate")
    a, b, c = (node for node in chart.nodes if node.kind == "step")
    assert set(chart.ways) == {
        (START, a),
        (a, fork),
        (fork, b),
        (fork, c),
        (fork, join),
        (b, join),
        (c, join),
        (join, END),
    }


def test_many_options_in_a_row_make_few_ways() -> None:
    chart = chart_of(net_of(sequence(*(option(step(f"s{number}")) for number in range(50)))))
    assert len(chart.ways) < 4 * 50


def test_a_failed_run_ends_where_it_failed() -> None:
    surveyor = Surveyor(FlowChecker(net_of(ABC)))
    surveyor.add(("a",), 3, lacks_start=False, lacks_end=False, is_failed=True)
    assert surveyor.passages.ways == {
        Way(START, Node("step", 0), "declared"): 3,
        Way(Node("step", 0), Node("failed"), "declared"): 3,
    }
