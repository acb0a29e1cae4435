"""Components and dominators against their definitions, on any small graph."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from telemap.stats.graphs import components, dominators, reached

graphs = st.dictionaries(st.integers(0, 7), st.lists(st.integers(0, 7), max_size=4), max_size=8)


def ends(arcs: dict[int, list[int]], starts: set[int], without: int | None = None) -> set[int]:
    """All that some nodes lead to, themselves among it, on ways around another."""
    found, due = set(), starts - {without}
    while due:
        found |= due
        due = {target for node in due for target in arcs.get(node, ())} - found - {without}
    return found


@given(graphs)
def test_a_component_is_what_leads_to_each_other_and_comes_after_what_it_leads_to(arcs: dict[int, list[int]]) -> None:
    found = list(components(arcs))
    nodes = {*arcs, *(target for targets in arcs.values() for target in targets)}
    assert sorted(node for component in found for node in component) == sorted(nodes)
    together = {frozenset(n for n in ends(arcs, {node}) if node in ends(arcs, {n})) for node in nodes}
    assert {frozenset(component) for component in found} == together
    place = {node: number for number, component in enumerate(found) for node in component}
    assert all(place[target] <= place[node] for node, targets in arcs.items() for target in targets)


@given(graphs, st.sets(st.integers(0, 7), max_size=3))
def test_a_dominator_is_passed_by_every_way(arcs: dict[int, list[int]], entries: set[int]) -> None:
    above = dominators(arcs, entries)
    assert set(above) == reached(arcs, entries) == ends(arcs, entries)
    for node in above:
        passed, up = set(), above[node]
        while up is not None:
            passed.add(up)
            up = above[up]
        assert passed == {one for one in above if one != node and node not in ends(arcs, entries, one)}


def test_deep_graphs_are_walked_without_recursion() -> None:
    arcs = {number: [number + 1] for number in range(50_000)}
    assert len(list(components(arcs))) == 50_001
    assert dominators(arcs, [0])[50_000] == 49_999
