"""Declared sequences as nets, and nets as text."""

from __future__ import annotations

from hypothesis import given

from telemap.flows.alignment import FlowChecker
from telemap.flows.encoding import decoded, encoded
from telemap.flows.net import Net
from telemap.flows.sequences import net_of_sequence
from telemap.model.declared import Beat, Movement, Sequence
from tests.flows.nets import nets


def declared(*movements: str, deferred: str = "") -> Sequence:
    """A sequence with a beat a letter, and a movement a word."""
    return Sequence(
        "s",
        "S",
        None,
        tuple(
            Movement(
                None,
                word,
                tuple(
                    Beat(at, letter, None, None, "after-beat" if letter in deferred else "immediate", None, at)
                    for at, letter in enumerate(word, start=1)
                ),
            )
            for word in movements
        ),
        None,
        "s.json",
        1,
    )


def fitting(net: Net, *variants: str) -> list[str]:
    checker = FlowChecker(net)
    return [variant for variant in variants if checker.fits(tuple(variant))]


def test_beats_follow_each_other_through_all_movements() -> None:
    net = net_of_sequence(declared("ab", "c"))
    assert fitting(net, "abc", "acb", "ab", "abcc", "") == ["abc"]
    assert [one.step for one in net.transitions] == [1, 2, 3]


def test_a_deferred_beat_runs_from_its_turn_on() -> None:
    net = net_of_sequence(declared("abcd", deferred="b"))
    assert fitting(net, "abcd", "acbd", "acdb", "bacd", "acd") == ["abcd", "acbd", "acdb"]


def test_deferred_beats_run_in_any_order() -> None:
    net = net_of_sequence(declared("abcd", deferred="bc"))
    assert fitting(net, "abcd", "acbd", "adcb", "adbc", "cabd", "abd") == ["abcd", "acbd", "adcb", "adbc"]


def test_a_sequence_without_beats_has_the_empty_run() -> None:
    assert fitting(net_of_sequence(declared()), "", "a") == [""]


@given(nets(most_in_arc=2))
def test_a_net_is_the_same_after_it_was_text(net: Net) -> None:
    assert decoded(encoded(net)) == net
