"""Timelines for other tools: what ran in tracks, in each of which spans lie in each other or beside each other.

Trace events of Chrome (for Perfetto, chrome://tracing) and profiles of speedscope draw what lies in something else
below it; two that overlap without that need a track each.
"""

from __future__ import annotations

import json
from collections import defaultdict
from collections.abc import Sequence
from typing import Any

from telemap.model.telemetry import Nanoseconds
from telemap.store.store import Row

SPEEDSCOPE_SCHEMA = "https://www.speedscope.app/file-format-schema.json"


def chrome(rows: Sequence[Row]) -> str:
    """Rows of ``timeline_spans.sql`` as Chrome's trace events: a process a service, a thread a track; times in µs."""
    timed = timed_of(rows)
    services = sorted({row["service"] or "" for row in timed})
    processes = {name: number for number, name in enumerate(services, start=1)}
    events: list[dict[str, Any]] = [
        {"ph": "M", "name": "process_name", "pid": pid, "tid": 0, "args": {"name": name or "(no service)"}}
        for name, pid in processes.items()
    ]
    for row, track in zip(timed, tracks_of(timed), strict=True):
        start, end = period_of(row)
        events.append(
            {
                "ph": "X",
                "name": row["name"] or row["kind"],
                "cat": row["kind"],
                "ts": start / 1000,
                "dur": (end - start) / 1000,
                "pid": processes[row["service"] or ""],
                "tid": track + 1,
                "args": {name: value for name, value in told_of(row).items() if value is not None},
            }
        )
    return json.dumps({"traceEvents": events, "displayTimeUnit": "ms"}, ensure_ascii=False) + "\n"


def speedscope(rows: Sequence[Row]) -> str:
    """Rows of ``timeline_spans.sql`` as profiles of speedscope: one a track; times in ns from the first start."""
    timed = timed_of(rows)
    origin = min((period_of(row)[0] for row in timed), default=0)
    frames: dict[tuple[str, str | None, int | None], int] = {}
    tracks: dict[int, list[Row]] = defaultdict(list)
    for row, track in zip(timed, tracks_of(timed), strict=True):
        tracks[track].append(row)
    profiles = []
    for track, own in sorted(tracks.items()):
        events: list[dict[str, Any]] = []
        open_: list[tuple[Nanoseconds, int]] = []
        for row in own:
            start, end = period_of(row)
            _close(open_, events, start, origin)
            frame = (row["name"] or row["kind"], row["code_file_path"], row["code_line_number"])
            number = frames.setdefault(frame, len(frames))
            events.append({"type": "O", "frame": number, "at": start - origin})
            open_.append((end, number))
        _close(open_, events, None, origin)
        ends = [event["at"] for event in events]
        profiles.append(
            {
                "type": "evented",
                "name": f"track {track + 1}",
                "unit": "nanoseconds",
                "startValue": ends[0],
                "endValue": ends[-1],
                "events": events,
            }
        )
    shared = {"frames": [_frame(*frame) for frame in frames]}
    document = {"$schema": SPEEDSCOPE_SCHEMA, "exporter": "telemap", "shared": shared, "profiles": profiles}
    return json.dumps(document, ensure_ascii=False) + "\n"


def timed_of(rows: Sequence[Row]) -> list[Row]:
    """Those with a start, in its order; of several that start together, the longest first."""
    timed = [row for row in rows if row["start_time_unix_nano"] is not None]
    return sorted(timed, key=lambda row: (period_of(row)[0], -period_of(row)[1]))


def period_of(row: Row) -> tuple[Nanoseconds, Nanoseconds]:
    """Its start and its end, ns since 1970; one whose end is not known takes no time."""
    start: Nanoseconds = row["start_time_unix_nano"]
    return start, max(start, row["end_time_unix_nano"] or start)


def tracks_of(timed: Sequence[Row]) -> list[int]:
    """For each a track in which nothing is cut by it: below its parent if it lies in what is open there."""
    found: list[int] = []
    open_: list[list[Nanoseconds]] = []
    services: list[str | None] = []
    by_id: dict[tuple[str, str], int] = {}
    for row in timed:
        start, end = period_of(row)
        above = by_id.get((row["trace_id"], row["parent_span_id"]))
        wanted = [above] if above is not None else []
        for track in [*wanted, *range(len(open_) + 1)]:
            if track == len(open_):
                open_.append([])
                services.append(row["service"])
            ends = open_[track]
            while ends and ends[-1] <= start:
                ends.pop()
            if services[track] == row["service"] and (not ends or (track == above and ends[-1] >= end)):
                break
        ends.append(end)
        found.append(track)
        by_id[row["trace_id"], row["span_id"]] = track
    return found


def _close(
    open_: list[tuple[Nanoseconds, int]], events: list[dict[str, Any]], until: Nanoseconds | None, origin: Nanoseconds
) -> None:
    """End what has ended by a time, or all of it."""
    while open_ and (until is None or open_[-1][0] <= until):
        end, number = open_.pop()
        events.append({"type": "C", "frame": number, "at": end - origin})


def _frame(name: str, file_path: str | None, line_number: int | None) -> dict[str, Any]:
    return {"name": name} | ({"file": file_path, "line": line_number} if file_path is not None else {})


def told_of(row: Row) -> dict[str, Any]:
    """What else is known of it, under the names of the answers."""
    place = f"{row['code_file_path']}:{row['code_line_number']}" if row["code_file_path"] is not None else None
    return {
        "traceId": row["trace_id"],
        "spanId": row["span_id"],
        "parentSpanId": row["parent_span_id"],
        "event": row["event_name"],
        "status": row["status"],
        "statusMessage": row["status_message"],
        "inferredBy": row["inferred_by"],
        "log": f"{row['uri']}:{row['first_line']}",
        "code": place,
    }
