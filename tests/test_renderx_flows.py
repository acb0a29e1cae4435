"""Flows of the recorded RenderX logs, each by its own definitions: faults that were induced, defects that are known."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from benchmarks.flow_faults import FaultScore, flows_of, judge, judge_limits
from telemap.analyses.flow_shapes import Flows
from telemap.model.findings import Severity

Told = dict[str, tuple[dict[str, Any], Flows, float]]
"""By the name of the log: its entry in the manifest, its flows and when it begins."""


@pytest.fixture(scope="module")
def manifest(shared_data: Path) -> dict[str, Any]:
    found: dict[str, Any] = json.loads((shared_data / "renderx" / "logs" / "manifest.json").read_text())
    return found


@pytest.fixture(scope="module")
def told(shared_data: Path, manifest: dict[str, Any]) -> Told:
    data = shared_data / "renderx"
    return {log["file"]: (log, *flows_of(data / log["file"], data / log["definitions"])) for log in manifest["logs"]}


def of_fault(told: Told, fault_id: str) -> set[tuple[str, str | None, str | None]]:
    """Kind, sequence and event or topic of what is grave in recordings with a fault; shared events are everywhere."""
    return {
        (found.kind, found.sequence_id, found.event or found.topic)
        for log, flows, _ in told.values()
        if log["fault"] and log["fault"]["id"] == fault_id
        for found in flows.deviations()
        if found.severity is Severity.ERROR
    }


@pytest.mark.shared
def test_every_induced_fault_is_found_and_nothing_else_told(told: Told, manifest: dict[str, Any]) -> None:
    score = FaultScore()
    for log, flows, begins in told.values():
        judge(log, flows, begins, manifest["known_defects"], score)
    assert score.problems == []
    assert (score.expected, score.found, score.wrong, score.false_on_clean) == (14, 14, 0, 0)


@pytest.mark.shared
def test_limits_are_broken_where_the_page_itself_measured_more(
    told: Told, manifest: dict[str, Any], shared_data: Path
) -> None:
    score = FaultScore()
    for log, flows, _ in told.values():
        if log["oracle"]:
            oracle = (shared_data / "renderx" / log["oracle"]).read_text().splitlines()
            judge_limits(log, flows, [json.loads(line) for line in oracle], score)
    assert score.problems == []
    assert score.limits["limitsMeasured"] == score.limits["limitsRight"] > 40


@pytest.mark.shared
@pytest.mark.parametrize(
    ("fault", "late"),
    [
        ("slow_style", {("canvas-component-select-symphony", 1), ("canvas-component-drag-end-symphony", None)}),
        ("slow_theme", {("header-ui-theme-toggle-symphony", None)}),
        ("slow_create", set()),  # half a second, where 2 s are allowed
    ],
)
def test_what_was_made_slow_is_late_if_that_breaks_its_limit(
    fault: str, late: set[tuple[str, int | None]], told: Told
) -> None:
    usual = {("canvas-component-select-symphony", None), ("canvas-component-select-symphony", 3)}  # it is always late
    found = [
        (found.sequence_id, found.step)
        for log, flows, _ in told.values()
        if log["fault"] and log["fault"]["id"] == fault
        for found in flows.deviations()
        if found.kind == "late"
    ]
    assert set(found) - usual == late
    assert len(found) == len(set(found))


@pytest.mark.shared
@pytest.mark.parametrize(
    ("fault", "found"),
    [
        ("beat_removed", ("missing-beat", "canvas-component-select-symphony", "canvas:component:selection:changed")),
        ("beats_swapped", ("out-of-order", "canvas-component-create-symphony", "canvas:component:register-instance")),
        ("event_renamed", ("undeclared-event", "canvas-component-update-symphony", "canvas:component:update:attr")),
        ("handler_renamed_create", ("wrong-handler", "canvas-component-create-symphony", "canvas:component:create")),
        ("handler_renamed_theme", ("wrong-handler", "header-ui-theme-toggle-symphony", "app:ui:theme:toggle")),
        ("throw_create", ("failed-beat", "canvas-component-create-symphony", "canvas:component:create")),
        ("missing_canvas", ("failed-beat", "canvas-component-create-symphony", "canvas:component:create")),
        ("topic_removed", ("unrouted-topic", "canvas-component-drag-move-symphony", "canvas.component.drag.move")),
        (
            "topic_unrouted",
            ("unrouted-topic", "canvas-component-delete-requested-symphony", "canvas.component.delete.requested"),
        ),
        ("topic_misrouted", ("misrouted-topic", "library-component-drag-symphony", "library.component.drop.requested")),
        ("seq_create_500", ("missing-sequence", "canvas-component-create-symphony", None)),
        ("cp_catalog_404", ("missing-plugin", None, None)),
    ],
)
def test_a_fault_is_told_with_its_kind_and_step(
    fault: str, found: tuple[str, str | None, str | None], told: Told
) -> None:
    assert of_fault(told, fault) == {found}


@pytest.mark.shared
def test_recordings_that_are_only_slow_or_noisy_have_no_deviation(told: Told) -> None:
    quiet = ["cpu_throttle", "slow_create", "slow_style", "slow_theme", "clock_back", "backend_500", "clipboard_denied"]
    assert {fault: of_fault(told, fault) for fault in quiet} == {fault: set() for fault in quiet}


@pytest.mark.shared
def test_a_run_that_a_reload_cut_off_is_incomplete_and_no_violation(told: Told) -> None:
    cut = [
        (sequence.deviating, found.event)
        for log, flows, _ in told.values()
        if log["fault"] and log["fault"]["id"] == "reload_mid"
        for sequence in flows.sequences
        for found in sequence.deviations
        if found.kind == "incomplete"
    ]
    assert cut == [(0, "canvas:component:create")]


@pytest.mark.shared
def test_known_defects_are_told_once_each_wherever_the_log_shows_them(told: Told) -> None:
    ids = [[found.id for found in flows.deviations()] for _, flows, _ in told.values()]
    assert all(len(found) == len(set(found)) for found in ids)
    startups = [log for log in told.values() if any(one.is_registered for one in log[1].sequences)]
    rejected = [one for _, flows, _ in startups for one in flows.routing if one.kind == "rejected-mount"]
    assert {(one.plugin, one.count % 3) for one in rejected} == {("LibraryComponentPlugin", 0)}
    loops = [
        (log["scenario"], found.sequence_id, found.handler)
        for log, flows, _ in told.values()
        for found in flows.routing
        if found.kind == "endless-restart"
    ]
    assert loops == [
        ("defect-deselect-loop", "canvas-component-deselect-all-symphony", "publishSelectionsCleared"),
    ]


@pytest.mark.shared
def test_every_sequence_that_ran_is_checked_in_full(told: Told) -> None:
    for _, flows, _ in told.values():
        assert flows.summary.undeclared == 0
        assert flows.summary.validated == flows.summary.observed
        for one in flows.sequences:
            assert one.executions == one.conforming + one.deviating + one.incomplete
