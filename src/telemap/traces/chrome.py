"""Chrome's Trace Event Format: slices of threads, asynchronous ones, flows, counters, instants → rows."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Hashable, Iterator
from typing import Any

import msgspec

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
from telemap.traces.json_documents import decoded_document, text, texts
from telemap.traces.times import from_microseconds
from telemap.traces.tracks import Track, all_spans

Event = dict[str, Any]

_READ_FIELDS = frozenset(("ph", "name", "ts", "dur", "pid", "tid", "args"))


def _decode(data: bytes) -> dict[str, Any]:
    if data.lstrip().startswith(b"["):  # the format allows that its end is missing, and many leave a comma there
        data = data.rstrip().removesuffix(b"]").rstrip().removesuffix(b",") + b"]"
    document = msgspec.json.decode(data)
    return document if isinstance(document, dict) else {"traceEvents": document}


def read(blocks: Iterator[bytes], origin: Origin) -> Iterator[Batch]:
    """One batch of the one document; an array need not be closed."""
    document, size_bytes, problems = decoded_document(_decode, blocks, Event())
    reading = _Reading(origin, document.pop("stackFrames", None))
    events = document.pop("traceEvents", None)
    events = events if isinstance(events, list) else []
    reading.problems += problems
    for number, event in enumerate(events):
        if not isinstance(event, dict) or not isinstance(event.get("ph"), str):
            reading.problems.append(Problem(f"traceEvents[{number}]", "no event: it has no phase"))
            events[number] = {"ph": "", "ts": 0}
    for event in sorted(events, key=lambda event: from_microseconds(event.get("ts")) or 0):
        reading.take(event)
    spans = reading.finished()
    reading.records += [Record(event_name=name, attributes={}, body=text(value)) for name, value in document.items()]
    yield document_batch(spans, reading.records, origin, size_bytes, reading.problems)


class _Reading:
    """What the events told so far say; they come in the order of time."""

    def __init__(self, origin: Origin, frames: Any) -> None:
        self._origin, self._frames = origin, frames if isinstance(frames, dict) else {}
        self._trace_id = origin.trace_id(0)
        self._threads: dict[Hashable, Track] = defaultdict(Track)
        self._asynchronous: dict[Hashable, Track] = defaultdict(Track)
        self._of_thread: dict[tuple[str, str], list[Span]] = defaultdict(list)
        self._names: dict[tuple[str, str, str], str] = {}
        self._flowing: list[tuple[Event, Span | None]] = []
        self._count = 0
        self.records: list[Record] = []
        self.problems: list[Problem] = []
        self._takers: dict[str, Callable[[Event], None]] = {
            **dict.fromkeys("BX", self._slice),
            "E": self._end_of_slice,
            **dict.fromkeys("bS", self._begin),
            **dict.fromkeys("eF", self._end),
            **dict.fromkeys("nTp", self._step),
            **dict.fromkeys("stf", lambda event: self._flowing.append((event, None))),
            "M": self._name,
            "": lambda _: None,
        }

    def take(self, event: Event) -> None:
        """Take in an event; of a phase that is about no slice it is a record."""
        self._takers.get(event["ph"], self._record)(event)

    def finished(self) -> list[Span]:
        """All spans, with parents, links and names."""
        spans = all_spans([*self._threads.values(), *self._asynchronous.values()])
        flows = Flows()
        for event, span in self._flowing:
            self._flow(flows, event, span)
        for (pid, tid), members in self._of_thread.items():
            thread = self._names.get(("thread_name", pid, tid))
            for span in members:
                span.service_name = self._names.get(("process_name", pid, ""))
                span.attributes |= {"thread.name": thread} if thread else {}
        return spans

    def _span(self, event: Event) -> Span:
        span = Span(
            span_id=self._origin.span_id(self._count),
            trace_id=self._trace_id,
            name=_text_of(event, "name"),
            start_time_unix_nano=from_microseconds(event.get("ts")),
            attributes=self._attributes(event),
        )
        self._count += 1
        self._of_thread[_thread(event)].append(span)
        return span

    def _slice(self, event: Event) -> None:
        span, track = self._span(event), self._threads[_thread(event)]
        duration = from_microseconds(event.get("dur"))
        if event["ph"] == "B":
            track.begin(span)
        elif duration is None or span.start_time_unix_nano is None:
            span.status = "incomplete"
            track.spans.append(span)
        else:
            span.end_time_unix_nano = span.start_time_unix_nano + duration
            span.duration_ns = span.reported_duration_ns = duration
            track.spans.append(span)
        if "bind_id" in event:
            self._flowing.append((event, span))

    def _end_of_slice(self, event: Event) -> None:
        self._close(self._threads[_thread(event)], event)

    def _begin(self, event: Event) -> None:
        track, span = self._asynchronous[_identity(event)], self._span(event)
        outer = track.innermost()
        span.parent_span_id = outer.span_id if outer and event["ph"] == "b" else None
        track.begin(span)

    def _end(self, event: Event) -> None:
        self._close(self._asynchronous[_identity(event)], event)

    def _close(self, track: Track, event: Event) -> None:
        time, name, attributes = from_microseconds(event.get("ts")), _text_of(event, "name"), self._attributes(event)
        if not track.end(time, name, attributes, same_name=event["ph"] == "e"):
            place = f"ts {event.get('ts')}, pid {event.get('pid')}, tid {event.get('tid')}"
            self.problems.append(Problem(place, f"the end of {event.get('name')!r} has no begin"))
            self._record(event)

    def _step(self, event: Event) -> None:
        """Something that happened during an asynchronous slice."""
        self._record(event)
        span = self._asynchronous[_identity(event)].innermost()
        if span:
            self.records[-1].span_id = span.span_id

    def _name(self, event: Event) -> None:
        """Metadata: names of processes and threads; anything else is a record."""
        kind, arguments = _text_of(event, "name"), event.get("args")
        name = arguments.get("name") if isinstance(arguments, dict) else None
        if name is None or kind not in ("process_name", "thread_name"):
            self._record(event)
        else:
            pid, tid = _thread(event)
            self._names[kind, pid, tid if kind == "thread_name" else ""] = text(name)

    def _flow(self, flows: Flows, event: Event, span: Span | None) -> None:
        phase, time = event["ph"], from_microseconds(event.get("ts")) or 0
        if span:
            begins, ends = not event.get("flow_in"), not event.get("flow_out")
            flows.pass_by(text(event["bind_id"]), span, {"name": str(span.name)}, begins=begins, ends=ends)
            return
        track = self._threads[_thread(event)]
        to_next = phase == "f" and event.get("bp") != "e"
        span = (track.after(time) if to_next else None) or track.around(time)
        if span:
            attributes = {"name": text(event.get("name"))} | self._attributes(event)
            flows.pass_by(_identity(event), span, attributes, begins=phase == "s", ends=phase == "f")
        else:
            self._record(event)

    def _record(self, event: Event) -> None:
        attributes = {"chrome.ph": event["ph"]} | self._attributes(event)
        time = from_microseconds(event.get("ts"))
        self.records.append(
            Record(
                event_name=_text_of(event, "name"), attributes=attributes, time_unix_nano=time, trace_id=self._trace_id
            )
        )

    def _attributes(self, event: Event) -> Attributes:
        """What an event says: its arguments under their names, the rest under the names of OpenTelemetry or ours."""
        own = {f"chrome.{key}": text(value) for key, value in event.items() if key not in _READ_FIELDS}
        ids = {"process.pid": event.get("pid"), "thread.id": event.get("tid")}
        own |= {name: text(value) for name, value in ids.items() if value is not None}
        if "sf" in event:
            own["code.stacktrace"] = self._stack(event["sf"])
        arguments = event.get("args")
        return own | (
            texts(arguments) if isinstance(arguments, dict) else {"args": text(arguments)} if arguments else {}
        )

    def _stack(self, frame: Any) -> str:
        """The functions from the innermost outwards."""
        names: list[str] = []
        while (found := self._frames.get(str(frame))) and isinstance(found, dict) and len(names) < len(self._frames):
            names.append(str(found.get("name")))
            frame = found.get("parent")
        return "\n".join(names)


def _thread(event: Event) -> tuple[str, str]:
    return text(event.get("pid")), text(event.get("tid"))


def _identity(event: Event) -> Hashable:
    """What events of one asynchronous slice or flow have in common."""
    local = event.get("id2")
    kind = "" if event["ph"] in "ben" else event.get("name")
    if isinstance(local, dict) and "local" in local:
        return text(event.get("pid")), text(event.get("cat")), text(kind), text(local["local"])
    scoped = local.get("global") if isinstance(local, dict) else event.get("id")
    return text(event.get("cat")), text(kind), text(event.get("scope")), text(scoped)


def _text_of(event: Event, field: str) -> str | None:
    value = event.get(field)
    return None if value is None else text(value)


EVENTS = TraceFormat("chrome-trace", is_appendable=False, read=read)
