"""From a message to the log statements that can have written it, ranked, with how sure each link is and why.

Which templates fit is found out once for each shape of text (``patterns``), what follows from that and from the hints
once for each such outcome: records share their matches.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import lru_cache
from itertools import chain

from telemap.mapping.confidence import FITTED, Features, hint_features, log_sum, score, share, statement_features
from telemap.mapping.hints import NO_HINTS, Agreement, Hints, Places, agreement, spoken
from telemap.mapping.patterns import Fit, Found, Pattern, PatternIndex, pattern_of
from telemap.model.code import LogStatement, Template, Variable

MOST_MATCHES = 5
MOST_RANKINGS = 100_000
LEAST_CONFIDENCE = 0.01  # below, an answer only hides that there is none


@dataclass(frozen=True, slots=True)
class Match:
    """A statement that can have written a message, how sure that is (0…1), and what speaks for it and against it."""

    statement: LogStatement
    confidence: float
    evidence: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Candidate:
    """A statement that can have written a message, and what speaks for it and against it."""

    statement: LogStatement
    pattern: Pattern
    fit: Fit
    agreement: Agreement
    features: Features  # as the weights of ``confidence`` name them


class Matcher:
    """Statements, and which of them can have written a message.

    Args:
        statements: the log statements.
        weights: what each thing adds to a score, as ``confidence`` names them.
        logger_names: what the code calls its loggers, wherever it makes them.
    """

    def __init__(
        self, statements: Iterable[LogStatement], weights: Features = FITTED, logger_names: Iterable[str] = ()
    ) -> None:
        by_shape: dict[Template, list[LogStatement]] = defaultdict(list)
        for statement in sorted(statements, key=lambda one: (one.file_path, one.line_number)):
            # That an error can have any text says nothing of a message, and most code has many of these.
            if statement.kind != "raise" or not pattern_of(statement.template).is_open:
                by_shape[_shape(statement.template)].append(statement)
        self._weights = weights
        self._index = PatternIndex(tuple(by_shape))
        self._statements = tuple(by_shape.values())
        self._logger_names = frozenset(logger_names)
        self._places = Places(chain.from_iterable(self._statements), self._logger_names)
        self._rankings: dict[tuple[Found, Hints], tuple[Match, ...]] = {}
        self._open = lru_cache(maxsize=1000)(self._scored_open)

    def match(self, message: str, hints: Hints = NO_HINTS) -> tuple[Match, ...]:
        """The statements that can have written the message, best first, at most five; none where none fits.

        A stack trace in the message is better cut off first; other text that a formatter put around it lowers the
        confidence.
        """
        key = self._index.find(message), hints
        ranking = self._rankings.get(key)
        if ranking is None:
            if len(self._rankings) >= MOST_RANKINGS:
                self._rankings.clear()
            self._rankings[key] = ranking = self._ranked(*key)
        return ranking

    def is_told_by_shape(self, message: str) -> bool:
        """Whether messages that differ only in their digits fit the same templates."""
        return self._index.is_told_by_shape(message)

    def rivals(self, message: str, hints: Hints = NO_HINTS) -> tuple[list[Candidate], Features]:
        """All statements that can have written the message, and what speaks for code outside of the index."""
        hints = self._completed(hints)
        found = [*self._index.find(message), *((number, Fit.OPEN) for number in self._index.open_numbers)]
        return list(self._candidates(found, hints)), self._places.features(hints)

    def _completed(self, hints: Hints) -> Hints:
        return hints.located()._replace(is_given=hints.logger_name in self._logger_names)

    def _candidates(self, found: Iterable[tuple[int, Fit]], hints: Hints) -> Iterator[Candidate]:
        patterns = [(self._index.patterns[number], fit) for number, fit in found]
        most_fixed = max((pattern.fixed_characters for pattern, _ in patterns), default=0)
        for pattern, fit in patterns:
            for statement in self._statements[pattern.number]:
                agrees = agreement(hints, statement)
                features = statement_features(statement, pattern, fit, most_fixed) | hint_features(agrees)
                yield Candidate(statement, pattern, fit, agrees, features)

    def _scored(self, found: Iterable[tuple[int, Fit]], hints: Hints) -> list[tuple[float, Candidate]]:
        candidates = self._candidates(found, hints)
        return [(score(candidate.features, self._weights), candidate) for candidate in candidates]

    def _scored_open(self, hints: Hints) -> tuple[list[tuple[float, Candidate]], float]:
        """The best of those that can write anything, and the score of the others together."""
        scored = self._scored(((number, Fit.OPEN) for number in self._index.open_numbers), hints)
        scored.sort(key=lambda pair: -pair[0])
        return scored[:MOST_MATCHES], log_sum(value for value, _ in scored[MOST_MATCHES:])

    def _ranked(self, found: Found, hints: Hints) -> tuple[Match, ...]:
        hints = self._completed(hints)
        open_best, open_others = self._open(hints)
        scored = [*self._scored(found, hints), *open_best]
        scored.sort(key=lambda pair: -pair[0])
        unknown = score(self._places.features(hints), self._weights)
        whole = log_sum(chain((value for value, _ in scored), (unknown, open_others)))
        return tuple(
            Match(candidate.statement, confidence, tuple(self._evidence(candidate, hints)))
            for value, candidate in scored[:MOST_MATCHES]
            if (confidence := share(value, whole, candidate.fit)) >= LEAST_CONFIDENCE
        )

    def _evidence(self, candidate: Candidate, hints: Hints) -> Iterator[str]:
        yield candidate.fit.value.format(candidate.pattern.fixed_characters)
        same = len(self._statements[candidate.pattern.number])
        if same > 1 and candidate.fit is not Fit.OPEN:
            yield f"one of {same} statements with this text"
        yield from spoken(candidate.agreement, hints, candidate.statement)


def _shape(template: Template) -> Template:
    """What templates have in common that write the same texts."""
    pattern = pattern_of(template)
    return Template(pattern.literals, tuple(Variable("", kind) for kind in pattern.kinds))
