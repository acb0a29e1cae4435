"""Which handlers production really runs, which of these no test runs, and which show no sign of life.

A handler is in one of four quadrants: seen in production or not, run by tests or not. "Not seen" is said with how sure
that is (``coverage_absence.py``) and beside what the telemetry cannot show (``coverage_gaps.py``). Of the handlers that
production runs and no test does, those come first that run most, change most and fail most.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, get_args

from telemap.analyses.builds import check_build
from telemap.analyses.coverage_absence import Absences
from telemap.analyses.coverage_exports import cobertura, lcov
from telemap.analyses.coverage_gaps import gaps, window
from telemap.analyses.coverage_handlers import Use, coverage_of, finding_of, standing
from telemap.analyses.coverage_shapes import Coverage, Gap, HandlerCoverage, HotPath, Summary, TestEvidence
from telemap.analyses.coverage_tests import Tests
from telemap.analyses.heatmap import check_top
from telemap.analyses.registry import Analysis, Text, statement
from telemap.code.commits import changes
from telemap.code.files import is_test_file
from telemap.model.documents import Window
from telemap.store.store import Row, Store, fetch

MOST_PATHS = 5
CHANGED_SINCE = "1 year ago"
# Several statements ask for it, and to work it out takes the most of their time.
GATHER = (
    "CREATE TEMP TABLE gathered_naming AS SELECT * FROM stored.naming",
    "CREATE OR REPLACE VIEW stored.naming AS SELECT * FROM gathered_naming",
)


@dataclass(frozen=True, slots=True)
class Params:
    """What to look at."""

    build: Annotated[str | None, "only executions of this build (service.version)"] = None
    top: Annotated[int | None, "show only so many handlers"] = None


def run(store: Store, params: Params) -> Coverage:
    """The handlers of ``store``: those without tests in production, those not seen, the rest.

    Raises:
        TelemapError: ``bad-setting``: ``top`` is below 1. ``no-build``: no source is of this build.
    """
    check_top(params.top)
    if params.build is not None:
        check_build(store, params.build)
    with store.connect() as connection:
        for text in GATHER:
            connection.execute(text)
        handlers, sequences, sources, tested = (
            fetch(connection, statement(f"coverage{part}")) for part in ("", "_sequences", "_sources", "_tests")
        )
    if params.build is not None:
        sources = [row for row in sources if params.build in row["builds"]]
        sequences = [row for row in sequences if row["build"] == params.build]
    rows = [row for row in handlers if not is_test_file(row["code_file_path"] or "")]
    uses = [Use(row, [one for one in row["builds"] if params.build in (None, one["build"])]) for row in rows]
    tests = Tests(tested)
    absences = Absences(uses, sequences, params.build)
    changed = {root: changes(Path(root), CHANGED_SINCE) for root in {row["code_root"] for row in rows} - {None}}
    told = [coverage_of(use, tests.of(use.row), absences.of(use), changed) for use in uses]
    is_tested_known = any(one.tested is not None for one in told)
    usual = sum(one.executions for one in told) / max(1, sum(one.executions > 0 for one in told))
    found = (finding_of(one, use, absences.of(use), usual) for one, use in zip(told, uses, strict=True))
    period, recorded_ms = window(sources)
    return Coverage(
        handlers=sorted(told, key=lambda one: standing(one, is_tested_known=is_tested_known))[: params.top],
        hot_paths=_hot_paths(told, rows, sequences),
        found=sorted(filter(None, found), key=lambda one: (-one.severity.rank, one.kind, -one.count, one.id)),
        summary=_summary(told, period, recorded_ms, gaps(sources)),
        is_tested_known=is_tested_known,
        build=params.build,
    )


def _hot_paths(handlers: list[HandlerCoverage], rows: Sequence[Row], sequences: Sequence[Row]) -> list[HotPath]:
    """The sequences in which most executions of handlers are."""
    steps: dict[str, dict[str, int]] = defaultdict(dict)
    for row in rows:
        for step in row["steps"]:
            steps[step["sequence_id"]][row["handler"]] = step["step_number"]
        for sequence in row["sequences"]:
            steps[sequence].setdefault(row["handler"], len(rows))
    runs: dict[str, int] = defaultdict(int)
    answers: dict[str, int] = defaultdict(int)
    for row in sequences:
        runs[row["sequence"]] += row["runs"]
        answers[row["sequence"]] += row["answers"]
    total = sum(answers.values())
    hottest = sorted((one for one in answers if answers[one]), key=lambda one: (-answers[one], one))[:MOST_PATHS]
    seen = {one.name for one in handlers if one.executions}
    return [
        HotPath(
            one,
            runs[one],
            round(answers[one] / total, 6),
            [name for name in sorted(steps[one], key=lambda name: (steps[one][name], name)) if name in seen],
        )
        for one in hottest
    ]


def _summary(
    handlers: list[HandlerCoverage], period: Window | None, recorded_ms: float | None, found: list[Gap]
) -> Summary:
    quadrants = [one.quadrant for one in handlers]
    observed = sum(one.executions > 0 for one in handlers)
    return Summary(
        declared=len(handlers),
        observed=observed,
        production_and_test=quadrants.count("production-and-test"),
        production_only=quadrants.count("production-only"),
        test_only=quadrants.count("test-only"),
        neither=quadrants.count("neither"),
        coverage=round(observed / len(handlers), 6) if handlers else None,
        cannot_show=sum(one.executions == 0 and one.not_seen_confidence is None for one in handlers),
        test_evidence={kind: sum(one.test_evidence == kind for one in handlers) for kind in get_args(TestEvidence)},
        test_unknown=sum(one.tested is None for one in handlers),
        unlinked=sum(one.code is None for one in handlers),
        executions=sum(one.executions for one in handlers),
        window=period,
        recorded_ms=recorded_ms,
        gaps=found,
    )


ANALYSIS = Analysis(
    "coverage",
    "Which handlers production and tests run, and which nothing runs",
    Params,
    run,
    "telemap coverage --top 20",
    finds=True,
    exports={
        "lcov": Text("What production runs, as a tracefile of LCOV", lambda store, params: lcov(run(store, params))),
        "cobertura": Text(
            "What production runs, as Cobertura XML", lambda store, params: cobertura(run(store, params))
        ),
    },
)
