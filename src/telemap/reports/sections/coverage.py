"""Handlers in production and in tests, as blocks."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from itertools import groupby

from telemap.analyses.coverage_shapes import Coverage, Gap, HandlerCoverage
from telemap.model.documents import Finding
from telemap.reports.blocks import Block, Column, Kind, Next, Table, Text, Title, counted
from telemap.reports.places import CODE_COLUMNS, code_cells

MOST_GAPS = 8
UNITS = ((3600, "hours"), (60, "minutes"), (1, "seconds"))

FINDINGS: tuple[Column, ...] = (
    Column("kind", "kind"),
    Column("what", ""),
    Column("code", "", Kind.PLACE),
    Column("id", "id"),
    Column("accepted:", "accepted"),
)

HANDLERS: tuple[Column, ...] = (
    Column("handler", "handler"),
    Column("plugin", "plugin", rank=5),
    Column("service", "service", rank=5),
    Column("quadrant", ""),
    Column("", "quadrant"),
    Column("runs", "executions", Kind.COUNT),
    Column("errors", "errors", Kind.FAULTS, rank=3),
    Column("not in use", "not_seen_confidence", Kind.HEAT, rank=1),
    Column("", "reason"),
    Column("", "expected_executions"),
    Column("tested", "", rank=4),
    Column("", "tested"),
    Column("", "test_evidence"),
    Column("", "executed_lines"),
    Column("", "measured_lines"),
    Column("", "tests"),
    Column("changes", "changes", Kind.COUNT, rank=3),
    Column("", "risk"),
    Column("first seen", "", rank=4),
    Column("last seen", "", rank=2),
    Column("", "first_seen"),
    Column("", "last_seen"),
    *CODE_COLUMNS,
    Column("", "sequences"),
    Column("", "registered"),
    Column("", "builds"),
    Column("", "defined_in"),
)


def blocks(coverage: Coverage, store: str) -> Iterator[Block]:
    """The coverage of a store: what to look at, all handlers, what could not be seen, and what to do next."""
    if not coverage.handlers:
        yield Title("Coverage: no handlers are known")
        yield Text(f"No log in {store} names a handler, no sequence declares one and no code registers one.")
        yield Next("telemap index DIR --definitions DIR", "reads code and declared sequences")
        return
    yield Title(_title(coverage))
    yield Text(f"in {store}; {_quadrants(coverage)}")
    rows = (_row(one, is_tested_known=coverage.is_tested_known) for one in coverage.handlers)
    yield Table(tuple(_columns(coverage)), tuple(rows))
    if len(coverage.handlers) < coverage.summary.declared:
        yield Text(f"{coverage.summary.declared - len(coverage.handlers):,} more handlers are left out (--top).")
    for heading, is_accepted in ((None, False), ("Accepted", True)):
        found = [one for one in coverage.found if (one.accepted is not None) == is_accepted]
        if heading and found:
            yield Text(heading)
        if found:
            yield Table(FINDINGS, tuple(_findings(found)), is_list=True)
    yield Text("\n".join(_notes(coverage)))
    yield _next(coverage)


def _columns(coverage: Coverage) -> Iterator[Column]:
    """The columns; of changes only where something is known of them."""
    are_changes_known = any(one.changes is not None for one in coverage.handlers)
    for column in HANDLERS:
        yield column if column.key != "changes" or are_changes_known else replace(column, heading="")


def _title(coverage: Coverage) -> str:
    summary = coverage.summary
    build = f" of build {coverage.build}" if coverage.build is not None else ""
    seen = f"{summary.observed:,} of {counted(summary.declared, 'handler')} ran in production"
    tested = summary.production_and_test + summary.test_only
    return f"Coverage{build}: {seen}" + (f", tests run {tested:,}" if coverage.is_tested_known else "")


def _quadrants(coverage: Coverage) -> str:
    summary = coverage.summary
    if not coverage.is_tested_known:
        return "of tests nothing is known"
    return (
        f"{summary.production_only:,} in production that no test is known to run (the riskiest first), "
        f"{summary.neither:,} in neither, {summary.test_only:,} in tests only, {summary.production_and_test:,} in both"
    )


def _findings(found: list[Finding]) -> Iterator[tuple[object, ...]]:
    """A row each, but of all that were never seen for the same reason one."""
    for (kind, reason, accepted), group in groupby(
        sorted(found, key=lambda one: (-one.severity.rank, one.kind, one.reason)),
        key=lambda one: (one.kind, one.reason, one.accepted),
    ):
        same = list(group)
        if len(same) == 1:
            yield kind, f"{same[0].title}: {reason}", same[0].code and same[0].code.place, same[0].id, accepted
        else:
            names = ", ".join(sorted({str(one.handler) for one in same}))
            yield kind, f"{names}: {reason}", None, None, accepted


def _seen(one: HandlerCoverage) -> str:
    return "in production" if one.executions else "not seen"


def _row(one: HandlerCoverage, *, is_tested_known: bool) -> tuple[object, ...]:
    return (
        one.name,
        one.plugin,
        one.service,
        one.quadrant if is_tested_known else _seen(one),
        one.quadrant,
        one.executions,
        one.errors,
        one.not_seen_confidence,
        one.reason,
        one.expected_executions,
        _tested(one),
        one.tested,
        one.test_evidence,
        one.executed_lines,
        one.measured_lines,
        one.tests,
        one.changes,
        one.risk,
        _minute(one.first_seen),
        _minute(one.last_seen),
        one.first_seen,
        one.last_seen,
        *code_cells(one.code),
        one.sequences,
        one.registered,
        one.builds,
        one.defined_in,
    )


def _tested(one: HandlerCoverage) -> str | None:
    """How tests run it: lines of its body, a case that ran, or one that is only declared."""
    match one.test_evidence:
        case "lines":
            return f"{one.executed_lines} of {counted(one.measured_lines or 0, 'line')}"
        case "case":
            return "its case ran"
        case "definition":
            return "a case is declared"
    return None if one.tested is None else "no"


def _minute(time: str | None) -> str | None:
    return time and time[:16].replace("T", " ")


def _notes(coverage: Coverage) -> Iterator[str]:
    summary = coverage.summary
    if summary.cannot_show:
        yield f"{counted(summary.cannot_show, 'handler')} of which the telemetry cannot show whether they are in use."
    told = summary.test_evidence["definition"]
    if told:
        yield f"Of {counted(told, 'handler')} only a definition says that a test runs them, and no report of tests."
    unknown = summary.test_unknown
    if unknown and coverage.is_tested_known:
        yield f"Of {counted(unknown, 'handler')} nothing tells whether tests run them: no report measured them."
    hottest = ", ".join(f"{one.sequence_id} ({one.share:.0%})" for one in coverage.hot_paths)
    if hottest:
        yield f"Most executions are in {hottest}."
    if summary.window:
        recorded = f", of which {_length(summary.recorded_ms or 0)} are recorded" if summary.gaps else ""
        yield f"Seen from {_minute(summary.window.start)} to {_minute(summary.window.end)} UTC{recorded}."
    yield from map(_gap, summary.gaps[:MOST_GAPS])
    if len(summary.gaps) > MOST_GAPS:
        yield f"{len(summary.gaps) - MOST_GAPS} more gaps are in --format json."


def _gap(gap: Gap) -> str:
    at = f" from {gap.window.start[:19].replace('T', ' ')} on" if gap.window else ""
    return f"{gap.kind}: {gap.source + ': ' if gap.source else ''}{gap.reason}{at}"


def _length(milliseconds: float) -> str:
    """A time in the unit that people would say it in: ``1.5 seconds``, ``14.0 minutes``, ``2.3 hours``."""
    seconds = milliseconds / 1000
    unit, name = next(((size, name) for size, name in UNITS if seconds >= size), UNITS[-1])
    return f"{seconds / unit:,.1f} {name}"


def _next(coverage: Coverage) -> Next:
    if not coverage.summary.test_evidence["lines"] + coverage.summary.test_evidence["case"]:
        return Next(
            "telemap index --coverage PATH", "reads what tests run: .coverage, LCOV, Cobertura, Istanbul, JUnit"
        )
    if coverage.summary.unlinked == coverage.summary.declared:
        return Next("telemap index DIR", "gives every handler its place in the code")
    return Next("telemap graph", "who depends on whom")
