"""What packets of a Perfetto trace refer to: values told before on their sequence, and clocks."""

from __future__ import annotations

from collections.abc import Hashable
from typing import Any

from telemap.traces.batches import Attributes
from telemap.traces.json_documents import text
from telemap.traces.protobuf import schema

MESSAGES = schema("""
    Packet: 6 clocks Snapshot, 8 timestamp uint, 10 sequence uint, 11 event Event, 12 interned Interned, \
        13 flags uint, 41 isCleared bool, 58 clock uint, 59 defaults Defaults, 60 descriptor Descriptor
    Defaults: 11 event EventDefaults, 58 clock uint
    EventDefaults: 11 track uint
    Snapshot: 1 clocks Clock*
    Clock: 1 id uint, 2 timestamp uint, 3 isIncremental bool, 4 unit uint
    Descriptor: 1 uuid uint, 2 name text, 3 process Process, 4 thread Thread, 5 parent uint, 10 staticName text
    Process: 1 pid int, 6 name text
    Thread: 1 pid int, 2 tid int, 5 name text
    Event: 1 deltaMicros int, 3 categoryIds uint*, 4 annotations Annotation*, 6 legacy Legacy, 9 type uint, \
        10 nameId uint, 11 track uint, 16 absoluteMicros int, 22 categories text*, 23 name text, 30 counter int, \
        33 location Location, 34 locationId uint, 36 oldFlows uint*, 42 oldLastFlows uint*, 44 realCounter double, \
        47 flows fixed*, 48 lastFlows fixed*, 52 correlation uint, 53 correlationText text
    Legacy: 1 nameId uint, 2 phase int, 3 duration int, 6 id uint, 10 id uint, 11 id uint
    Annotation: 1 nameId uint, 2 bool bool, 3 uint uint, 4 int int, 5 double double, 6 text text, 7 pointer uint, \
        8 nested Nested, 9 json text, 10 name text, 11 entries Annotation*, 12 elements Annotation*, 17 textId uint
    Nested: 1 kind uint, 2 keys text*, 3 values Nested*, 4 elements Nested*, 5 int int, 6 double double, 7 bool bool, \
        8 text text
    Location: 1 id uint, 2 file text, 3 function text, 4 line uint
    Interned: 1 categories Name*, 2 names Name*, 3 annotations Name*, 4 locations Location*, 29 texts Name*
    Name: 1 id uint, 2 name text
""")
_IS_CLEARED = 1
_REAL_TIME, _BOOT_TIME = 1, 6
_FIRST_OF_SEQUENCE = 64
_SCALARS = ("bool", "uint", "int", "double", "text", "pointer")


class Sequence:
    """The state of one sequence of packets: interned values, defaults, the latest times."""

    def __init__(self) -> None:
        self._interned: dict[tuple[str, int], Any] = {}
        self.track = 0
        self.clock = _BOOT_TIME

    def take(self, packet: dict[str, Any]) -> None:
        """Take in what a packet says of those that follow it."""
        if packet.get("flags", 0) & _IS_CLEARED or packet.get("isCleared"):
            self.__init__()  # type: ignore[misc]
        for kind, entries in packet.get("interned", {}).items():
            for entry in entries:
                self._interned[kind, entry.get("id", 0)] = entry if kind == "locations" else entry.get("name", "")
        defaults = packet.get("defaults", {})
        self.clock = defaults.get("clock", self.clock)
        self.track = defaults.get("event", {}).get("track", self.track)

    def interned(self, kind: str, identity: int | None) -> Any:
        """The value told before under a number; None where there was none."""
        return None if identity is None else self._interned.get((kind, identity))

    def attributes(self, event: dict[str, Any]) -> Attributes:
        """What an event says, under the names of OpenTelemetry or ours."""
        categories = [self.interned("categories", one) or str(one) for one in event.get("categoryIds", ())]
        categories += event.get("categories", [])
        location = event.get("location") or self.interned("locations", event.get("locationId")) or {}
        told = {
            "perfetto.categories": ",".join(categories) or None,
            "perfetto.correlation_id": event.get("correlationText", event.get("correlation")),
            "code.file.path": location.get("file"),
            "code.function.name": location.get("function"),
            "code.line.number": location.get("line"),
        }
        for annotation in event.get("annotations", ()):
            told[self._name(annotation)] = self._value(annotation)
        return {name: text(value) for name, value in told.items() if value is not None}

    def _name(self, annotation: dict[str, Any]) -> str:
        return str(annotation.get("name") or self.interned("annotations", annotation.get("nameId")) or "")

    def _value(self, annotation: dict[str, Any]) -> Any:
        if "entries" in annotation:
            return {self._name(one): self._value(one) for one in annotation["entries"]}
        if "elements" in annotation:
            return [self._value(one) for one in annotation["elements"]]
        if "nested" in annotation:
            return _nested(annotation["nested"])
        if "textId" in annotation:
            return self.interned("texts", annotation["textId"])
        return next((annotation[kind] for kind in (*_SCALARS, "json") if kind in annotation), "")


def _nested(value: dict[str, Any]) -> Any:
    if "keys" in value:
        return dict(zip(value["keys"], map(_nested, value.get("values", ())), strict=False))
    if "elements" in value:
        return [_nested(one) for one in value["elements"]]
    return next((value[kind] for kind in _SCALARS if kind in value), None)


class Clocks:
    """All clocks of a trace against the one that counts from boot."""

    def __init__(self) -> None:
        self.to_real_time = 0
        self._units: dict[Hashable, int] = {}
        self._offsets: dict[Hashable, int] = {}
        self._latest: dict[Hashable, int] = {}

    def synchronize(self, snapshot: dict[str, Any], sequence: int) -> None:
        """Take in what all clocks showed at one moment."""
        shown: dict[int, int] = {}
        for clock in snapshot.get("clocks", ()):
            identity, unit = clock.get("id", 0), clock.get("unit") or 1
            shown[identity] = clock.get("timestamp", 0) * unit
            self._units[_key(identity, sequence)] = unit
            if clock.get("isIncremental"):
                self._latest[_key(identity, sequence)] = shown[identity]
        boot = shown.get(_BOOT_TIME)
        if boot is None:
            return
        for identity, time in shown.items():
            self._offsets[_key(identity, sequence)] = boot - time
        if _REAL_TIME in shown and not self.to_real_time:
            self.to_real_time = shown[_REAL_TIME] - boot

    def time(self, packet: dict[str, Any], sequence: Sequence) -> int:
        """When a packet was written, in ns of the clock that counts from boot."""
        clock = _key(packet.get("clock", sequence.clock), packet.get("sequence", 0))
        time: int = packet.get("timestamp", 0) * self._units.get(clock, 1)
        if clock in self._latest:
            time = self._latest[clock] = self._latest[clock] + time
        return time + self._offsets.get(clock, 0)


def _key(clock: int, sequence: int) -> Hashable:
    return clock, sequence if clock >= _FIRST_OF_SEQUENCE else 0
