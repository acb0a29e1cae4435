from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from telemap.flows.components import components_of
from telemap.flows.net import Block, Draft, Net, net_of
from tests.flows import oracle
from tests.flows.nets import blocks, nets


def relabelled(net: Net) -> Net:
    """The net with a label of its own for each step."""
    transitions = [
        one if one.label is None else type(one)(f"{one.label}{number}", one.inputs, one.outputs)
        for number, one in enumerate(net.transitions)
    ]
    return Net(net.place_count, tuple(transitions), net.start, net.ends)


@given(blocks)
def test_every_step_of_a_flow_of_blocks_is_counted_in_one_component(block: Block) -> None:
    net = relabelled(net_of(block))
    counted = [label for component in components_of(net) for label in component.labels]
    assert sorted(counted) == sorted(one.label for one in net.transitions if one.label is not None)


@given(st.one_of(blocks.map(net_of), nets(), nets(most_in_arc=2)))
def test_no_run_brings_a_second_token_into_a_component(net: Net) -> None:
    components = components_of(net)
    found = [oracle.marking_of(net, net.start)]
    for marking in found:
        assert all(sum(marking[place] for place in component.places) <= 1 for component in components)
        try:
            onward = {then for one in net.transitions if (then := oracle.after(marking, one)) is not None}
        except oracle.TooLarge:
            continue
        if len(found) < 200:
            found += [then for then in sorted(onward) if then not in found]


def test_steps_after_two_tokens_can_have_met_are_in_no_component() -> None:
    draft = Draft(4)
    draft.add("a", [0], [2])
    draft.add("b", [1], [2])
    draft.add("c", [2], [3])
    assert [one.labels for one in components_of(draft.net([0, 1], [3, 3]))] == [frozenset("a"), frozenset("b")]


@given(st.one_of(blocks.map(net_of), nets()))
def test_a_component_counts_only_steps_that_move_its_token(net: Net) -> None:
    for component in components_of(net):
        for transition in net.transitions:
            if transition.label in component.labels:
                assert sum(place in component.places for place, _ in transition.inputs) == 1
