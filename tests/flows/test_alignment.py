from __future__ import annotations

import math
import random
from collections.abc import Iterable
from itertools import permutations, product

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from telemap.flows import automaton, distances, markings
from telemap.flows.alignment import Alignment, FlowChecker, Move
from telemap.flows.net import Block, Draft, Net, choice, interleaving, loop, net_of, option, sequence, step
from tests.flows import oracle
from tests.flows.nets import LABELS, blocks, nets, variants

MOST_STATES = 4_000


def told(checker: FlowChecker, variant: str, *, is_beginning: bool = False) -> str:
    """An alignment in short: as declared, too much (+), missing (-)."""
    moves = checker.alignment(tuple(variant), is_beginning=is_beginning).moves
    assert moves is not None
    signs = {"synchronous": "", "log": "+", "model": "-"}
    return " ".join(
        signs[move.kind] + (str(move.transition.label) if move.transition else variant[move.position])
        for move in moves
        if move.kind != "silent"
    )


def steps(names: Iterable[str]) -> Block:
    return sequence(*map(step, names))


@given(blocks)
def test_what_fits_is_the_language_of_the_blocks(block: Block) -> None:
    checker = FlowChecker(net_of(block))
    fitting = {variant for size in range(4) for variant in product(LABELS, repeat=size) if checker.fits(variant)}
    assert fitting == oracle.language(block, 3)


@settings(max_examples=200)
@given(st.one_of(blocks.map(net_of), nets(), nets(most_in_arc=2)), st.lists(variants, min_size=1, max_size=4))
def test_alignments_cost_as_little_as_the_long_way_finds_and_are_runs(net: Net, asked: list[tuple[str, ...]]) -> None:
    checker = FlowChecker(net, MOST_STATES)
    for variant in asked:
        for is_beginning in (False, True):
            try:
                least = oracle.least_cost(net, variant, is_beginning=is_beginning)
                found = checker.alignment(variant, is_beginning=is_beginning)
                assert found.moves is None or oracle.is_explanation(net, variant, found, is_beginning=is_beginning)
            except oracle.TooLarge:
                continue
            fits = checker.begins(variant) if is_beginning else checker.fits(variant)
            assert found.cost == least if found.moves is not None else found.cost <= least
            assert fits in {least == 0, None}


@given(blocks, st.lists(variants, min_size=1, max_size=4))
def test_flows_of_blocks_are_always_decided(block: Block, asked: list[tuple[str, ...]]) -> None:
    checker = FlowChecker(net_of(block))
    for variant in asked:
        whole, beginning = checker.alignment(variant), checker.alignment(variant, is_beginning=True)
        assert whole.moves is not None
        assert beginning.moves is not None
        assert (checker.fits(variant), checker.begins(variant)) == (whole.cost == 0, beginning.cost == 0)
        assert beginning.cost <= whole.cost


@given(blocks, st.lists(variants, min_size=2, max_size=6), st.randoms(use_true_random=False))
def test_answers_do_not_depend_on_what_was_asked_before(
    block: Block, asked: list[tuple[str, ...]], rng: random.Random
) -> None:
    net = net_of(block)
    shared = FlowChecker(net)
    mixed = rng.sample(asked, len(asked))
    in_a_row = {variant: (shared.fits(variant), shared.alignment(variant)) for variant in mixed}
    alone = {variant: (FlowChecker(net).fits(variant), FlowChecker(net).alignment(variant)) for variant in asked}
    assert in_a_row == alone


def test_what_is_forgotten_is_found_anew(monkeypatch: pytest.MonkeyPatch) -> None:
    for module in (automaton, distances, markings):
        monkeypatch.setattr(module, "MOST_KEPT", 2)
    checker = FlowChecker(net_of(interleaving(steps("abc"), steps("dx"))))
    asked = [tuple(order) for order in permutations("abcdx")]
    assert sum(bool(checker.fits(variant)) for variant in asked) == 10
    assert sum(checker.alignment(variant).cost == 0 for variant in asked) == 10


def test_missing_and_surplus_events_are_told_where_they_are() -> None:
    checker = FlowChecker(net_of(steps("abcd")))
    assert told(checker, "abcd") == "a b c d"
    assert told(checker, "abd") == "a b -c d"
    assert told(checker, "abxcd") == "a b +x c d"
    assert told(checker, "abbcd") == "a b +b c d"
    assert told(checker, "") == "-a -b -c -d"


def test_a_swap_costs_one_event_too_many_and_one_missing() -> None:
    checker = FlowChecker(net_of(steps("abcd")))
    assert checker.alignment(tuple("acbd")).cost == 2
    assert told(checker, "acbd") == "a -b c +b d"


def test_moves_carry_the_declared_step() -> None:
    net = net_of(sequence(step("a", declared="x.json:3"), step("b", declared="x.json:9")))
    assert FlowChecker(net).alignment(("b", "c")) == Alignment(
        (
            Move("model", 0, net.transitions[0]),
            Move("synchronous", 0, net.transitions[1]),
            Move("log", 1, None),
        ),
        2,
    )
    assert [transition.step for transition in net.transitions] == ["x.json:3", "x.json:9"]


def test_an_unfinished_flow_is_a_beginning_and_no_run() -> None:
    checker = FlowChecker(net_of(interleaving(steps("abc"), step("d"))))
    assert (checker.fits(("a", "d")), checker.begins(("a", "d"))) == (False, True)
    assert told(checker, "ad") == "a d -b -c"
    assert told(checker, "ad", is_beginning=True) == "a d"
    assert told(checker, "bd", is_beginning=True) == "-a b d"
    assert checker.begins(("b", "d")) is False


def test_a_beginning_from_which_no_end_can_be_reached_is_none() -> None:
    draft = Draft(4)
    draft.add("a", [0], [1])
    draft.add("a", [0], [2])
    draft.add("b", [1], [3])
    draft.add("c", [2], [2])
    checker = FlowChecker(draft.net([0], [3]))
    assert [checker.begins(tuple(variant)) for variant in ("a", "ab", "ac")] == [True, True, False]


def test_unknown_activities_are_deviations() -> None:
    checker = FlowChecker(net_of(step("a")))
    assert checker.fits(("a", "unheard of")) is False
    assert checker.alignment(("unheard of", "a")).cost == 1


def test_a_net_that_cannot_end_explains_nothing() -> None:
    draft = Draft(2)
    draft.add("a", [0], [0])
    assert FlowChecker(draft.net([0], [1])).alignment(("a",)) == Alignment(None, math.inf)


def test_more_tokens_than_there_was_room_for_at_first_are_counted_exactly() -> None:
    draft = Draft(2)
    draft.add("a", [0], [0, 1])
    draft.add("b", [1], [])
    checker = FlowChecker(draft.net([0], [0]))
    assert checker.fits(("a",) * 300 + ("b",) * 300) is True
    assert checker.fits(("a",) * 300 + ("b",) * 301) is False
    assert checker.alignment(("a",) * 40 + ("b",) * 41).cost == 1


def test_beyond_the_limit_nothing_is_claimed_but_the_least_cost() -> None:
    net = net_of(interleaving(*(steps(name.lower() + name) for name in "ABCDEFGHIJ")))
    variant = tuple("ABCDEFGHIJabcdefghij")
    exact = FlowChecker(net).alignment(variant).cost
    bounded = FlowChecker(net, most_states=20).alignment(variant)
    assert exact == 20
    assert bounded.moves is None
    assert 0 < bounded.cost <= exact


def test_silent_tokens_without_end_are_not_known_rather_than_wrong() -> None:
    draft = Draft(3)
    draft.add(None, [0], [0, 1])
    draft.add("a", [1], [2])
    checker = FlowChecker(draft.net([0], [0, 2]), most_states=500)
    assert checker.fits(("a",)) in {True, None}
    assert checker.fits(("b",)) is False


def test_many_branches_beside_each_other_are_checked_without_all_their_orders() -> None:
    branches = [steps((f"{number}a", f"{number}b", f"{number}c")) for number in range(30)]
    block = sequence(step("begin"), interleaving(*map(option, branches)), step("end"))
    rng = random.Random(1)
    events = [f"{number}{part}" for part in "abc" for number in range(30)]
    variant = ("begin", *events, "end")
    checker = FlowChecker(net_of(block), most_states=2_000)
    assert checker.fits(variant) is True
    dropped = rng.sample([event for event in events if event.endswith("b")], 10)
    assert checker.alignment(tuple(event for event in variant if event not in dropped)).cost == 10


def test_a_step_is_taken_up_before_one_that_would_make_it_impossible() -> None:
    def checker(label: str | None) -> FlowChecker:
        draft = Draft(4)
        draft.add("a", [0], [1])
        draft.add(label, [0], [0, 2])
        draft.add("b", [1, 2], [3])
        return FlowChecker(draft.net([0], [3]))

    assert checker(None).fits(("a", "b")) is True
    assert told(checker("r"), "ab") == "-r a b"


def test_loops_and_choices_are_repaired_in_the_cheapest_way() -> None:
    checker = FlowChecker(net_of(sequence(loop(steps("ab"), step("r")), choice(steps("xyz"), step("w")))))
    assert told(checker, "abrabw") == "a b r a b w"
    assert told(checker, "ababw") == "a b -r a b w"
    assert told(checker, "abxy") == "a b x y -z"
    assert told(checker, "abwz") == "a b w +z"


@given(st.integers(1, 40))
def test_interleaved_steps_fit_in_any_order(count: int) -> None:
    names = [str(number) for number in range(count)]
    checker = FlowChecker(net_of(interleaving(*map(step, names))))
    assert checker.fits(names) is checker.fits(names[::-1]) is True
    assert checker.fits(names[1:]) is False
