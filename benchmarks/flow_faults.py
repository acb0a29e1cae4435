"""What flows must tell of recordings with faults and with known defects, and what they do tell.

A fault is found if a finding of its kind is about something that the manifest names: an event, topic, handler, plugin
or sequence. Faults that leave no trace in the order of things (slow parts, a clock that steps, failures behind the
handlers) are not expected to be found, and must not lead to findings.

Limits of time are broken with and without faults. What is told of them is held against what was measured inside the
page: as many executions must have been over the limit there, but for the time that printing takes.
"""

from __future__ import annotations

import re
import tempfile
from collections import Counter
from dataclasses import dataclass, field
from datetime import datetime
from fnmatch import fnmatch
from pathlib import Path
from typing import Any

from telemap.analyses.flow_shapes import Deviation, Flows
from telemap.model.findings import Severity

FAULTS = {
    "topics_*": "unrouted-topic",
    "topic_removed*": "unrouted-topic",
    "topic_unrouted*": "unrouted-topic",
    "topic_misrouted*": "misrouted-topic",
    "seq_*": "missing-sequence",
    "*_catalog_*": "missing-plugin",
    "beats_swapped*": "out-of-order",
    "beat_removed*": "missing-beat",
    "event_renamed*": "undeclared-event",
    "handler_renamed*": "wrong-handler",
    "throw_*": "failed-beat",
    "missing_*": "failed-beat",
    "reload_*": "incomplete",
    "hang*": "incomplete",
}
DEFECTS = {
    "mount-rejected-first": "rejected-mount",
    "shared-events": "wrong-handler",
    "deselect-loop": "endless-restart",
    "dead-drop-topic": "unrouted-topic",
}
PRINTING_SHARE, PRINTING_MS = 0.05, 5.0  # a log tells an end when it is printed
PRINTED = ("failed-beat", "missing-sequence", "missing-plugin")
"""Failures that a log tells in words, whether anything was induced or not."""


@dataclass
class FaultScore:
    """The sums over all recordings; ``problems`` says what was not found, and what was found and should not be."""

    expected: int = 0
    found: int = 0
    right: int = 0
    wrong: int = 0
    false_on_clean: int = 0
    printed_on_clean: int = 0
    limits: Counter[str] = field(default_factory=Counter)
    defects: Counter[str] = field(default_factory=Counter)
    problems: list[str] = field(default_factory=list)

    def report(self) -> dict[str, Any]:
        """The figures by the names of the interface."""
        told = self.right + self.wrong
        return {
            "faultsExpected": self.expected,
            "faultsFound": self.found,
            "faultRecall": self.found / self.expected if self.expected else None,
            "faultPrecision": self.right / told if told else None,
            "falseFindingsOnClean": self.false_on_clean,
            "printedFailuresOnClean": self.printed_on_clean,
            **{
                name: self.limits[name]
                for name in ("limitsBroken", "limitsBrokenOnClean", "limitsMeasured", "limitsRight")
            },
            "knownDefectsTold": dict(sorted(self.defects.items())),
            "flowProblems": self.problems,
        }


def flows_of(log: Path, definitions: Path) -> tuple[Flows, float]:
    """The flows of one log by its definitions, and when the log begins, in seconds since 1970."""
    from telemap.analyses.flows import Params, run
    from telemap.records.format_files import bundled_formats
    from telemap.store.declaring import index_definitions
    from telemap.store.loading import Ingest, ingest
    from telemap.store.store import Store

    with tempfile.TemporaryDirectory() as folder:
        store = Store(Path(folder) / "store", create=True)
        ingest(store, [str(log)], Ingest(bundled_formats()))
        index_definitions(store, [definitions])
        (window,) = store.rows("SELECT min(time_unix_nano) / 1e9 AS first FROM record")
        return run(store, Params()), window["first"] or 0.0


def judge(log: dict[str, Any], flows: Flows, begins: float, known: dict[str, Any], score: FaultScore) -> None:
    """Add what was told of a recording.

    Args:
        log: its entry in the manifest.
        flows: what was told.
        begins: when the log begins, in seconds since 1970.
        known: the manifest's defects by build.
        score: the sums.
    """
    defects = [defect for build in ("all builds", log["app_build"]) for defect in known.get(build, ())]
    kinds = {DEFECTS[one["id"]]: one for one in defects if one["id"] in DEFECTS}
    rest = []
    for found in _of_order(flows, log, score):
        defect = kinds.get(found.kind)
        is_shared = found.kind != "wrong-handler" or found.severity is Severity.WARNING
        if defect is not None and is_shared and _is_named(found, defect["what"], is_needed=found.topic is not None):
            score.defects[defect["id"]] += 1
        else:
            rest.append(found)
    fault = log["fault"]
    kind = fault and next((kind for name, kind in FAULTS.items() if fnmatch(fault["id"], name)), None)
    if fault is None:
        for found in (one for one in rest if one.severity is not Severity.INFO):
            is_printed = found.kind in PRINTED
            score.printed_on_clean += is_printed
            score.false_on_clean += not is_printed
            score.problems += [] if is_printed else [_problem(log, "false", found)]
        return
    right = [found for found in rest if found.kind == kind]
    if kind is not None and _is_inside(fault, begins):
        score.expected += 1
        text = f"{fault['injected']} {fault['expected_finding']}"
        is_found = any(_is_named(found, text) for found in right)
        score.found += is_found
        score.problems += [] if is_found else [f"{log['file']}: {fault['id']}: no {kind} that it names"]
    wrong = [one for one in rest if one.kind != kind and one.severity is not Severity.INFO]
    score.right, score.wrong = score.right + len(right), score.wrong + len(wrong)
    score.problems += [_problem(log, fault["id"], found) for found in wrong]


def _of_order(flows: Flows, log: dict[str, Any], score: FaultScore) -> list[Deviation]:
    """What is not about time; what is, is counted."""
    late = [found for found in flows.deviations() if found.kind == "late"]
    score.limits["limitsBroken"] += len(late)
    score.limits["limitsBrokenOnClean"] += len(late) * (log["fault"] is None)
    return [found for found in flows.deviations() if found.kind != "late"]


def judge_limits(log: dict[str, Any], flows: Flows, oracle: list[dict[str, Any]], score: FaultScore) -> None:
    """Hold what was told of limits against the durations that were measured inside the page."""
    limits = {(one.sequence_id, limit.step, limit.defined_in): limit for one in flows.sequences for limit in one.limits}
    for found in (one for one in flows.deviations() if one.kind == "late"):
        assert found.sequence_id is not None
        assert found.defined_in is not None
        limit = limits[found.sequence_id, found.step, found.defined_in]
        measured = [_measured_ms(one) for one in oracle if _is_of(one, found)]
        over = sum(ms * (1 + PRINTING_SHARE) + PRINTING_MS > limit.limit_ms for ms in measured if ms is not None)
        score.limits["limitsMeasured"] += 1
        score.limits["limitsRight"] += over >= found.count
        score.problems += [] if over >= found.count else [_problem(log, f"{over} of {len(measured)} over", found)]


def _is_of(execution: dict[str, Any], found: Deviation) -> bool:
    """Whether an execution of the oracle is one that the limit is about."""
    wanted = {"k": "handler", "event": found.event, "handler": found.handler}
    if found.event is None:
        wanted = {"k": "sequence", "sequence_id": found.sequence_id}
    return wanted.items() <= execution.items()


def _measured_ms(execution: dict[str, Any]) -> float | None:
    told: float | None = execution.get("app_ms") or execution["dur"]
    return told


def _problem(log: dict[str, Any], about: str, found: Deviation) -> str:
    return f"{log['file']}: {about}: {found.kind}: {found.title}"


def _is_inside(fault: dict[str, Any], begins: float) -> bool:
    """Whether the log covers the fault: what was induced before its first line it cannot show."""
    walls = [datetime.fromisoformat(mark["wall"]).timestamp() for mark in fault["marks"] if mark["on"]]
    return not walls or max(walls) >= begins


def _is_named(found: Deviation, text: str, *, is_needed: bool = True) -> bool:
    """Whether a text names what a finding is about, in whichever way ids are written."""
    names = (found.sequence_id, found.event, found.topic, found.handler, found.plugin, found.expected, found.observed)
    plain = _plain(text)
    return not is_needed or any(_plain(name).removesuffix("symphony").strip() in plain for name in names if name)


def _plain(text: str) -> str:
    return " ".join(re.findall("[a-z0-9]+", text.lower()))
