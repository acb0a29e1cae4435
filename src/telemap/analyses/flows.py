"""What was declared, what really ran, and every difference with its two addresses.

Runs with the same course of events are one variant, which is checked once: the cheapest explanation by the declared net
says which beats are missing, too many or out of order. What is odd about single beats (failed, answered by another
handler or by none) stands beside it. A run that the log cuts off at its start or end is incomplete; only what was seen
of it can deviate.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Annotated, NamedTuple

from telemap.analyses.builds import check_build
from telemap.analyses.flow_declarations import FLOWS, STEPS, Declaration, declarations
from telemap.analyses.flow_deviations import MOST_EXAMPLES, Fault, Lines, Sighting, Tally, deviation, faults, is_late
from telemap.analyses.flow_drawing import drawing
from telemap.analyses.flow_learning import learned_flows
from telemap.analyses.flow_limits import is_broken, late, limit
from telemap.analyses.flow_routing import Routing
from telemap.analyses.flow_shapes import DrawnFlows, Flows, LimitCounts, Sequence, Summary, Variant
from telemap.analyses.registry import Analysis, Detail, Text, of_builds, statement
from telemap.errors import TelemapError
from telemap.model.documents import Window, iso_time
from telemap.model.drawings import Drawing
from telemap.model.findings import Severity
from telemap.store.store import Row, Store, fetch

LIMITED = "SELECT count(*) > 0 AS is_limited FROM declared_limit"
VERDICTS = ("conforming", "deviating", "incomplete", "unchecked")


@dataclass(frozen=True, slots=True)
class Params:
    """What to look at."""

    sequence: Annotated[str | None, "only the sequence of this id or name"] = None
    build: Annotated[str | None, "only runs of this build (service.version)"] = None


@dataclass(slots=True)
class _Course:
    """What is known of the runs of a sequence."""

    name: str | None = None
    runs: dict[str, int] = field(default_factory=lambda: dict.fromkeys(VERDICTS, 0))
    usual: Tally = field(default_factory=Tally)
    tallies: dict[Fault, Tally] = field(default_factory=lambda: defaultdict(Tally))
    variants: dict[tuple[str, ...], dict[str, int]] = field(default_factory=dict)

    def add(self, row: Row, found: list[Sighting] | None) -> None:
        """Count the runs of a variant, and what it deviates in."""
        verdict = _verdict(found, is_late=is_late(row))
        self.name = self.name or row["sequence_name"]
        self.runs[verdict] += row["runs"]
        verdicts = self.variants.setdefault(tuple(row["beats"]), {})
        verdicts[verdict] = verdicts.get(verdict, 0) + row["runs"]
        if verdict == "conforming":
            self.usual.add(row, None)
        sightings = {one.fault: one for one in reversed(found or ())}  # what a run shows twice is still one run
        for one in sightings.values():
            self.tallies[one.fault].add(row, one.position, one.passed)


def _verdict(found: list[Sighting] | None, *, is_late: bool) -> str:
    if found is None:
        return "unchecked"
    if is_late or any(one.fault.severity is not Severity.INFO for one in found):
        return "deviating"
    return "incomplete" if found else "conforming"


class Comparison(NamedTuple):
    """The answer, and what it was made of: declarations by the ids of their sequences, rows of ``flows.sql``."""

    flows: Flows
    declared: Mapping[str, Declaration]
    rows: list[Row]


def run(store: Store, params: Params) -> Flows:
    """What ``compared`` answers."""
    return compared(store, params).flows


def drawn(store: Store, params: Params) -> Iterator[Drawing]:
    """The sequences that ran, or the one that is asked for, as pictures; those that deviate first."""
    flows, declared, rows = compared(store, params)
    for one in flows.sequences:
        if one.executions or params.sequence is not None:
            of_one = [row for row in rows if row["sequence"] == one.sequence_id]
            yield drawing(one, declared.get(one.sequence_id), of_one)


def compared(store: Store, params: Params) -> Comparison:
    """The sequences of ``store``, those that deviate first, and what is wrong with their topics and plugins.

    Raises:
        TelemapError: ``no-build``: no source is of this build. ``no-sequence``: there is none of this id or name.
    """
    with store.connect() as connection:
        declared = declarations(fetch(connection, FLOWS), fetch(connection, STEPS))
        parameters = {"build": params.build}
        rows = fetch(connection, statement("flows"), parameters | {"examples": MOST_EXAMPLES})
        if not rows and params.build is not None:
            check_build(store, params.build)
        courses: dict[str, _Course] = defaultdict(_Course)
        for row in rows:
            if row["sequence"] is not None:
                courses[row["sequence"]].add(row, faults(row, declared.get(row["sequence"])) if declared else None)
        limits: dict[str, list[Row]] = defaultdict(list)
        if fetch(connection, LIMITED)[0]["is_limited"]:
            for row in fetch(connection, statement("flow_limits"), parameters | {"slowest": MOST_EXAMPLES}):
                limits[row["sequence"]].append(row)
        trace_ids = sorted(_examples(courses.values(), limits.values()))
        lines = Lines(fetch(connection, statement("flow_examples"), {"trace_ids": trace_ids}) if trace_ids else ())
        signals = fetch(connection, statement("flow_signals"), parameters)
        restarts = fetch(connection, statement("flow_restarts"), parameters)
        routes = fetch(connection, "SELECT * FROM declared_route ORDER BY ALL")
    routing = Routing(declared, routes, signals, restarts)
    told = [
        _sequence(name, courses.get(name, _Course()), declared.get(name), limits.get(name, []), lines, routing)
        for name in sorted({*courses, *declared})
    ]
    sequences = sorted(told, key=lambda one: (-one.rank, -one.deviating, one.never_observed, one.sequence_id))
    if params.sequence is not None:
        sequences = _only(sequences, params.sequence, store)
    around = routing.deviations() if params.sequence is None else []
    flows = Flows(
        sequences=sequences,
        topics=routing.topics(),
        routing=around,
        summary=_summary(sequences, len(around), rows),
        build=params.build,
    )
    return Comparison(flows, declared, rows)


def _only(sequences: list[Sequence], wanted: str, store: Store) -> list[Sequence]:
    found = [one for one in sequences if wanted in (one.sequence_id, one.name)]
    if not found:
        raise TelemapError(
            "no-sequence",
            f"no sequence is called '{wanted}'",
            reason="none of this id or name is declared, and none was seen running",
            place=str(store.folder),
            help="telemap flows shows all of them",
        )
    return found


def _examples(courses: Iterable[_Course], limits: Iterable[list[Row]]) -> set[str]:
    """The runs of which lines are shown."""
    late = {one["trace_id"] for rows in limits for row in rows if is_broken(row) for one in row["slowest"]}
    return late | {seen.trace_id for course in courses for tally in course.tallies.values() for seen in tally.seen}


def _sequence(
    name: str, course: _Course, declared: Declaration | None, limits: list[Row], lines: Lines, routing: Routing
) -> Sequence:
    executions = sum(course.runs.values())
    deviations = [
        deviation(fault, tally, declared, name, course.usual, executions, lines)
        for fault, tally in course.tallies.items()
    ]
    deviations += [late(row, declared, lines) for row in limits if is_broken(row)]
    variants = [
        Variant(list(beats), sum(verdicts.values()), _is_conforming(verdicts))
        for beats, verdicts in course.variants.items()
    ]
    return Sequence(
        sequence_id=name,
        name=declared.name if declared else course.name,
        plugin=declared.plugin if declared else None,
        defined_in=declared.defined_in if declared else None,
        executions=executions,
        **course.runs,
        never_observed=not executions,
        is_registered=routing.is_registered(name),
        variants=sorted(variants, key=lambda one: (-one.count, one.beats)),
        limits=list(map(limit, limits)),
        deviations=sorted(deviations, key=lambda one: (-one.severity.rank, -one.count, one.step or 0, one.id)),
    )


def _is_conforming(verdicts: dict[str, int]) -> bool | None:
    """Whether all runs of a variant conform; None where not all of them could be checked in full."""
    if "deviating" in verdicts:
        return False
    return True if set(verdicts) == {"conforming"} else None


def _summary(sequences: list[Sequence], around: int, rows: Iterable[Row]) -> Summary:
    validated = [one for one in sequences if one.defined_in and one.executions > one.unchecked]
    times = [row[f"{end}_time_unix_nano"] for row in rows for end in ("first", "last")]
    known = [time for time in times if time is not None]
    return Summary(
        declared=sum(one.defined_in is not None for one in sequences),
        observed=sum(one.executions > 0 for one in sequences),
        validated=len(validated),
        conforming=sum(not one.deviating for one in validated),
        deviating=sum(one.deviating > 0 for one in validated),
        undeclared=sum(one.defined_in is None for one in sequences),
        executions=sum(one.executions for one in sequences),
        unnamed_executions=sum(row["runs"] for row in rows if row["sequence"] is None),
        deviations=sum(len(one.deviations) for one in sequences) + around,
        limits=LimitCounts(
            sum(len(one.limits) for one in sequences),
            sum(limit.is_broken for one in sequences for limit in one.limits),
        ),
        window=Window(iso_time(min(known)), iso_time(max(known))) if known else None,
    )


def _proposed(store: Store, params: Params) -> str:
    from telemap.analyses.flow_patches import proposed  # which compares with flows itself

    return proposed(store, params)


def _courses(store: Store, params: Params) -> DrawnFlows:
    from telemap.analyses.flow_courses import courses  # as above

    return courses(store, params)


ANALYSIS = Analysis(
    "flows",
    "Declared flows against what really ran",
    Params,
    run,
    "telemap flows --format json",
    texts={
        "learn": Text("Write the flows that the runs show, as YAML to review and declare.", learned_flows),
        "patch": Text("Write the diff that makes the definitions say what all runs show.", _proposed),
    },
    finds=True,
    drawn=drawn,
    details={
        "drawing": Detail(
            "How sequences ran: drawn on what is declared, by variant and over time",
            Params,
            _courses,
            of_builds(Params()),
        )
    },
)
