"""How the runs of sequences went: the picture of each, its variants with what is odd about them, and its times."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field

import msgspec

from telemap.analyses.flow_declarations import Declaration
from telemap.analyses.flow_deviations import Tally, faults, is_late
from telemap.analyses.flow_drawing import survey
from telemap.analyses.flow_shapes import Course, DrawnFlows, DrawnNode, DrawnSequence, LongRun, Mark, Period, SeenIn
from telemap.analyses.flow_shapes import Sequence as Flow
from telemap.analyses.flows import Params, compared
from telemap.analyses.registry import statement
from telemap.model.documents import Place, iso_time, milliseconds
from telemap.model.telemetry import Nanoseconds
from telemap.store.store import Row, Store, fetch

MOST_COURSES = 50
PERIODS = 60
LONGEST = 10
MOST_SOURCES = 50

Percentiles = Mapping[tuple[str, str], list[float]]
Oddity = tuple[str, str | None, str | None, int | None]
"""Kind of deviation, event, what was observed, position."""


def courses(store: Store, params: Params) -> DrawnFlows:
    """The sequences of ``store`` as they are declared and as they ran.

    Raises:
        TelemapError: as ``compared``.
    """
    flows, declared, rows = compared(store, params)
    with store.connect() as connection:
        timings = fetch(connection, statement("flow_timings"), {"build": params.build})
        asked = {"build": params.build, "periods": PERIODS, "longest": LONGEST, "sources": MOST_SOURCES}
        times = {row["sequence"]: row for row in fetch(connection, statement("flow_periods"), asked)}
    of_sequence: dict[str, list[Row]] = defaultdict(list)
    for row in rows:
        of_sequence[row["sequence"]].append(row)
    percentiles = {(row["sequence"], row["event_name"]): row["percentiles_ns"] for row in timings}
    drawn = [
        _drawn(
            flow,
            declared.get(flow.sequence_id),
            of_sequence[flow.sequence_id],
            percentiles,
            times.get(flow.sequence_id),
        )
        for flow in sorted(flows.sequences, key=lambda one: one.sequence_id)
    ]
    period_ns: Nanoseconds | None = next((row["period_ns"] for row in times.values()), None)
    return DrawnFlows(
        sequences=drawn, period_ms=None if period_ns is None else milliseconds(period_ns), build=params.build
    )


def _drawn(
    flow: Flow, declared: Declaration | None, rows: list[Row], percentiles: Percentiles, times: Row | None
) -> DrawnSequence:
    surveyed = survey(flow, declared, rows)
    return DrawnSequence(
        sequence_id=flow.sequence_id,
        runs=surveyed.runs,
        undrawn=surveyed.undrawn,
        nodes=[_timed(node, flow.sequence_id, percentiles) for node in surveyed.nodes],
        ways=surveyed.ways,
        courses=list(_courses(flow, declared, rows)),
        periods=list(_periods(times)) if times else [],
        longest=list(_longest(times)) if times else [],
        sources=[SeenIn(Place(one["uri"], one["line"]), one["runs"]) for one in times["sources"]] if times else [],
    )


def _timed(node: DrawnNode, sequence: str, percentiles: Percentiles) -> DrawnNode:
    found = percentiles.get((sequence, node.event or ""))
    if found is None or not node.visits or node.kind == "missing":
        return node
    p50_ms, p95_ms = map(milliseconds, found)
    return msgspec.structs.replace(node, p50_ms=p50_ms, p95_ms=p95_ms)


@dataclass(slots=True)
class _Runs:
    """The runs of a variant, and what is odd about them."""

    tally: Tally = field(default_factory=Tally)
    marks: Counter[Oddity] = field(default_factory=Counter)


def _courses(flow: Flow, declared: Declaration | None, rows: list[Row]) -> Iterator[Course]:
    shown = flow.variants[:MOST_COURSES]
    runs = {tuple(variant.beats): _Runs() for variant in shown}
    for row in rows:
        if found := runs.get(tuple(row["beats"])):
            found.tally.add(row, None)
            for oddity in dict.fromkeys(_oddities(row, declared)):
                found.marks[oddity] += row["runs"]
    for variant in shown:
        found = runs[tuple(variant.beats)]
        first, last, mean_ns = found.tally.first, found.tally.last, found.tally.mean_ns
        yield Course(
            beats=variant.beats,
            count=variant.count,
            is_conforming=variant.is_conforming,
            mean_ms=None if mean_ns is None else milliseconds(mean_ns),
            first_seen=None if first is None else iso_time(first),
            last_seen=None if last is None else iso_time(last),
            marks=[Mark(*oddity, count) for oddity, count in found.marks.items()],
        )


def _oddities(row: Row, declared: Declaration | None) -> Iterator[Oddity]:
    if declared is None:  # then all of it is odd, and nothing of it more than the rest
        return
    for fault, position, _ in faults(row, declared) or ():
        observed = fault.lacks if fault.kind == "incomplete" else fault.observed
        yield fault.kind, fault.event, observed, position
    if is_late(row):
        yield "late", None, None, None


def _periods(row: Row) -> Iterator[Period]:
    for one in row["periods"]:
        start = row["start_time_unix_nano"] + one["number"] * row["period_ns"]
        p50_ms, p95_ms = map(milliseconds, one["percentiles_ns"]) if one["percentiles_ns"] else (None, None)
        yield Period(iso_time(start), one["runs"], one["errors"], p50_ms, p95_ms)


def _longest(row: Row) -> Iterator[LongRun]:
    for one in row["longest"]:
        place = None if one["uri"] is None or one["line"] is None else Place(one["uri"], one["line"])
        start, duration = iso_time(one["start_time_unix_nano"]), milliseconds(one["duration_ns"])
        yield LongRun(one["trace_id"], start, duration, one["is_failed"], place)
