"""Flows that are learned from variants."""

from __future__ import annotations

from random import Random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from telemap.flows.alignment import FlowChecker
from telemap.flows.learning import Variant, learned
from telemap.flows.net import NOTHING, Block, choice, interleaving, loop, net_of, option, sequence, step

a, b, c, d, e = (step(letter) for letter in "abcde")


def variants(*words: str) -> dict[Variant, int]:
    """Each word a variant, each letter an event, the first the most frequent."""
    return {tuple((letter, None) for letter in word): len(words) - at for at, word in enumerate(words)}


@pytest.mark.parametrize(
    ("words", "block"),
    [
        ((), NOTHING),
        (("",), NOTHING),
        (("a",), a),
        (("abcab",), sequence(a, b, c, a, b)),
        (("ab", "c"), choice(sequence(a, b), c)),
        (("abd", "acd", "ad"), sequence(a, option(choice(b, c)), d)),
        (("abcd", "acbd"), sequence(a, interleaving(b, c), d)),
        (("abce", "bace", "bcae"), sequence(interleaving(a, sequence(b, c)), e)),
        (("a", "aaa"), loop(a)),
        (("abe", "ababe"), sequence(loop(sequence(a, b)), e)),
        (("abe", "abcabe", "abdabe"), sequence(loop(sequence(a, b), choice(c, d)), e)),
        (("ab", ""), option(sequence(a, b))),
        (("cabc", "cbc"), loop(c, sequence(option(a), b))),
        (("aa", "ab"), sequence(loop(a), option(b))),
        (("deabd", "daed"), loop(d, sequence(interleaving(e, a), option(b)))),
        (("dead", "dae"), sequence(d, interleaving(e, a), option(d))),
        (("ae", "ab", "ce"), choice(sequence(a, e), sequence(a, b), sequence(c, e))),
        (("be", "eaabcac"), interleaving(b, sequence(e, option(sequence(a, a, c, a, c))))),
        (("bc", "cabac"), sequence(option(c), interleaving(b, option(sequence(a, a))), c)),
    ],
)
def test_what_is_learned_is_what_people_would_write(words: tuple[str, ...], block: Block) -> None:
    assert learned(variants(*words)) == block


def test_steps_keep_their_handlers_and_those_with_others_are_others() -> None:
    found = learned({(("a", "run"), ("a", "walk")): 2, (("a", "walk"),): 1})
    assert found == sequence(option(step("a", "run")), step("a", "walk"))


LOGS = st.dictionaries(st.lists(st.sampled_from("abcdef"), max_size=8).map(tuple), st.integers(1, 5), max_size=8)


@given(LOGS, st.randoms())
def test_every_variant_fits_whatever_their_order(log: dict[tuple[str, ...], int], random: Random) -> None:
    given = {tuple((event, None) for event in variant): count for variant, count in log.items()}
    block = learned(given)
    shuffled = list(given.items())
    random.shuffle(shuffled)
    assert learned(dict(shuffled)) == block
    checker = FlowChecker(net_of(block))
    assert [variant for variant in log if not checker.fits(variant)] == []


@given(st.lists(st.sampled_from("abc"), min_size=2).map(tuple), st.integers(1, 9))
def test_a_plain_sequence_is_learned_as_itself(variant: tuple[str, ...], count: int) -> None:
    assert learned({tuple((event, None) for event in variant): count}) == sequence(*map(step, variant))


def test_many_runs_in_any_order_are_learned_soon_and_small() -> None:
    random = Random(7)
    events = [f"e{number}" for number in range(40)]
    log = {tuple((event, None) for event in random.choices(events, k=60)): 1 for _ in range(200)}
    block = learned(log)
    assert sum(one.label is not None for one in net_of(block).transitions) == 40
