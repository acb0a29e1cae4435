"""Whether tests run a handler, and how that is known."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from typing import NamedTuple

from telemap.analyses.coverage_shapes import TestEvidence
from telemap.store.store import Row

RAN = frozenset(("passed", "failed", "errored"))


class Tested(NamedTuple):
    """What is known: ``is_tested`` is None where nothing is known of any test."""

    is_tested: bool | None
    evidence: TestEvidence | None = None
    tests: tuple[str, ...] = ()
    executed_lines: int | None = None
    measured_lines: int | None = None


class Tests:
    """The reports of tests of a store.

    Args:
        rows: of ``coverage_tests.sql``.
        handlers: rows of ``coverage.sql``, whose declarations may name tests.
    """

    def __init__(self, rows: Iterable[Row], handlers: Iterable[Row]) -> None:
        self._functions: dict[tuple[str, int], list[Row]] = defaultdict(list)
        self._cases: dict[str, set[str]] = defaultdict(set)
        for row in rows:
            if row["kind"] == "function":
                self._functions[row["file_path"], row["line_number"]].append(row)
            else:
                self._cases[row["name"]].add(row["status"])
        self.are_known = bool(self._functions or self._cases) or any(
            step["test_case"] for row in handlers for step in row["steps"]
        )

    def of(self, handler: Row) -> Tested:
        """What is known of the tests of a handler: its lines tell most, then cases that ran, then declarations."""
        found = self._functions.get((handler["code_file_path"], handler["code_line_number"]), ())
        measured = [row for row in found if handler["code_root"] in (None, row["root"])]
        if measured:
            row = max(measured, key=lambda row: int(row["executed_lines"]))
            is_tested = row["executed_lines"] > 0
            tests = tuple(row["tests"] or ())
            return Tested(is_tested, "lines", tests, row["executed_lines"], row["measured_lines"])
        named = list(dict.fromkeys(step["test_case"] for step in handler["steps"] if step["test_case"]))
        ran = tuple(name for name in named if self._cases.get(name, set()) & RAN)
        if ran:
            return Tested(True, "case", ran)
        known = [name for name in named if name not in self._cases]  # what was skipped did not run
        if known:
            return Tested(True, "definition", tuple(known))
        return Tested(False if self.are_known else None)
