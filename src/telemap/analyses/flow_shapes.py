"""The document that ``telemap flows`` answers with."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Self

import msgspec

from telemap.model.documents import Defined, Document, Finding, Shape, Window


class Deviation(Finding, frozen=True, kw_only=True):
    """One way in which runs of a sequence, or what starts them, differ from what is declared.

    ``count`` is how many runs (or publications, requests, …) show it, ``share`` how many of all runs of the sequence,
    ``cost_ms`` by how much they took longer than those that conform, on average. Of what is late they are about the
    executions that are limited: how many were over the limit, and by how much, on average.
    """

    sequence_id: str | None = None
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
