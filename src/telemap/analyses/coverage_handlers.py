"""One handler in production and in tests: its row, its quadrant, and what there is to say of it."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from typing import NamedTuple

from telemap.analyses.coverage_shapes import BuildUse, HandlerCoverage, Quadrant
from telemap.analyses.coverage_tests import Tested
from telemap.model.documents import Code, Defined, Finding, iso_time
from telemap.model.findings import Severity, finding_id
from telemap.store.store import Row

SURE = 0.95
QUADRANTS: tuple[Quadrant, ...] = ("production-only", "neither", "test-only", "production-and-test")


class Use(NamedTuple):
    """A row of ``coverage.sql``, and its executions in the builds that are looked at, a row a build."""

    row: Row
    builds: list[Row]

    @property
    def executions(self) -> int:
        """How often it was begun."""
        return sum(one["executions"] for one in self.builds)


class Absence(NamedTuple):
    """Why a handler is thought not to be in use, how sure that is, and how many executions were expected."""

    confidence: float | None
    expected: float | None
    reason: str
    was_seen: bool = False  # in a build before


def coverage_of(
    use: Use, tested: Tested, absence: Absence | None, changed: Mapping[str, Counter[str] | None]
) -> HandlerCoverage:
    """What is told of a handler.

    Args:
        use: its executions.
        tested: what is known of its tests.
        absence: what is known of its not being seen.
        changed: commits by file, of each root.
    """
    row, executions = use
    count, errors = use.executions, sum(one["errors"] for one in use.builds)
    of_root = changed.get(row["code_root"])
    commits = None if of_root is None else of_root[row["code_file_path"]]
    is_risk = count and tested.is_tested is False
    absent = None if count else absence
    return HandlerCoverage(
        name=row["handler"],
        plugin=row["plugin"],
        service=row["service"],
        code=Code.of(row),
        executions=count,
        errors=errors,
        tested=tested.is_tested,
        quadrant=_quadrant(is_seen=count > 0, is_tested=tested.is_tested is True),
        first_seen=_time(min((one["first"] for one in executions if one["first"] is not None), default=None)),
        last_seen=_time(max((one["last"] for one in executions if one["last"] is not None), default=None)),
        not_seen_confidence=absent and absent.confidence,
        reason=absent and absent.reason,
        expected_executions=absent and absent.expected,
        test_evidence=tested.evidence,
        tests=list(tested.tests),
        executed_lines=tested.executed_lines,
        measured_lines=tested.measured_lines,
        changes=commits,
        risk=float(count * (1 + (commits or 0)) * (1 + errors)) if is_risk else None,
        builds=[
            BuildUse(
                one["build"], one["service"], one["executions"], one["errors"], _time(one["first"]), _time(one["last"])
            )
            for one in row["builds"]
        ],
        sequences=row["sequences"],
        registered=row["registered"],
        defined_in=Defined(row["declared_file_path"], row["declared_line_number"])
        if row["declared_file_path"]
        else None,
    )


def standing(one: HandlerCoverage, *, is_tested_known: bool) -> tuple[object, ...]:
    """Where a handler stands among others: by its quadrant, then the riskiest, the surest not seen, the most run."""
    quadrant = QUADRANTS.index(one.quadrant)
    if not is_tested_known:  # what nobody knows the tests of is no risk yet
        quadrant = one.executions > 0
    return (quadrant, -(one.risk or 0), -(one.not_seen_confidence or 0), -one.executions, one.name, one.plugin or "")


def finding_of(one: HandlerCoverage, use: Use, absence: Absence | None, usual: float) -> Finding | None:
    """What there is to say of a handler, if there is: it is hot and no test runs it, or nothing runs it any more.

    Args:
        one: the handler.
        use: its executions.
        absence: what is known of its not being seen.
        usual: how often handlers run, on average of those that were seen.
    """
    if absence is not None and absence.confidence is not None and absence.confidence >= SURE:
        if absence.was_seen:
            return _finding(one, "no-longer-seen", Severity.WARNING, f"{one.name} is not seen any more", absence.reason)
        return _finding(one, "not-seen", Severity.INFO, f"{one.name} was never seen", absence.reason)
    if one.executions >= usual and one.tested is False:
        changed = f", {one.changes:,} commits to its file in a year" if one.changes is not None else ""
        failed = f", {one.errors:,} failed" if one.errors else ""
        reason = f"{one.executions:,} executions{failed}{changed}; handlers run {usual:,.0f} times on average"
        return _finding(one, "untested-hot", Severity.WARNING, f"no test runs {one.name}", reason)
    return None


def _finding(one: HandlerCoverage, kind: str, severity: Severity, title: str, reason: str) -> Finding:
    place = (one.code.file_path, one.code.function_name) if one.code else (None, None)
    return Finding(
        id=finding_id("coverage", kind, one.name, one.plugin, one.service, *place),
        kind=kind,
        severity=severity,
        title=title,
        reason=reason,
        handler=one.name,
        count=one.executions,
        first_seen=one.first_seen,
        last_seen=one.last_seen,
        code=one.code,
        examples=[],
    )


def _quadrant(*, is_seen: bool, is_tested: bool) -> Quadrant:
    if is_seen:
        return "production-and-test" if is_tested else "production-only"
    return "test-only" if is_tested else "neither"


def _time(time_unix_nano: int | None) -> str | None:
    return None if time_unix_nano is None else iso_time(time_unix_nano)
