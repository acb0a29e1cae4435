"""How sure it is that a handler is not in use, which only was not seen.

What is told is how probably it would have been seen, were it in use: by as many runs as its sequences or its earlier
builds let expect, ``1 - exp(-expected)``; where nothing does, by how many of the handlers like it that are in use are
not seen (``stats/unseen.py``).
"""

from __future__ import annotations

import math
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from telemap.analyses.coverage_handlers import Absence, Use
from telemap.model.telemetry import Nanoseconds
from telemap.stats.unseen import unseen_share
from telemap.store.store import Row

LEAST_ALIKE = 5  # handlers of one plugin or kind; of fewer nothing can be told
DIGITS = 4


@dataclass(slots=True)
class _Build:
    """How often all handlers ran in a build, and when the last of them did."""

    executions: int = 0
    last: Nanoseconds = 0

    def add(self, row: Row) -> None:
        self.executions += row["executions"]
        self.last = max(self.last, row["last"] or 0)


class Absences:
    """What is expected of handlers that were not seen.

    Args:
        uses: all handlers.
        sequences: rows of ``coverage_sequences.sql`` in the builds that are looked at.
        build: the only one that is looked at; None for all, of which the last may have lost what others had.
    """

    def __init__(self, uses: Iterable[Use], sequences: Iterable[Row], build: str | None) -> None:
        self._runs: dict[str, list[Row]] = defaultdict(list)
        self._alike: dict[str, list[int]] = defaultdict(list)
        self._builds: dict[str | None, _Build] = defaultdict(_Build)
        for row in sequences:
            self._runs[row["sequence"]].append(row)
        for use in uses:
            for one in use.row["builds"]:
                self._builds[one["build"]].add(one)
            if use.executions:
                for kind in _kinds(use.row):
                    self._alike[kind].append(use.executions)
        newest = max(self._builds, key=lambda name: (self._builds[name].last, name or ""), default=None)
        self._build = newest if build is None else build

    def of(self, use: Use) -> Absence | None:
        """Of a handler that was not seen, or not any more; None for one that is there."""
        builds, here = use.row["builds"], self._builds[self._build]
        if any(one["build"] == self._build for one in builds):
            return None
        before = [one for one in builds if self._builds[one["build"]].last < here.last]
        if before:
            return self._by_build(before, here.executions)
        return None if use.executions else self._unseen(use.row)

    def _unseen(self, row: Row) -> Absence:
        alike = next((found for kind in _kinds(row) if len(found := self._alike[kind]) >= LEAST_ALIKE), None)
        if alike is None:
            some = any(self._alike[kind] for kind in _kinds(row))
            reason = (
                "too few like it were seen" if some else "nothing like it is in the telemetry, which may not show it"
            )
            return Absence(None, None, reason)
        expected = self._by_sequence(row)
        if expected is not None:
            return expected
        rarest = f"the rarest {_times(min(alike))}"
        reason = f"{len(alike)} handlers like it were seen, {rarest}"
        if row["steps"]:
            reason = f"none of its sequences ran, and {reason}"
        return Absence(round(1 - unseen_share(alike), DIGITS), None, reason)

    def _by_build(self, before: Sequence[Row], executions: int) -> Absence:
        """By what the last build before did, had it been as large as the one that is looked at."""
        last = max(before, key=lambda one: self._builds[one["build"]].last)
        rate = last["executions"] / self._builds[last["build"]].executions
        told = f"build {last['build'] or '(not named)'} ran it {_times(last['executions'])}"
        return _expecting(rate * executions, told)._replace(was_seen=True)

    def _by_sequence(self, row: Row) -> Absence | None:
        """By the runs of the sequences that declare it: each plays its handlers as often as they mostly are."""
        expected, runs = 0.0, 0
        for sequence in {step["sequence_id"] for step in row["steps"]}:
            for one in self._runs.get(sequence, ()):
                runs += one["runs"]
                if one["handlers"]:
                    expected += min(one["runs"], one["answers"] / one["handlers"])
        return _expecting(expected, f"its sequences ran {_times(runs)}") if expected else None


def _expecting(expected: float, told: str) -> Absence:
    reason = f"{told}, so that {expected:,.0f} executions were expected" if expected >= 1 else told
    return Absence(round(1 - math.exp(-expected), DIGITS), round(expected, 2), reason)


def _kinds(row: Mapping[str, object]) -> list[str]:
    """What handlers are like, the closest first: a plugin or a service, how they are called, at last all of them."""
    registered = row["registered"]
    assert isinstance(registered, list)
    kinds = [f"{kind} {row[kind]}" for kind in ("plugin", "service") if row[kind]]
    if row["steps"] or row["sequences"]:
        return [*kinds, "declared"]
    return [*kinds, *(f"registered {kind}" for kind in sorted({str(one).split(" ", 1)[0] for one in registered}))]


def _times(count: int) -> str:
    return "once" if count == 1 else f"{count:,} times"
