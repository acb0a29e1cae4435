"""A timeline as a trace of Perfetto: a process a service, in tracks of slices that lie in each other.

What a handler caused is joined to it by a flow. Times are those of the day, on the clock that traces count from boot.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Sequence
from typing import Any

from telemap.analyses.timeline_exports import period_of, timed_of, told_of, tracks_of
from telemap.model.telemetry import Nanoseconds
from telemap.store.store import Row

Packet = dict[str, Any]

SEQUENCE = 1
BEGIN, END = 1, 2
IS_CLEARED, NEEDS_STATE = 1, 2  # the first packet of the sequence, and those that refer to what was told before
REAL_TIME, BOOT_TIME = 1, 6
TRACKS_FROM = 1 << 16  # behind the numbers of all processes


def perfetto(rows: Sequence[Row]) -> bytes:
    """Rows of ``timeline_spans.sql`` as a trace of Perfetto."""
    from telemap.traces.perfetto_sequences import MESSAGES
    from telemap.traces.protobuf import encoded, schema

    messages = MESSAGES | schema("Trace: 1 packets Packet*")
    return b"".join(encoded({"packets": [packet]}, "Trace", messages) for packet in _packets(timed_of(rows)))


def _packets(timed: Sequence[Row]) -> Iterator[Packet]:
    tracks = tracks_of(timed)
    begin = period_of(timed[0])[0] if timed else 0
    clocks = [{"id": clock, "timestamp": begin} for clock in (REAL_TIME, BOOT_TIME)]
    yield {"clocks": {"clocks": clocks}, "sequence": SEQUENCE, "flags": IS_CLEARED}
    yield from _descriptors(timed, tracks)
    flows = _flows(timed)
    words = _Words()
    for time, row, track in _edges(timed, tracks):
        event: Packet = {"type": END if row is None else BEGIN, "track": TRACKS_FROM + track}
        if row is not None:
            event |= words.told(row) | flows.get((row["trace_id"], row["span_id"]), {})
        packet = {"timestamp": time, "sequence": SEQUENCE, "flags": NEEDS_STATE, "event": event}
        yield packet | words.new()


def _descriptors(timed: Sequence[Row], tracks: Sequence[int]) -> Iterator[Packet]:
    """The processes, and the tracks in them."""
    services = sorted({row["service"] or "" for row in timed})
    numbers = {name: number for number, name in enumerate(services, start=1)}
    told = [{"uuid": pid, "process": {"pid": pid, "name": name or "(no service)"}} for name, pid in numbers.items()]
    of_track = {track: numbers[row["service"] or ""] for row, track in zip(timed, tracks, strict=True)}
    told += [
        {"uuid": TRACKS_FROM + track, "parent": pid, "name": f"track {track + 1}"}
        for track, pid in sorted(of_track.items())
    ]
    return ({"sequence": SEQUENCE, "descriptor": one} for one in told)


def _edges(timed: Sequence[Row], tracks: Sequence[int]) -> Iterator[tuple[Nanoseconds, Row | None, int]]:
    """The begins of spans and, without a row, their ends, in the order of time; ends before what begins then."""
    edges: list[tuple[Nanoseconds, Row | None, int]] = []
    open_: dict[int, list[Nanoseconds]] = defaultdict(list)
    for row, track in zip(timed, tracks, strict=True):
        start, end = period_of(row)
        ends = open_[track]
        while ends and ends[-1] <= start:
            edges.append((ends.pop(), None, track))
        edges.append((start, row, track))
        ends.append(end)
    edges += [(end, None, track) for track, ends in open_.items() for end in reversed(ends)]
    return iter(sorted(edges, key=lambda edge: edge[0]))


def _flows(timed: Sequence[Row]) -> dict[tuple[str, str], Packet]:
    """The ends of the arrows from handlers to the runs that they caused; both by trace and span."""
    handlers = {row["span_id"]: row["trace_id"] for row in timed if row["kind"] == "handler"}
    found: dict[tuple[str, str], Packet] = defaultdict(dict)
    runs = (row for row in timed if row["kind"] == "sequence" and row["parent_span_id"] in handlers)
    for number, row in enumerate(runs, start=1):
        cause = found[handlers[row["parent_span_id"]], row["parent_span_id"]]
        cause.setdefault("flows", []).append(number)
        found[row["trace_id"], row["span_id"]]["lastFlows"] = [number]
    return found


class _Words:
    """Texts that events name by numbers; each is told with the first event that does."""

    def __init__(self) -> None:
        self._numbers: dict[tuple[str, Any], int] = {}
        self._new: dict[str, list[Packet]] = defaultdict(list)

    def told(self, row: Row) -> Packet:
        """What an event says of a span."""
        others = {name: value for name, value in told_of(row).items() if value is not None}
        event: Packet = {
            "nameId": self._number("names", row["name"] or row["kind"]),
            "categoryIds": [self._number("categories", row["kind"])],
            "annotations": [
                {"nameId": self._number("annotations", name), "text": str(value)} for name, value in others.items()
            ],
        }
        if row["code_file_path"] is not None:
            place = row["code_file_path"], row["code_function_name"], row["code_line_number"]
            event["locationId"] = self._number("locations", place)
        return event

    def new(self) -> Packet:
        """What was not told before."""
        new, self._new = self._new, defaultdict(list)
        return {"interned": dict(new)} if new else {}

    def _number(self, kind: str, word: Any) -> int:
        number = self._numbers.get((kind, word))
        if number is None:
            number = self._numbers[kind, word] = len(self._numbers) + 1
            if kind == "locations":
                known = zip(("file", "function", "line"), word, strict=True)
                self._new[kind].append({"id": number} | {name: value for name, value in known if value is not None})
            else:
                self._new[kind].append({"id": number, "name": word})
        return number
