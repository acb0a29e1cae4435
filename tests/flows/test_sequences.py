"""Steps one after the other and deferred ones as nets, and nets as text."""

from __future__ import annotations

from hypothesis import given

from telemap.flows.alignment import FlowChecker
from telemap.flows.encoding import decoded, encoded
from telemap.flows.net import Net, in_turn, net_of, step
from tests.flows.nets import nets


def steps(letters: str, deferred: str = "") -> Net:
    """A net with a step a letter."""
    return net_of(in_turn([(step(letter, at), letter in deferred) for at, letter in enumerate(letters, start=1)]))


def fitting(net: Net, *variants: str) -> list[str]:
    checker = FlowChecker(net)
    return [variant for variant in variants if checker.fits(tuple(variant))]


def test_steps_follow_each_other() -> None:
    net = steps("abc")
    assert fitting(net, "abc", "acb", "ab", "abcc", "") == ["abc"]
    assert [one.step for one in net.transitions] == [1, 2, 3]


def test_a_deferred_step_runs_from_its_turn_on() -> None:
    assert fitting(steps("abcd", deferred="b"), "abcd", "acbd", "acdb", "bacd", "acd") == ["abcd", "acbd", "acdb"]


def test_deferred_steps_run_in_any_order() -> None:
    net = steps("abcd", deferred="bc")
    assert fitting(net, "abcd", "acbd", "adcb", "adbc", "cabd", "abd") == ["abcd", "acbd", "adcb", "adbc"]


def test_a_flow_without_steps_has_the_empty_run() -> None:
    assert fitting(steps(""), "", "a") == [""]


def test_blocks_may_lie_in_each_other_as_deeply_as_a_file_likes() -> None:
    net = net_of(in_turn([(step("a"), True), (step("b"), False)] * 3_000))
    assert len([one for one in net.transitions if one.label]) == 6_000


@given(nets(most_in_arc=2))
def test_a_net_is_the_same_after_it_was_text(net: Net) -> None:
    assert decoded(encoded(net)) == net
