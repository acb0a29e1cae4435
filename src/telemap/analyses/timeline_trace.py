"""The spans of one trace as a tree, with lanes to draw them in, their own times and the critical path."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Sequence
from itertools import accumulate
from typing import TYPE_CHECKING

from telemap.analyses.timeline_shapes import TimelineSpan, TraceSummary
from telemap.model.documents import Code, iso_time, milliseconds
from telemap.store.store import Row

if TYPE_CHECKING:
    from telemap.stats.trace_times import TraceTimes


def spans_of(rows: Sequence[Row]) -> tuple[list[TimelineSpan], bool]:
    """The rows of ``timeline_spans.sql`` as they are in their tree; and whether their critical path is ambiguous."""
    told = _parents(rows)
    times = _times(rows, told)
    parents = _without_circles(told)
    lanes = _lanes(rows, parents)
    start = _start(rows)
    spans = [_span(rows[at], depth, lanes[at], at, start, times) for at, depth in _walk(rows, parents)]
    return spans, bool(times.is_ambiguous.any())


def summary_of(
    trace_id: str, rows: Sequence[Row], spans: Sequence[TimelineSpan], *, is_ambiguous: bool
) -> TraceSummary:
    """The trace as a whole; its time is from its first start to its last end."""
    start = _start(rows)
    ends = [row["end_time_unix_nano"] for row in rows if row["end_time_unix_nano"] is not None]
    return TraceSummary(
        trace_id=trace_id,
        start_time=None if start is None else iso_time(start),
        duration_ms=0.0 if start is None else milliseconds(max(0, max(ends, default=start) - start)),
        spans=len(spans),
        errors=sum(span.status == "error" for span in spans),
        concurrency=_concurrency(rows),
        is_ambiguous=is_ambiguous,
    )


def _start(rows: Sequence[Row]) -> int | None:
    return min((row["start_time_unix_nano"] for row in rows if row["start_time_unix_nano"] is not None), default=None)


def _parents(rows: Sequence[Row]) -> list[int | None]:
    """The place of each one's parent; None where it is not there. Above a run that was caused is a handler of ours."""
    places = {(row["trace_id"] if row["kind"] == "span" else None, row["span_id"]): at for at, row in enumerate(rows)}
    return [
        places.get((row["trace_id"] if row["kind"] == "span" else None, row["parent_span_id"]))
        if row["parent_span_id"] is not None
        else None
        for row in rows
    ]


def _without_circles(parents: Sequence[int | None]) -> list[int | None]:
    """The same, but the first span of a circle has none."""
    found = list(parents)
    settled = [False] * len(found)
    for at in range(len(found)):
        path: list[int] = []
        below: int | None = at
        while below is not None and not settled[below]:
            settled[below] = True
            path.append(below)
            below = found[below]
        if below is not None and below in path:
            found[min(path[path.index(below) :])] = None
    return found


def _walk(rows: Sequence[Row], parents: Sequence[int | None]) -> Iterator[tuple[int, int]]:
    """The places with their depth, each before what is below it."""
    children: dict[int | None, list[int]] = defaultdict(list)
    for at, parent in enumerate(parents):
        children[parent].append(at)
    left = [(at, 0) for at in reversed(children[None])]
    while left:
        at, depth = left.pop()
        yield at, depth
        left += [(child, depth + 1) for child in reversed(children[at])]


def _lanes(rows: Sequence[Row], parents: Sequence[int | None]) -> list[int]:
    """For each a row below its parent's in which nothing else is going on; rows come in the order of their starts."""
    lanes = [0] * len(rows)
    ends: list[int] = []
    for at, row in enumerate(rows):
        parent = parents[at]
        lane = 0 if parent is None else lanes[parent] + 1
        start = row["start_time_unix_nano"]
        while start is not None and lane < len(ends) and ends[lane] > start:
            lane += 1
        ends += [0] * (lane + 1 - len(ends))
        ends[lane] = max(ends[lane], row["end_time_unix_nano"] or start or 0)
        lanes[at] = lane
    return lanes


def _concurrency(rows: Sequence[Row]) -> int:
    """How many handlers, and spans of traces that have no children, were going on at once at most."""
    above = {row["parent_span_id"] for row in rows if row["kind"] == "span"}
    steps = sorted(
        step
        for row in rows
        if row["kind"] == "handler" or (row["kind"] == "span" and row["span_id"] not in above)
        if row["start_time_unix_nano"] is not None and (row["end_time_unix_nano"] or 0) > row["start_time_unix_nano"]
        for step in ((row["end_time_unix_nano"], -1), (row["start_time_unix_nano"], 1))
    )
    return max(accumulate(step for _, step in steps), default=0)


def _times(rows: Sequence[Row], parents: Sequence[int | None]) -> TraceTimes:
    import numpy as np

    from telemap.stats.trace_forests import LOST_PARENT, NO_PARENT, UNKNOWN, Spans, asynchronous
    from telemap.stats.trace_times import trace_times

    services: dict[str | None, int] = {None: -1}
    lost = [LOST_PARENT if row["parent_span_id"] is not None else NO_PARENT for row in rows]
    parent = np.array([b if a is None else a for a, b in zip(parents, lost, strict=True)], np.int32)
    flags = (np.array([row[f"is_{name}"] for row in rows], np.bool_) for name in ("scheduled", "consumer", "producer"))
    return trace_times(
        Spans(
            parent=parent,
            start=np.array([_known(row["start_time_unix_nano"], UNKNOWN) for row in rows], np.int64),
            end=np.array([_known(row["end_time_unix_nano"], UNKNOWN) for row in rows], np.int64),
            is_asynchronous=asynchronous(parent, *flags),
            service=np.array([services.setdefault(row["service"], len(services) - 1) for row in rows], np.int32),
        )
    )


def _known(value: int | None, unknown: int) -> int:
    return unknown if value is None else value


def _span(row: Row, depth: int, lane: int, at: int, start: int | None, times: TraceTimes) -> TimelineSpan:
    begun, duration = row["start_time_unix_nano"], row["duration_ns"]
    return TimelineSpan(
        span_id=row["span_id"],
        parent_span_id=row["parent_span_id"],
        trace_id=row["trace_id"],
        kind=row["kind"],
        name=row["name"],
        handler=row["handler"],
        event=row["event_name"],
        service=row["service"],
        depth=depth,
        lane=lane,
        start_time=None if begun is None else iso_time(begun),
        offset_ms=None if begun is None or start is None else milliseconds(begun - start),
        duration_ms=None if duration is None else milliseconds(duration),
        self_ms=None if duration is None else milliseconds(max(0, duration - int(times.covered_ns[at]))),
        least_path_ms=milliseconds(int(times.least_ns[at])),
        most_path_ms=milliseconds(int(times.most_ns[at])),
        status=row["status"],
        status_message=row["status_message"],
        inferred_by=row["inferred_by"],
        state_changes=row["changes"],
        source=row["uri"],
        line_start=row["first_line"],
        line_end=row["last_line"],
        code=Code.of(row),
    )
