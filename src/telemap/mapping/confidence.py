"""How sure it is which statement wrote a text, from what is known of each that can have.

The statements that fit, those that can write anything, and code that is not in the index are rivals. Each has a score,
the sum of the weights of what speaks for it, and the share of ``exp(score)`` among all. The weights are those under
which the truth of a training set is most likely. How often answers were right on other code is told by
``python -m benchmarks callsites`` and in ``docs/explanation/matching.md``.
"""

from __future__ import annotations

import math
from collections.abc import Iterable

from telemap.mapping.hints import Agreement
from telemap.mapping.patterns import Fit, Pattern
from telemap.model.code import LogStatement

Features = dict[str, float]

SHORT = 12  # fixed characters, after which each further one says less
LONG = 60  # after which it says no more
BEHIND = 8  # fixed characters fewer than another has, after which even fewer say no more
MOST_EMBEDDED = 0.8  # a message that holds the text among other text may be one that quotes it

# What each thing adds to a score; 0 is that of code outside of the index where the record names no place.
# python -m benchmarks callsites --packages nova matrix-synapse --messages 1500 --fit
FITTED: Features = {
    "raise": -3.0,  # not fitted: the text of an error may well be logged, but then by another statement
    "fits": -3.25,
    "short": 0.57,
    "long": 0.02,
    "behind": -1.18,
    "numbers": 0.32,
    "extended": 0.66,
    "embedded": -0.7,
    "open": -5.92,
    "logger_agrees": 1.11,
    "logger_differs": -1.69,
    "file_agrees": 2.17,
    "file_differs": -1.79,
    "line_agrees": 2.6,
    "line_differs": -1.02,
    "function_agrees": 5.3,
    "function_differs": -2.65,
    "severity_agrees": 0.44,
    "severity_differs": -1.67,
    "own_place": -1.57,
    "foreign_place": 1.59,
}


def statement_features(statement: LogStatement, pattern: Pattern, fit: Fit, most_fixed: int) -> Features:
    """What its kind and its text say for a statement; ``most_fixed`` characters has one of those that fit."""
    kind = {"raise": 1.0} if statement.kind == "raise" else {}
    if fit is Fit.OPEN:
        return {"open": 1.0, **kind}
    fixed = pattern.fixed_characters
    telling = pattern.telling_characters
    text = {
        "fits": 1.0,
        "short": min(telling, SHORT),
        "long": min(max(telling, SHORT), LONG) - SHORT,
        "behind": min(most_fixed - fixed, BEHIND),
        "numbers": float(sum(map(bool, pattern.kinds))),
    }
    return text | kind if fit is Fit.WHOLE else text | kind | {fit.name.lower(): 1.0}


def hint_features(agreement: Agreement) -> Features:
    """What of the hints speaks for a statement or against it."""
    told = ((name, getattr(agreement, name)) for name in ("logger", "file", "line", "function", "severity"))
    return {f"{name}_{'agrees' if sign > 0 else 'differs'}": 1.0 for name, sign in told if sign}


def score(features: Features, weights: Features) -> float:
    """The sum of the weights of the features."""
    return sum(weights[name] * value for name, value in features.items())


def log_sum(scores: Iterable[float]) -> float:
    """The score of all together: the logarithm of the sum of their ``exp``."""
    values = [*scores]
    highest = max(values, default=-math.inf)
    return highest + math.log(sum(math.exp(value - highest) for value in values)) if values else highest


def share(score: float, whole: float, fit: Fit) -> float:
    """The confidence of one whose rivals and itself have the score ``whole`` together."""
    return round(min(math.exp(score - whole), MOST_EMBEDDED if fit is Fit.EMBEDDED else 1.0), 3)
