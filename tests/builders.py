"""Makers of whole values for tests: conductor logs line by line, stores with what was ingested."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from telemap.records.format_files import bundled_formats
from telemap.store.loading import Ingest, SourceReport, ingest
from telemap.store.store import Store

START = datetime(2026, 1, 2, 3, 4, 5, tzinfo=UTC)


@dataclass
class ConductorLog:
    """A console log of a MusicalConductor page, made line by line; every line takes ``step_ms``."""

    step_ms: int = 1
    lines: list[str] = field(default_factory=list)
    clock_ms: int = 0

    def say(self, message: str, prefix: str = "Bus.ts:9 ") -> None:
        """One console line with its time stamp."""
        self.lines.append(f"{prefix}{self.now} {message}")
        self.clock_ms += self.step_ms

    def raw(self, line: str) -> None:
        """One line as it is."""
        self.lines.append(line)

    @property
    def now(self) -> str:
        """The time of the next line."""
        return (START + timedelta(milliseconds=self.clock_ms)).strftime("%Y-%m-%dT%H:%M:%S.%f")[:-3] + "Z"

    @property
    def perf(self) -> str:
        """The page's own clock."""
        return f"{1000 + self.clock_ms}.00"

    @property
    def at(self) -> str:
        """Both clocks, as the event bus prints them."""
        return f"at {self.now} (perf: {self.perf}ms)"

    def request(self, sequence: str, correlation: str | None = None) -> None:
        """Somebody asks for a run, and it is queued."""
        at = f"at {self.now} (perf={self.perf}ms)"
        self.say(f"🎼 MusicalConductor.play ENTRY: pluginId=P, sequenceId={_id(sequence)} {at}")
        if correlation:
            self.say(f"🎼 MusicalConductor.play: preserved 1 callback(s) for correlationId={correlation} (elapsed=0ms)")
        self.say(f'🎼 ExecutionQueue: Enqueued "{sequence}" with priority NORMAL (Queue size: 1)')

    def begin(self, sequence: str, request_id: str, movement: str = "Move") -> None:
        """A queued run begins, with its first movement."""
        self.say(f'🎼 ExecutionQueue: Now executing "{sequence}"')
        self.say(f'🎼 SequenceExecutor: Executing movement "{movement}" (1/1)')
        self.say(f"🎵 Movement Started: {movement} (1 beats)")
        self.raw(f"Logger.ts:116 🎵 Movement Started: {movement} (1 beats)")
        self.say(f"🆔 Request ID: {request_id}")

    def begin_beat(self, number: int, event: str, sequence: str) -> None:
        """A beat begins: its start is printed more than once."""
        self.say(f"⏱️ PerformanceTracker: Started timing beat {number} for {sequence}")
        self.say(f"🎵 Beat {number} Started: Title of {event} ({event})")
        self.raw(f"Logger.ts:77 🎵 Beat {number} Started: Title of {event} ({event})")
        self.say(f'🕐 [BEAT EXECUTOR] About to emitAsync for event "{event}" {self.at}')

    def call(self, event: str, subscriber: int = 0) -> None:
        """A handler is called and its synchronous part returns."""
        self.say(f'🕐 [EVENTBUS] Calling subscriber {subscriber} for "{event}" {self.at}')
        self.say(f'🕐 [EVENTBUS] Subscriber {subscriber} for "{event}" returned (sync) {self.at}')

    def resolve(self, event: str, subscriber: int = 0) -> None:
        """A handler's promise resolves."""
        self.say(f'🕐 [EVENTBUS] Subscriber {subscriber} for "{event}" promise resolved {self.at}')

    def baton(self, sequence: str, event: str, handler: str, request_id: str | None = None) -> None:
        """The line that a handler's end leaves; it alone names the handler."""
        tail = f" plugin=P req={request_id} preview={{}}" if request_id else ""
        changes = "+a" if request_id else "No changes"
        self.say(f"🎽 DataBaton: {changes} | seq={sequence} beat=? event={event} handler={handler}{tail}")

    def changed(self, sequence: str, event: str, request_id: str) -> None:
        """The baton line of a handler that changed some of the state."""
        self.say(
            f"🎽 DataBaton: +price,tax ~total -draft | seq={sequence} beat=? event={event} handler=taxItem "
            f'plugin=P req={request_id} preview={{"price":12,"to'
        )

    def settle(self, event: str) -> None:
        """All promises of the beat are resolved."""
        self.say(f'🕐 [EVENTBUS] Promise.allSettled completed for "{event}" {self.at}')

    def end_beat(self, number: int, event: str, duration_ms: int) -> None:
        """A beat ends: with two durations, of which the executor's counts."""
        self.say(f"⏱️ PerformanceTracker: Beat {number} completed in {duration_ms + 0.4:.2f}ms")
        self.say(f"✅ BeatExecutor: Beat {number} ({event}) completed in {duration_ms}ms")

    def beat(self, number: int, event: str, sequence: str, handler: str, duration_ms: int = 10) -> None:
        """A whole beat with one synchronous handler."""
        self.begin_beat(number, event, sequence)
        self.call(event)
        self.resolve(event)
        self.baton(sequence, event, handler)
        self.settle(event)
        self.end_beat(number, event, duration_ms)

    def end(self, sequence: str, duration_ms: int = 50, movement: str = "Move") -> None:
        """A run ends."""
        self.say(f"⏱️ PerformanceTracker: Movement {movement} completed in {duration_ms - 1}.50ms")
        self.say(f'✅ MovementExecutor: Movement "{movement}" completed successfully')
        self.say(f'✅ SequenceExecutor: Sequence "{sequence}" completed in {duration_ms}ms')

    def run(self, sequence: str, request_id: str, **handlers: str) -> None:
        """A whole run, a beat for each ``event=handler``."""
        self.request(sequence)
        self.begin(sequence, request_id)
        for number, (event, handler) in enumerate(handlers.items(), 1):
            self.beat(number, event, sequence, handler)
        self.end(sequence)

    @property
    def text(self) -> bytes:
        """The file."""
        return "".join(line + "\n" for line in self.lines).encode()


def _id(sequence: str) -> str:
    return sequence.lower().replace(" ", "-") + "-symphony"


def ingested(folder: Path, *paths: Path | str, **what: Any) -> tuple[Store, list[SourceReport]]:
    """The store in ``folder`` after an ingest of ``paths``, and the reports."""
    store = Store(folder / "store", create=True)
    return store, ingest(store, [str(path) for path in paths], Ingest(bundled_formats(), **what))


def content(store: Store) -> dict[str, list[tuple[Any, ...]]]:
    """All that a store says, but for the ids of sources."""
    sql = {
        "record": "SELECT * EXCLUDE (source_id, trace_id, span_id), right(trace_id, 16), right(span_id, 8) FROM record",
        "span": "SELECT * EXCLUDE (source_id, trace_id, span_id, parent_span_id), right(trace_id, 16), "
        "right(span_id, 8), right(parent_span_id, 8) FROM span",
        "state_change": "SELECT * EXCLUDE (source_id, span_id), right(span_id, 8) FROM state_change",
        "source": "SELECT * EXCLUDE (source_id) FROM source",
    }
    with store.connect() as connection:
        return {name: sorted(connection.execute(query).fetchall(), key=repr) for name, query in sql.items()}


def spans(store: Store, kind: str, *columns: str) -> list[tuple[Any, ...]]:
    """The spans of a kind, some columns of each, by their first line."""
    rows = store.rows(f"SELECT {', '.join(columns)} FROM span WHERE kind = ? ORDER BY first_line, span_id", [kind])
    return [tuple(row.values()) for row in rows]
