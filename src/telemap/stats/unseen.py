"""How many of some things are there, and were not seen."""

from __future__ import annotations

from collections.abc import Sequence


def unseen_share(counts: Sequence[int]) -> float:
    """The share (0…1) of things in use that are not seen in a window, from how often each of those was seen that were.

    Things that were seen once or twice tell how many more are as rare: Chao's lower bound, corrected for bias
    (A. Chao 1984, 2005), ``f1 (f1 - 1) / (2 (f2 + 1))``. Half a thing is added to the unseen and to the seen, so that
    a few of them do not make anything certain.

    >>> round(unseen_share([55, 90, 255, 294]), 2)
    0.1
    >>> round(unseen_share([1, 1, 1, 2]), 2)
    0.31
    """
    once, twice = counts.count(1), counts.count(2)
    unseen = once * (once - 1) / (2 * (twice + 1))
    return (unseen + 0.5) / (len(counts) + unseen + 1)
