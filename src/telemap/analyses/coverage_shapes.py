"""The shapes of the answer of ``coverage``."""

from __future__ import annotations

from typing import Literal

from telemap.model.documents import Code, Defined, Document, Finding, Shape, Window

Quadrant = Literal["production-and-test", "production-only", "test-only", "neither"]
TestEvidence = Literal["lines", "case", "definition"]


class BuildUse(Shape, frozen=True):
    """The executions of a handler in one build of one service."""

    build: str | None
    service: str | None
    executions: int
    errors: int
    first_seen: str | None
    last_seen: str | None


class HandlerCoverage(Shape, frozen=True, kw_only=True):
    """What production and tests show of one handler.

    Attributes:
        tested: whether tests run it; None where no report measured it and no definition names a test of it.
        test_evidence: lines of its body that ran, a case that its definition names and that ran, or the name alone.
        not_seen_confidence: how probably it would have been seen if it were in use as others like it (0…1); None of
            those that were seen, and where the telemetry could not show it.
        reason: why it was not seen, or how sure that is.
        expected_executions: as many as its sequences, or earlier builds, let expect; None where nothing does.
        changes: commits to its file in a year; None where that is not known.
        risk: of a handler without tests, ``executions x (1 + changes) x (1 + errors)``.
    """

    name: str
    plugin: str | None
    service: str | None
    code: Code | None
    executions: int
    errors: int
    tested: bool | None
    quadrant: Quadrant
    first_seen: str | None
    last_seen: str | None
    not_seen_confidence: float | None
    reason: str | None
    expected_executions: float | None
    test_evidence: TestEvidence | None
    tests: list[str]
    executed_lines: int | None
    measured_lines: int | None
    changes: int | None
    risk: float | None
    builds: list[BuildUse]
    sequences: list[str]
    registered: list[str]
    defined_in: Defined | None


class HotPath(Shape, frozen=True):
    """A sequence with its share of all executions of handlers, and its handlers in their declared order."""

    sequence_id: str
    runs: int
    share: float
    handlers: list[str]


class Gap(Shape, frozen=True):
    """What the telemetry cannot show: ``from`` and ``to`` where it is about a time, ``source`` where about one.

    ``kind`` is ``unrecorded`` (no source covers the time), ``silence`` (within one), ``late-start``, ``no-handlers``
    (runs of sequences, and none of what is in them) or ``sampled`` (parents of spans are nowhere).
    """

    kind: str
    reason: str
    source: str | None = None
    window: Window | None = None


class Summary(Shape, frozen=True):
    """Counts of handlers. ``declared`` are all that are known; ``coverage`` is the share of them that was seen.

    Attributes:
        cannot_show: were not seen, and the telemetry cannot show whether they are in use.
        test_evidence: by what is known of their tests.
        test_unknown: nothing tells whether tests run them.
        unlinked: without a place in the indexed code.
    """

    declared: int
    observed: int
    production_and_test: int
    production_only: int
    test_only: int
    neither: int
    coverage: float | None
    cannot_show: int
    test_evidence: dict[TestEvidence, int]
    test_unknown: int
    unlinked: int
    executions: int
    window: Window | None
    recorded_ms: float | None
    gaps: list[Gap]


class Coverage(Document, frozen=True, kw_only=True):
    """The answer: handlers, those that most need a look first."""

    handlers: list[HandlerCoverage]
    hot_paths: list[HotPath]
    found: list[Finding]
    summary: Summary
    is_tested_known: bool
    build: str | None
