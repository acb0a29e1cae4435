"""What the variants of a sequence deviate in: each deviation once, with all runs that show it."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, NamedTuple

from telemap.analyses.flow_declarations import Declaration, Step
from telemap.analyses.flow_shapes import Deviation
from telemap.flows.deviations import Difference, Passed, differences
from telemap.model.documents import Code, Place, iso_time, milliseconds
from telemap.model.findings import Severity, finding_id
from telemap.model.telemetry import Nanoseconds
from telemap.store.store import Row

MOST_EXAMPLES = 3
WARNINGS = frozenset(("extra-beat", "repeated-beat", "undeclared-sequence"))


class Fault(NamedTuple):
    """What deviates, without the runs: two runs deviate alike if these are equal."""

    kind: str
    step: Step | None
    event: str | None
    observed: str | None = None  # the handler or event that was not declared
    owner: str | None = None  # the other sequence whose handler it is
    lacks: str | None = None  # of an incomplete run: start, end or root

    @property
    def severity(self) -> Severity:
        """How grave it is."""
        if self.kind == "incomplete":
            return Severity.INFO
        return Severity.WARNING if self.kind in WARNINGS or self.owner else Severity.ERROR


class Sighting(NamedTuple):
    """A fault of a variant: its place in it, if it has one, and what one out of order came before or after."""

    fault: Fault
    position: int | None = None
    passed: Passed | None = None


class Seen(NamedTuple):
    """Where to look for a fault in the log: a run, and the place of an event in it, if it is about one."""

    trace_id: str
    position: int | None


@dataclass(slots=True)
class Tally:
    """The runs that show a fault."""

    runs: int = 0
    timed_runs: int = 0
    total_ns: Nanoseconds = 0
    first: Nanoseconds | None = None
    last: Nanoseconds | None = None
    seen: list[Seen] = field(default_factory=list)
    passed: Counter[Passed] = field(default_factory=Counter)

    def add(self, row: Row, position: int | None, passed: Passed | None = None) -> None:
        """Count the runs of a variant."""
        if passed:
            self.passed[passed] += row["runs"]
        self.runs += row["runs"]
        self.timed_runs += row["timed_runs"]
        self.total_ns += row["total_ns"] or 0
        times = [time for time in (self.first, row["first_time_unix_nano"]) if time is not None]
        self.first = min(times, default=None)
        self.last = max((time for time in (self.last, row["last_time_unix_nano"]) if time is not None), default=None)
        self.seen = sorted([*self.seen, *(Seen(trace_id, position) for trace_id in row["examples"])])[:MOST_EXAMPLES]

    @property
    def mean_ns(self) -> float | None:
        """How long a run took."""
        return self.total_ns / self.timed_runs if self.timed_runs else None


def faults(row: Row, declared: Declaration | None) -> list[Sighting] | None:
    """What a variant deviates in; None where no explanation was found.

    Args:
        row: of ``flows.sql``.
        declared: its sequence; None if that is not declared.
    """
    if declared is None:
        return [Sighting(Fault("undeclared-sequence", None, None))]
    if row["lacks_root"]:  # what else is not there yet cannot be known
        return [Sighting(Fault("incomplete", None, None, lacks="root"))]
    lacks_end = row["lacks_end"] or row["is_failed"]  # what would have come after a failure is not missing
    found = differences(declared.checker, row["beats"], lacks_start=row["lacks_start"], lacks_end=lacks_end)
    if found is None:
        return None
    odd = dict.fromkeys(_odd(row, declared))
    told = [_of_difference(difference, declared) for difference in found]
    told += [Sighting(fault, _place(row["beats"], fault.event)) for fault in odd]
    if row["is_failed"] and not any(fault.kind == "failed-beat" for fault in odd):
        last = row["beats"][-1] if row["beats"] else None
        place = len(row["beats"]) - 1 if last else None
        told.append(Sighting(Fault("failed-beat", declared.of_event(last), last), place))
    for lacks in ("start", "end"):
        if row[f"lacks_{lacks}"]:
            at = len(row["beats"]) - 1 if lacks == "end" else 0
            event = row["beats"][at] if row["beats"] else None
            fault = Fault("incomplete", declared.of_event(event), event, lacks=lacks)
            told.append(Sighting(fault, at if event else None))
    return told


def is_late(row: Row) -> bool:
    """Whether something in the runs of a variant broke a limit that holds for every run of their sequence."""
    return any(odd["kind"] == "late" and odd["owner"] == row["sequence"] for odd in row["oddities"])


def _of_difference(difference: Difference, declared: Declaration) -> Sighting:
    step = declared.steps.get(difference.step) if isinstance(difference.step, int) else None
    return Sighting(Fault(difference.kind, step, difference.event), difference.position, difference.passed)


def _odd(row: Row, declared: Declaration) -> Iterator[Fault]:
    """What is odd about beats that came: of a beat and its handler that both failed, the handler is told."""
    failed = {odd["event_name"] for odd in row["oddities"] if odd["kind"] == "failed" and odd["handler"]}
    for odd in row["oddities"]:
        event, handler, owner = odd["event_name"], odd["handler"], odd["owner"]
        step = declared.of_event(event)
        if odd["kind"] == "failed":
            if handler or event not in failed:
                yield Fault("failed-beat", step, event, handler, owner)
        elif odd["kind"] != "late" and step is not None and (step.handler or owner):
            yield Fault("wrong-handler", step, event, handler, owner)


def _place(beats: Sequence[str], event: str | None) -> int | None:
    return beats.index(event) if event in beats else None


class Lines:
    """The lines of example runs, from the rows of ``flow_examples.sql``."""

    def __init__(self, rows: Iterable[Row]) -> None:
        self._runs: dict[str, list[Row]] = {}
        for row in rows:
            self._runs.setdefault(row["trace_id"], []).append(row)

    def of(self, fault: Fault, seen: Seen) -> tuple[Row, int] | None:
        """The execution that shows a fault best, and the line to look at."""
        run = self._runs.get(seen.trace_id, [])
        if fault.kind in ("failed-beat", "wrong-handler"):
            for row in run:
                if row["kind"] == "handler" and (row["event_name"], row["handler"]) == (fault.event, fault.observed):
                    return row, row["first_line"]
        beats = [row for row in run if row["place"] is not None]
        if seen.position is None or not beats:
            return next(((row, row["first_line"]) for row in run), None)
        if seen.position >= len(beats) or fault.lacks == "end":  # it would have come behind what did
            return beats[-1], beats[-1]["last_line"]
        return beats[seen.position], beats[seen.position]["first_line"]

    def at(self, trace_id: str, span_id: str) -> Row | None:
        """An execution of a run."""
        return next((row for row in self._runs.get(trace_id, []) if row["span_id"] == span_id), None)

    def answering(self, fault: Fault, seen: Seen) -> Code | None:
        """The code of a handler that ran for the event of a fault."""
        rows = (row for row in self._runs.get(seen.trace_id, []) if row["event_name"] == fault.event)
        return next((code for row in rows if row["kind"] == "handler" and (code := Code.of(row))), None)


def deviation(
    fault: Fault, tally: Tally, declared: Declaration | None, sequence_id: str, usual: Tally, runs: int, lines: Lines
) -> Deviation:
    """A fault with its runs, as it is told.

    Args:
        fault: what deviates.
        tally: the runs that show it.
        declared: the sequence.
        sequence_id: its id, or the name where there is none.
        usual: the runs that conform.
        runs: all runs of the sequence.
        lines: of the examples.
    """
    step = fault.step
    shown = [(seen, *found) for seen in tally.seen if (found := lines.of(fault, seen)) is not None]
    of_handler = Code.of(shown[0][1]) if shown and fault.observed else None
    code = of_handler or (step.code if step else None)
    if code is None and shown:
        code = lines.answering(fault, shown[0][0])
    is_slower = tally.mean_ns is not None and usual.mean_ns is not None
    message = next((row["status_message"] for _, row, _ in shown if row["status_message"]), None)
    return Deviation(
        id=finding_id(
            sequence_id, fault.kind, step and step.number, fault.event, fault.observed, fault.owner, fault.lacks
        ),
        kind=fault.kind,
        severity=fault.severity,
        **_worded(fault, declared, message, _course(tally)),
        sequence_id=sequence_id,
        plugin=declared.plugin if declared else None,
        movement=step.movement if step else None,
        beat=step.beat if step else None,
        step=step.number if step else None,
        event=fault.event,
        handler=fault.observed or (step.handler if step else None),
        count=tally.runs,
        share=round(tally.runs / runs, 6),
        cost_ms=milliseconds((tally.mean_ns or 0) - (usual.mean_ns or 0)) if is_slower else None,
        first_seen=None if tally.first is None else iso_time(tally.first),
        last_seen=None if tally.last is None else iso_time(tally.last),
        code=code,
        defined_in=step.defined_in if step else declared.defined_in if declared else None,
        examples=list(dict.fromkeys(Place(row["uri"], line) for _, row, line in shown)),
    )


def _course(tally: Tally) -> str | None:
    """How runs went that were out of order, if they were."""
    if not tally.passed:
        return None
    (side, event), runs = min(tally.passed.items(), key=lambda one: (-one[1], one[0]))
    share = "" if runs == tally.runs else f" in {runs} of {tally.runs} runs"
    return f"declared {'after' if side == 'before' else 'before'} {event}, it came {side} it{share}"


def _worded(fault: Fault, declared: Declaration | None, message: str | None, course: str | None) -> Mapping[str, Any]:
    """Title, reason, and what was expected and observed."""
    step, event, handler = fault.step, fault.event, fault.observed
    place = f"beat {step.beat}" if step and step.beat is not None else "the step"
    wanted = " or ".join(declared.handlers(event)) if declared else None
    match fault.kind:
        case "missing-beat":
            return _said(f"{event} is missing", f"{place} is declared, and the run went on without it", event, None)
        case "out-of-order":
            return _said(f"{event} came out of order", f"{place}, {course}", place, event)
        case "repeated-beat":
            return _said(f"{event} came again", f"{place} had already been", None, event)
        case "extra-beat":
            return _said(f"{event} came in addition", f"{place} is declared, but not there", None, event)
        case "undeclared-event":
            reason = f"it came where {place}, {step.event}, is declared" if step else "no beat of the sequence has it"
            return _said(f"{event} is not declared", reason, step.event if step else None, event)
        case "wrong-handler" if fault.owner:
            reason = f"both sequences use the event, so that handlers of {fault.owner} answer it too"
            return _said(
                f"{handler} of another sequence answered {event}", reason, wanted, f"{handler} ({fault.owner})"
            )
        case "wrong-handler" if handler:
            return _said(f"{handler} answered {event}", "another handler is declared", wanted, handler)
        case "wrong-handler":
            return _said(f"nothing answered {event}", "the event had no subscriber, and the beat passed", wanted, None)
        case "failed-beat":
            return _said(f"{handler or event} failed", message or "the log says no more", None, message)
        case "incomplete":
            reason = {
                "start": "the log begins inside of the run",
                "end": "it ends first, or the run was cut off",
                "root": "the trace is not there as a whole, or still going on",
            }[fault.lacks or "end"]
            return _said(f"its {fault.lacks} is not in the log", reason, None, event)
    return _said("the sequence is not declared", "no definition has this id or name", None, None)


def _said(title: str, reason: str, expected: str | None, observed: str | None) -> Mapping[str, Any]:
    return {"title": title, "reason": reason, "expected": expected, "observed": observed}
