"""What is told to be out of order is so, and against what."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from telemap.flows.alignment import FlowChecker
from telemap.flows.deviations import Difference, differences
from telemap.flows.net import Block, net_of, sequence, step
from tests.flows.nets import blocks, variants


def in_order(events: str) -> FlowChecker:
    return FlowChecker(net_of(sequence(*map(step, events))))


@given(st.permutations("abcde"))
def test_what_came_out_of_order_passed_an_event_that_is_declared_on_its_other_side(variant: list[str]) -> None:
    for one in differences(in_order("abcde"), variant) or ():
        assert one.kind == "out-of-order"
        assert one.passed is not None
        side, other = one.passed
        came_after = variant.index(one.event) > variant.index(other)
        assert came_after == (side == "after")
        assert came_after == (one.event < other)


@given(blocks, variants)
def test_only_what_is_out_of_order_passed_something_and_that_came(block: Block, variant: tuple[str, ...]) -> None:
    for one in differences(FlowChecker(net_of(block)), variant) or ():
        assert (one.passed is not None) == (one.kind == "out-of-order")
        assert one.passed is None or one.passed[1] in variant


def test_one_that_came_later_and_one_that_came_sooner() -> None:
    assert differences(in_order("abcd"), "acdb") == (Difference("out-of-order", "b", None, 3, passed=("after", "c")),)
    assert differences(in_order("abcd"), "dabc") == (Difference("out-of-order", "d", None, 0, passed=("before", "c")),)
