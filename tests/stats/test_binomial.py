"""Counts that chance does not explain."""

from __future__ import annotations

from fractions import Fraction
from math import comb

from hypothesis import given
from hypothesis import strategies as st

from telemap.stats.binomial import is_beyond_chance


@given(st.integers(1, 60), st.integers(0, 60), st.integers(1, 99))
def test_it_is_the_exact_upper_tail_below_a_twentieth(of: int, count: int, percent: int) -> None:
    count, share = min(count, of), Fraction(percent, 100)
    chance = sum(comb(of, n) * share**n * (1 - share) ** (of - n) for n in range(count, of + 1))
    if chance != Fraction(1, 20):
        assert is_beyond_chance(count, of, percent / 100) == (chance < Fraction(1, 20))


def test_one_run_over_a_95th_percentile_says_nothing_and_two_of_two_do() -> None:
    assert [is_beyond_chance(n, n, 1 - 0.95) for n in (1, 2)] == [False, True]


def test_many_are_counted_as_exactly_as_few() -> None:
    # By the normal approximation, 1.645 standard deviations above the mean: 100,507.
    found = [is_beyond_chance(count, 2_000_000, 0.05) for count in (100_000, 100_480, 100_530)]
    assert found == [False, False, True]
