"""Perfetto's protobuf traces: the events of tracks → rows."""

from __future__ import annotations

import zlib
from collections import Counter, defaultdict
from collections.abc import Hashable, Iterator
from typing import Any

from telemap.traces.batches import (
    Attributes,
    Batch,
    Origin,
    Problem,
    Record,
    Span,
    TraceFormat,
    document_batch,
)
from telemap.traces.flows import Flows
from telemap.traces.json_documents import text, texts
from telemap.traces.perfetto_sequences import MESSAGES, Clocks, Sequence
from telemap.traces.protobuf import MalformedError, fields, message
from telemap.traces.tracks import Track, all_spans

_PACKET, _COMPRESSED = 1, 50
_BEGIN, _END, _INSTANT, _COUNTER = 1, 2, 3, 4
_PHASES = {"B": _BEGIN, "E": _END, "i": _INSTANT, "I": _INSTANT, "n": _INSTANT, "C": _COUNTER, "X": _BEGIN}
_PHASES |= {"b": _BEGIN, "S": _BEGIN, "e": _END, "F": _END, "T": _INSTANT, "p": _INSTANT}
_ASYNCHRONOUS = "bneSTpF"
_READ = frozenset((3, 8, 10, 11, 12, 13, 36, 41, 42, 58, 59, 60, 79, 87, 98, 6))

Packet = dict[str, Any]


def read(blocks: Iterator[bytes], origin: Origin) -> Iterator[Batch]:
    """One batch of the one trace."""
    data = b"".join(blocks)
    reading = _Reading(origin)
    for packet, sequence in _packets(data, reading):
        reading.take(packet, sequence)
    yield document_batch(reading.finished(), reading.records, origin, len(data), reading.problems)


def _packets(data: bytes, reading: _Reading) -> Iterator[tuple[Packet, Sequence]]:
    """The packets and the state of the sequence that each belongs to, as far as they are whole."""
    unread: Counter[int] = Counter()
    sequences: dict[int, Sequence] = defaultdict(Sequence)
    try:
        for raw in _raw_packets(data):
            packet = message(raw, "Packet", MESSAGES)
            unread.update(number for number, *_ in fields(raw) if number not in _READ)
            sequence = sequences[packet.get("sequence", 0)]
            sequence.take(packet)
            yield packet, sequence
    except (MalformedError, zlib.error) as error:
        reading.problems.append(Problem("trace", str(error)))
    for number, count in sorted(unread.items()):
        reading.problems.append(Problem(f"field {number} of packets", f"not read, in {count} packets"))


def _raw_packets(data: bytes) -> Iterator[bytes]:
    for number, wire, raw, _ in fields(data):
        if number != _PACKET or wire != 2:
            continue
        packed = next((value for inner, _, value, _ in fields(raw) if inner == _COMPRESSED), None)
        if packed is None:
            yield raw
        else:
            yield from _raw_packets(zlib.decompress(packed))


class _Reading:
    """The events told so far, to be put in the order of time."""

    def __init__(self, origin: Origin) -> None:
        self._origin, self._trace_id = origin, origin.trace_id(0)
        self._clocks = Clocks()
        self._descriptors: dict[int, Packet] = {}
        self._events: list[tuple[int, Packet, Attributes, str | None]] = []
        self._tracks: dict[Hashable, Track] = defaultdict(Track)
        self._flows = Flows()
        self._count = 0
        self.records: list[Record] = []
        self.problems: list[Problem] = []

    def take(self, packet: Packet, sequence: Sequence) -> None:
        """Take in a packet; its interned values are looked up now, before they may change."""
        if "clocks" in packet:
            self._clocks.synchronize(packet["clocks"], packet.get("sequence", 0))
        if "descriptor" in packet:
            track = packet["descriptor"]
            self._descriptors.setdefault(track.get("uuid", 0), {}).update(track)
        if "event" in packet:
            time = self._clocks.time(packet, sequence)
            event = {"track": sequence.track, **packet["event"]}
            name = sequence.interned("names", event.get("nameId")) or event.get("name")
            self._events.append((time, event, sequence.attributes(event), name))

    def finished(self) -> list[Span]:
        """All spans; where the trace knows the time of day, in it."""
        to_real_time = self._clocks.to_real_time
        for time, event, attributes, name in sorted(self._events, key=lambda one: one[0]):
            self._event(time + to_real_time, event, attributes, name)
        return all_spans(self._tracks.values())

    def _event(self, time: int, event: Packet, attributes: Attributes, name: str | None) -> None:
        legacy = event.get("legacy", {})
        phase = chr(legacy.get("phase", 0))
        kind = event.get("type") or _PHASES.get(phase, _INSTANT)
        key: Hashable = event["track"]
        if phase in _ASYNCHRONOUS:
            key = ("legacy", legacy.get("id"), text(attributes.get("perfetto.categories")))
        track = self._tracks[key]
        if kind == _END:
            if not track.end(time, name, attributes, same_name=phase == "e"):
                self.problems.append(
                    Problem(f"time {time}, track {event['track']}", f"the end of {name!r} has no begin")
                )
        elif kind == _BEGIN:
            span = self._span(time, event, attributes, name)
            track.begin(span)
            if phase == "X":
                track.end(time + legacy.get("duration", 0) * 1000, name, {})
                span.reported_duration_ns = span.duration_ns
            self._follow(span, event)
        else:
            self._record(time, event, attributes, name, track.innermost())

    def _span(self, time: int, event: Packet, attributes: Attributes, name: str | None) -> Span:
        place, service = self._place(event["track"])
        self._count += 1
        return Span(
            span_id=self._origin.span_id(self._count - 1),
            trace_id=self._trace_id,
            name=name,
            start_time_unix_nano=time,
            service_name=service,
            attributes=place | attributes,
        )

    def _follow(self, span: Span, event: Packet) -> None:
        for flow in event.get("flows", []) + event.get("oldFlows", []):
            self._flows.pass_by(flow, span, {"flow.id": str(flow)}, begins=False, ends=False)
        for flow in event.get("lastFlows", []) + event.get("oldLastFlows", []):
            self._flows.pass_by(flow, span, {"flow.id": str(flow)}, begins=False, ends=True)

    def _record(self, time: int, event: Packet, attributes: Attributes, name: str | None, span: Span | None) -> None:
        place, _ = self._place(event["track"])
        counted = event.get("counter", event.get("realCounter"))
        values = {} if counted is None else {"value": text(counted)}
        self.records.append(
            Record(
                event_name=name or self._track_name(event["track"]),
                attributes=place | attributes | values,
                time_unix_nano=time,
                trace_id=self._trace_id,
                span_id=span.span_id if span else None,
            )
        )

    def _track_name(self, uuid: int) -> str | None:
        track = self._descriptors.get(uuid, {})
        name = track.get("name") or track.get("staticName")
        return None if name is None else str(name)

    def _place(self, uuid: int) -> tuple[Attributes, str | None]:
        """Process, thread and name of a track, from it or those above it; and the name of the service."""
        found: dict[str, Any] = {"perfetto.track": self._track_name(uuid)}
        service, seen = None, set()
        while uuid in self._descriptors and uuid not in seen:
            seen.add(uuid)
            track = self._descriptors[uuid]
            thread, process = track.get("thread", {}), track.get("process", {})
            told = {
                "process.pid": process.get("pid", thread.get("pid")),
                "thread.id": thread.get("tid"),
                "thread.name": thread.get("name"),
            }
            found = {name: value for name, value in told.items() if value is not None} | found
            service = service or process.get("name")
            uuid = track.get("parent", 0)
        return texts({name: value for name, value in found.items() if value is not None}), service


TRACE = TraceFormat("perfetto", is_appendable=False, read=read)
