"""How sure it is that a handler is not in use, which only was not seen.

What is told is how probably it would have been seen, were it in use: by as many runs as its sequences or its earlier
builds let expect, ``1 - exp(-expected)``; where nothing does, by how many of the handlers like it that are in use are
not seen (``stats/unseen.py``).
"""

from __future__ import annotations

import math
from collections import defaultdict
from collections.abc import Iterable, Mapping
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
        self._builds: dict[str | None, dict[str | None, _Build]] = defaultdict(lambda: defaultdict(_Build))
        for row in sequences:
            self._runs[row["sequence"]].append(row)
        for use in uses:
            for one in use.row["builds"]:
                self._builds[one["service"]][one["build"]].add(one)
            if use.executions:
                for kind in _kinds(use.row):
                    self._alike[kind].append(use.executions)
        # Services have builds of their own: the last of one says nothing of another.
        self._current = {
            service: max(found, key=lambda name: (found[name].last, name or "")) if build is None else build
            for service, found in self._builds.items()
        }

    def of(self, use: Use) -> Absence | None:
        """Of a handler that was not seen, or not any more; None for one that is there."""
        builds = use.row["builds"]
        if any(one["build"] == self._current[one["service"]] for one in builds):
            return None
        before = [one for one in builds if self._told(one).last < self._here(one).last]
        if before:
            return self._by_build(max(before, key=lambda one: self._told(one).last))
        if builds:
            return None if use.executions else Absence(None, None, "it ran in other builds only")
        return self._unseen(use.row)

    def _told(self, one: Row) -> _Build:
        """The build of a service that a handler ran in."""
        return self._builds[one["service"]][one["build"]]

    def _here(self, one: Row) -> _Build:
        """The build of the same service that is looked at."""
        return self._builds[one["service"]].get(self._current[one["service"]], _Build())

    def _unseen(self, row: Row) -> Absence:
        if row["steps"] and not any(map(self._can_show, row["steps"])):
            return Absence(None, None, "the log names no handlers, and it shares its event or has none")
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

    def _by_build(self, last: Row) -> Absence:
        """By what the last build before did, had it been as large as the one that is looked at."""
        rate = last["executions"] / self._told(last).executions
        told = f"build {last['build'] or '(not named)'} ran it {_times(last['executions'])}"
        return _expecting(rate * self._here(last).executions, told)._replace(was_seen=True)

    def _can_show(self, step: Row) -> bool:
        """Whether the log could show the handler of a step: by its name, or by a beat that is of no other handler."""
        runs = self._runs.get(step["sequence_id"]) or [one for every in self._runs.values() for one in every]
        return step["has_own_event"] or any(one["is_named"] for one in runs)

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
