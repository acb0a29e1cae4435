"""Whether a count is more than chance explains."""

from __future__ import annotations

from math import exp, lgamma, log, log1p

LEAST_CHANCE = 0.05


def is_beyond_chance(count: int, of: int, share: float) -> bool:
    """Whether ``count`` of ``of`` are too many for each to be one with no more than the chance ``share``.

    The exact binomial test, one-sided at 5 %: so many or more have a chance below ``LEAST_CHANCE``. For durations
    beyond a limit, and ``share`` 0.05, it is the quantile test (W. J. Conover, Practical Nonparametric Statistics,
    3rd edition, section 3.2): the 95th percentile is then above the limit.

    Args:
        count: how many there are.
        of: among how many.
        share: between 0 and 1.

    >>> [is_beyond_chance(count, 20, 0.05) for count in (1, 3, 4)]
    [False, False, True]
    """
    if count <= of * share:
        return False
    chance = 0.0
    logarithm = lgamma(of + 1) - lgamma(count + 1) - lgamma(of - count + 1)
    term = exp(logarithm + count * log(share) + (of - count) * log1p(-share))
    for number in range(count, of + 1):  # above the mean each term is smaller than the one before
        chance += term
        if chance >= LEAST_CHANCE:
            return False
        if term < chance * 1e-15:
            break
        term *= (of - number) / (number + 1) * share / (1 - share)
    return True
