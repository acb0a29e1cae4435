"""How often answers were right, and how sure they were."""

from __future__ import annotations

from bisect import bisect_right
from collections import Counter, defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

from telemap.mapping.matching import Match

CONFIDENT = 0.9
BINS = (0.1, 0.2, 0.3, 0.4, 0.5, 0.6, 0.7, 0.8, CONFIDENT, 0.95, 0.99)  # where a range begins

Place = tuple[str, int]  # file and line


@dataclass(slots=True)
class Score:
    """Answers compared with the truth."""

    counts: Counter[str] = field(default_factory=Counter)
    bins: dict[int, list[tuple[float, bool]]] = field(default_factory=lambda: defaultdict(list))

    def add(self, truth: Place | None, matches: Sequence[Match]) -> None:
        """Count one answer; ``truth`` is None where code outside of the index wrote the message."""
        self.count(truth, [((m.statement.file_path, m.statement.line_number), m.confidence) for m in matches])

    def count(self, truth: Place | None, answers: Sequence[tuple[Place, float]]) -> None:
        """Count one answer: places, best first, with how sure each is."""
        places = [place for place, _ in answers]
        self.counts["n"] += 1
        if not places:
            self.counts["none"] += 1
            return
        is_right, confidence = places[0] == truth, answers[0][1]
        self.counts["right"] += is_right
        self.counts["topFive"] += truth in places
        self.counts["confidentlyWrong"] += confidence >= CONFIDENT and not is_right
        self.counts["confident"] += confidence >= CONFIDENT
        self.bins[bisect_right(BINS, confidence)].append((confidence, is_right))

    def shares(self, *names: str) -> dict[str, float]:
        """Each count as a share of all answers."""
        return {name: self.counts[name] / max(self.counts["n"], 1) for name in names}

    def merge(self, other: Score) -> None:
        """Count the answers of another too."""
        self.counts += other.counts
        for number, answers in other.bins.items():
            self.bins[number] += answers

    def reliability(self) -> list[dict[str, Any]]:
        """For each range of confidences: their mean, the share that was right, and how many there were."""
        table = []
        for _, answers in sorted(self.bins.items()):
            confidences, verdicts = zip(*answers, strict=True)
            means = {"confidence": sum(confidences) / len(answers), "right": sum(verdicts) / len(answers)}
            table.append({**means, "n": len(answers)})
        return table
