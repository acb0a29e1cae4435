"""The document that ``telemap flows`` answers with."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Self

import msgspec

from telemap.flows.chart import NodeKind
from telemap.flows.passage import WayKind
from telemap.model.documents import Code, Defined, Document, Finding, Place, Shape, Window


class Deviation(Finding, frozen=True, kw_only=True):
    """One way in which runs of a sequence, or what starts them, differ from what is declared.

    ``count`` is how many runs (or publications, requests, …) show it, ``share`` how many of all runs of the sequence,
    ``cost_ms`` by how much they took longer than those that conform, on average. Of what is late they are about the
    executions that are limited: how many were over the limit, and by how much, on average.
    """

    topic: str | None = None
    plugin: str | None = None
    movement: str | None = None
    beat: int | None = None
    step: int | None = None
    event: str | None = None
    expected: str | None = None
    observed: str | None = None
    share: float | None = None
    cost_ms: float | None = None
    defined_in: Defined | None = None


class Variant(Shape, frozen=True):
    """One course that runs took."""

    beats: list[str]
    count: int
    is_conforming: bool | None = None


class Limit(Shape, frozen=True, kw_only=True):
    """A limit of time that was checked: of a whole run, or where there is an ``event``, of it.

    ``observed_ms`` is the longest of the ``executions``, or their percentile if the limit holds for a ``quantile``;
    then it is broken only where as many as are ``over`` it are more than chance explains.
    """

    step: int | None
    event: str | None
    quantile: float | None
    limit_ms: float
    observed_ms: float
    executions: int
    over: int
    is_broken: bool
    is_setting: bool
    defined_in: Defined


class Sequence(Shape, frozen=True, kw_only=True):
    """A sequence, declared or seen running; every run is conforming, deviating, incomplete or unchecked.

    A run that is longer than a limit, or has something in it that is, deviates if the limit holds for every run.
    """

    sequence_id: str
    name: str | None
    plugin: str | None
    defined_in: Defined | None
    executions: int
    conforming: int
    deviating: int
    incomplete: int
    unchecked: int
    never_observed: bool
    is_registered: bool | None
    variants: list[Variant]
    limits: list[Limit]
    deviations: list[Deviation]

    @property
    def rank(self) -> int:
        """How grave the gravest deviation is that nobody accepted; -1 where there is none."""
        return max((one.severity.rank for one in self.deviations if one.accepted is None), default=-1)


class Topic(Shape, frozen=True):
    """A topic: how it is declared, and what became of its publications."""

    topic: str
    declared_routes: int
    observed_routes: int
    publishes: int
    unrouted: int
    defined_in: Defined | None


class LimitCounts(Shape, frozen=True):
    """How many limits of time were checked, and how many of them are broken."""

    checked: int
    broken: int


class Summary(Shape, frozen=True, kw_only=True):
    """Sequences: declared, seen running, of these checked, and among those checked conforming in all runs or not."""

    declared: int
    observed: int
    validated: int
    conforming: int
    deviating: int
    undeclared: int
    executions: int
    unnamed_executions: int
    deviations: int
    limits: LimitCounts
    window: Window | None


class Flows(Document, frozen=True, kw_only=True):
    """The answer: sequences, the gravest first; topics; what is wrong with routes, subscriptions and plugins."""

    sequences: list[Sequence]
    topics: list[Topic]
    routing: list[Deviation]
    summary: Summary
    build: str | None

    def accepting(self, reasons: Mapping[str, str]) -> Self:
        """The same with some deviations accepted: the gravest that are not make a sequence go first."""
        told = super().accepting(reasons)
        ordered = sorted(told.sequences, key=lambda one: -one.rank)
        return msgspec.structs.replace(told, sequences=ordered)

    def deviations(self) -> Iterator[Deviation]:
        """All of them."""
        for sequence in self.sequences:
            yield from sequence.deviations
        yield from self.routing


class DrawnNode(Shape, frozen=True, kw_only=True):
    """A part of the picture of a sequence: a declared step, an event that no step has, or where runs begin and end.

    ``runs`` came to it, ``visits`` times altogether; the percentiles are of how long its event took.
    """

    id: str
    kind: NodeKind
    event: str | None = None
    step: int | None = None
    beat: int | None = None
    movement: str | None = None
    title: str | None = None
    handler: str | None = None
    timing: str | None = None
    runs: int
    visits: int
    p50_ms: float | None = None
    p95_ms: float | None = None
    code: Code | None = None
    defined_in: Defined | None = None


class DrawnWay(Shape, frozen=True):
    """A way from one node to the next: declared (``count`` is 0 if it was never taken), deviating, or not in the log.

    ``share`` is of the runs that are drawn, 0…1.
    """

    source: str
    target: str
    kind: WayKind
    count: int
    runs: int
    share: float


class Mark(Shape, frozen=True):
    """What is odd at a place of a course, a kind of deviation, and in how many of its runs.

    ``position`` is that of the event, counted from 0; of one that is missing, of the event before which it is.
    """

    kind: str
    event: str | None
    observed: str | None
    position: int | None
    runs: int


class Course(Shape, frozen=True, kw_only=True):
    """A variant with what is odd about it, how long its runs took on average, and when they began."""

    beats: list[str]
    count: int
    is_conforming: bool | None
    mean_ms: float | None
    first_seen: str | None
    last_seen: str | None
    marks: list[Mark]


class Period(Shape, frozen=True):
    """A part of the time of the store: the runs that began in it; times in milliseconds."""

    start_time: str
    runs: int
    errors: int
    p50_ms: float | None
    p95_ms: float | None


class LongRun(Shape, frozen=True):
    """One of the runs that took longest, and the line where it begins."""

    trace_id: str
    start_time: str
    duration_ms: float
    is_failed: bool
    place: Place | None


class SeenIn(Shape, frozen=True):
    """A log in which runs were seen: the line in which the first of them begins, and how many there are."""

    place: Place
    runs: int


class DrawnSequence(Shape, frozen=True, kw_only=True):
    """A sequence with what happened on it.

    ``runs`` are drawn; ``undrawn`` ones are too long to be explained. Of many ``courses`` and ``sources``, it has those
    with the most runs.
    """

    sequence_id: str
    runs: int
    undrawn: int
    nodes: list[DrawnNode]
    ways: list[DrawnWay]
    courses: list[Course]
    periods: list[Period]
    longest: list[LongRun]
    sources: list[SeenIn]


class DrawnFlows(Document, frozen=True, kw_only=True):
    """The courses of all sequences, in the order of their ids; each of their periods is ``period_ms`` long."""

    sequences: list[DrawnSequence]
    period_ms: float | None
    build: str | None
