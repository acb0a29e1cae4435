"""The weights of ``telemap.mapping.confidence``, fitted: those under which the truth is most likely."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable

import numpy as np
import numpy.typing as npt

from benchmarks.callsite_score import Place
from telemap.mapping.hints import Hints
from telemap.mapping.matching import Matcher

NAMES = (
    *("fits", "short", "long", "behind", "numbers", "extended", "embedded", "open"),
    *(
        f"{kind}_{sign}"
        for kind in ("logger", "file", "line", "function", "severity")
        for sign in ("agrees", "differs")
    ),
    *("own_place", "foreign_place"),
)
STEPS, TINY = 25, 1e-9
RIDGE = 1.0  # keeps weights finite of what is never otherwise in the training set

Floats = npt.NDArray[np.float64]
Ints = npt.NDArray[np.int64]
Example = tuple[Place | None, str, Hints]


def fitted(matchers: Iterable[tuple[Matcher, Iterable[Example]]]) -> dict[str, float]:
    """Name of a feature → weight, from messages whose truth is known (None: code that the matcher does not know)."""
    features, logs, owners, truths = [], [], [], []
    example = 0
    for matcher, examples in matchers:
        for truth, message, hints in examples:
            rivals, unknown = matcher.rivals(message, hints)
            kinds: Counter[tuple[tuple[str, float], ...]] = Counter()
            told: tuple[tuple[str, float], ...] | None = None
            for rival in rivals:
                kind = tuple(rival.features.items())
                kinds[kind] += 1
                if (rival.statement.file_path, rival.statement.line_number) == truth:
                    told = kind
            if truth is not None and told is None:
                continue  # the matcher has not found it: no weight could help
            for kind, count in (*kinds.items(), (tuple(unknown.items()), 1)):
                features.append([dict(kind).get(name, 0.0) for name in NAMES])
                logs.append(np.log(count))
                owners.append(example)
            truths.append(len(features) - 1 if told is None else len(features) - 2 - [*kinds][::-1].index(told))
            example += 1
    best = _best(np.array(features), np.array(logs), np.array(owners), np.array(truths))
    return {name: round(float(weight), 2) for name, weight in zip(NAMES, best, strict=True)}


def _best(features: Floats, logs: Floats, owners: Ints, truths: Ints) -> Floats:
    """The weights of the highest likelihood, by Newton's method with steps that are halved where they lead down."""
    begins = np.flatnonzero(np.diff(owners, prepend=-1))
    ridge = RIDGE * np.eye(features.shape[1])

    def shares(weights: Floats) -> tuple[Floats, float]:
        scores = features @ weights + logs
        parts = np.exp(scores - np.maximum.reduceat(scores, begins)[owners])
        parts /= np.add.reduceat(parts, begins)[owners]
        return parts, float(np.log(parts[truths] + TINY).sum() - weights @ ridge @ weights / 2)

    weights = np.zeros(features.shape[1])
    parts, likelihood = shares(weights)
    for _ in range(STEPS):
        means = np.add.reduceat(features * parts[:, None], begins)
        slope = features[truths].sum(axis=0) - means.sum(axis=0) - ridge @ weights
        step = np.linalg.solve((features * parts[:, None]).T @ features - means.T @ means + ridge, slope)
        while (better := shares(weights + step))[1] < likelihood and np.abs(step).max() > TINY:
            step /= 2
        weights, (parts, likelihood) = weights + step, better
    return weights
