"""Whether tests run a handler, and how that is known."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from typing import NamedTuple

from telemap.analyses.coverage_shapes import TestEvidence
from telemap.mapping.paths import segments
from telemap.store.store import Row

RAN = frozenset(("passed", "failed", "errored"))


class Tested(NamedTuple):
    """What is known: ``is_tested`` is None where no report measured the handler and no definition names a test."""

    is_tested: bool | None
    evidence: TestEvidence | None = None
    tests: tuple[str, ...] = ()
    executed_lines: int | None = None
    measured_lines: int | None = None


class Tests:
    """The reports of tests of a store.

    Args:
        rows: of ``coverage_tests.sql``.
    """

    def __init__(self, rows: Iterable[Row]) -> None:
        self._functions: dict[tuple[str, int], list[Row]] = defaultdict(list)
        self._cases: dict[str, list[Row]] = defaultdict(list)
        for row in rows:
            if row["kind"] == "function":
                self._functions[row["file_path"], row["line_number"]].append(row)
            else:
                self._cases[row["name"]].append(row)

    def of(self, handler: Row) -> Tested:
        """What is known of the tests of a handler: its lines tell most, then cases that ran, then declarations."""
        found = self._functions.get((handler["code_file_path"], handler["code_line_number"]), ())
        measured = [row for row in found if handler["code_root"] in (None, row["root"])]
        if measured:
            row = max(measured, key=lambda row: int(row["executed_lines"]))
            is_tested = row["executed_lines"] > 0
            tests = tuple(row["tests"] or ())
            return Tested(is_tested, "lines", tests, row["executed_lines"], row["measured_lines"])
        named = {step["test_case"]: self._cases_of(step) for step in handler["steps"] if step["test_case"]}
        ran = tuple(name for name, cases in named.items() if any(case["status"] in RAN for case in cases))
        if ran:
            return Tested(True, "case", ran)
        known = tuple(name for name, cases in named.items() if not cases)
        if known:
            return Tested(True, "definition", known)
        return Tested(False if named else None)  # what was skipped did not run; of others no report tells anything

    def _cases_of(self, step: Row) -> list[Row]:
        """The cases that a step means: of its name, and where both tell a file, of that."""
        return [case for case in self._cases[step["test_case"]] if _are_one(case["file_path"], step["test_file"])]


def _are_one(path: str | None, other: str | None) -> bool:
    """Whether two paths can be of one file: one ends in the other."""
    pairs = zip(reversed(segments(path or "")), reversed(segments(other or "")), strict=False)
    return all(one == same for one, same in pairs)
