"""Declared flows against what ran, as blocks."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

from telemap.analyses.flow_shapes import Deviation, Flows, Sequence
from telemap.reports.blocks import Block, Column, Kind, Next, Table, Text, Title, counted

DEVIATIONS: tuple[Column, ...] = (
    Column("kind", "kind"),
    Column("what", ""),
    Column("", "severity"),
    Column("", "sequence_id"),
    Column("", "topic"),
    Column("", "plugin"),
    Column("", "beat"),
    Column("", "event"),
    Column("", "handler"),
    Column("", "title"),
    Column("", "reason"),
    Column("", "expected"),
    Column("", "observed"),
    Column("", "count"),
    Column("", "share"),
    Column("", "cost_ms"),
    Column("", "first_seen"),
    Column("", "last_seen"),
    Column("seen", "", Kind.TEXT),
    Column("at", "", Kind.PLACE),
    Column("declared", "", Kind.PLACE),
    Column("code", "", Kind.PLACE),
    Column("id", "id"),
    Column("", "accepted"),
    Column("", "defined_in"),
    Column("", "code"),
    Column("", "examples"),
)

ACCEPTED = tuple(replace(column, heading="accepted:") if column.key == "accepted" else column for column in DEVIATIONS)

SEQUENCES = (
    Column("sequence", "sequence"),
    Column("runs", "executions", Kind.COUNT),
    Column("as declared", "conforming", Kind.COUNT),
    Column("deviating", "deviating", Kind.FAULTS),
    Column("incomplete", "incomplete", Kind.COUNT, rank=1),
    Column("variants", "variants", Kind.COUNT, rank=2),
    Column("declared", "defined_in", Kind.PLACE, rank=3),
)


def blocks(flows: Flows, store: str) -> Iterator[Block]:
    """The flows of a store: what deviates, sequence by sequence; what is wrong around them; all that ran."""
    summary = flows.summary
    if not summary.declared and not summary.deviations:
        yield Title(f"Flows: nothing is declared, {counted(summary.observed, 'sequence')} ran")
        yield Text(f"The store {store} knows no declared sequence to compare runs with.")
        yield Next("telemap index --definitions DIR", "reads declared sequences")
        return
    yield Title(_title(flows))
    yield Text(f"in {store}; the gravest first, each with its place in the logs, the definitions and the code")
    groups = [(_heading(sequence), sequence.deviations) for sequence in flows.sequences]
    groups.append(("Topics, routes and plugins", flows.routing))
    parts = [(heading, DEVIATIONS, [one for one in told if one.accepted is None]) for heading, told in groups]
    parts.append(("Accepted", ACCEPTED, [one for one in flows.deviations() if one.accepted is not None]))
    if not any(found for _, _, found in parts):
        yield Table(DEVIATIONS, (), is_list=True)  # for data files, whose columns are always the same
    for heading, columns, found in parts:
        if found:
            yield Text(heading)
            yield Table(columns, tuple(map(_row, found)), is_list=True)
    ran = [sequence for sequence in flows.sequences if sequence.executions]
    if ran:
        yield Table(SEQUENCES, [_sequence_row(sequence) for sequence in ran])
    notes = list(_notes(flows))
    if notes:
        yield Text("\n".join(notes))
    yield _next(flows)


def _title(flows: Flows) -> str:
    summary = flows.summary
    build = f" of build {flows.build}" if flows.build is not None else ""
    found = f"{summary.deviating} of them deviating" if summary.deviating else "none of them deviating"
    ran = f"{summary.validated} of {counted(summary.declared, 'declared sequence')} ran"
    around = f", {counted(len(flows.routing), 'finding')} around them" if flows.routing else ""
    accepted = sum(one.accepted is not None for one in flows.deviations())
    lived_with = f", {accepted:,} accepted" if accepted else ""
    return f"Flows{build}: {ran}" + (f", {found}" if summary.validated else "") + around + lived_with


def _heading(sequence: Sequence) -> str:
    runs = f"{counted(sequence.executions, 'run')}, {sequence.deviating:,} deviating"
    place = f", {sequence.defined_in.place}" if sequence.defined_in else ""
    return f"{sequence.name or sequence.sequence_id}: {runs}{place}"


def _row(found: Deviation) -> tuple[object, ...]:
    return (
        found.kind,
        f"{found.title}: {found.reason}",
        found.severity.value,
        found.sequence_id,
        found.topic,
        found.plugin,
        found.beat,
        found.event,
        found.handler,
        found.title,
        found.reason,
        found.expected,
        found.observed,
        found.count,
        found.share,
        found.cost_ms,
        found.first_seen,
        found.last_seen,
        _seen(found),
        _places(found),
        found.defined_in and found.defined_in.place,
        found.code and found.code.place,
        found.id,
        found.accepted,
        found.defined_in,
        found.code,
        found.examples,
    )


def _seen(found: Deviation) -> str:
    share = "" if found.share is None else f" ({found.share:.0%})"
    cost = "" if not found.cost_ms else f", {found.cost_ms:+,.1f} ms"
    return f"{found.count:,} ×{share}{cost}"


def _places(found: Deviation) -> str:
    """The lines of each log, its name told once."""
    lines: dict[str, list[int]] = {}
    for place in found.examples:
        lines.setdefault(place.source, []).append(place.line)
    return " ".join(f"{source}:{','.join(map(str, numbers))}" for source, numbers in lines.items())


def _sequence_row(sequence: Sequence) -> tuple[object, ...]:
    return (
        sequence.name or sequence.sequence_id,
        sequence.executions,
        sequence.conforming,
        sequence.deviating,
        sequence.incomplete,
        len(sequence.variants),
        sequence.defined_in and sequence.defined_in.place,
    )


def _notes(flows: Flows) -> Iterator[str]:
    unseen = [sequence for sequence in flows.sequences if sequence.never_observed]
    if unseen:
        missing = sum(sequence.is_registered is False for sequence in unseen)
        detail = f"; the application did not register {missing:,} of them" if missing else ""
        yield f"{counted(len(unseen), 'declared sequence')} never ran{detail}."
    if flows.summary.limits.checked:
        yield f"{flows.summary.limits.broken:,} of {counted(flows.summary.limits.checked, 'limit')} of time broken."
    unchecked = sum(sequence.unchecked for sequence in flows.sequences)
    if unchecked:
        yield f"{counted(unchecked, 'run')} too long to be explained within the limits."
    if flows.summary.unnamed_executions:
        yield f"{counted(flows.summary.unnamed_executions, 'run')} of sequences that the log does not name."
    for stale in flows.stale_acceptances or ():
        yield f"Accepted as {stale.id} and not found any more: {stale.title} ({stale.reason})."
    silent = sum(one.unrouted > 0 and not one.declared_routes and one.defined_in is not None for one in flows.topics)
    if silent:
        yield f"{counted(silent, 'topic')} published that start no sequence, as declared."


def _next(flows: Flows) -> Next:
    places = [place for found in flows.deviations() if found.accepted is None for place in found.examples]
    if places:
        return Next(f"telemap explain {places[0].source}:{places[0].line}", "every step from that line to its code")
    return Next("telemap heatmap", "how long the handlers took")
