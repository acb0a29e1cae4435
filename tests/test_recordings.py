"""The recorded RenderX logs against their oracles: what the first users will measure us by."""

from __future__ import annotations

from argparse import Namespace
from pathlib import Path
from typing import Any

import pytest

from benchmarks import renderx


@pytest.fixture(scope="module")
def figures(shared_data: Path) -> dict[str, Any]:
    return renderx.run(Namespace(data=str(shared_data / "renderx"), definitions=None, files=None, differences=False))


@pytest.mark.shared
def test_every_byte_of_every_recording_is_accounted_for(figures: dict[str, Any]) -> None:
    assert figures["files"] == 85
    assert figures["bytesAccounted"] == figures["bytes"]
    assert figures["unparsedRecords"] == 0


@pytest.mark.shared
def test_the_beats_that_ran_are_found_and_no_others(figures: dict[str, Any]) -> None:
    assert figures["expected"] > 3000
    assert figures["recall"] >= 0.999
    assert figures["precision"] >= 0.999


@pytest.mark.shared
def test_every_run_of_a_sequence_is_found(figures: dict[str, Any]) -> None:
    assert figures["sequences"]["recall"] == figures["sequences"]["precision"] == 1.0


@pytest.mark.shared
def test_handlers_are_found_and_beats_know_theirs(figures: dict[str, Any]) -> None:
    assert figures["handlers"]["recall"] >= 0.999
    assert figures["handlers"]["precision"] >= 0.999
    assert figures["handlersNamed"] >= 0.99


@pytest.mark.shared
def test_changes_of_the_baton_are_those_that_happened(figures: dict[str, Any]) -> None:
    assert figures["stateChangesEqual"] == 1.0


@pytest.mark.shared
def test_durations_are_those_that_the_application_reports(figures: dict[str, Any]) -> None:
    assert figures["durationErrorMs"] == 0.0


@pytest.mark.shared
def test_a_parent_is_a_cause_or_unknown_but_hardly_ever_wrong(figures: dict[str, Any]) -> None:
    parents = figures["parents"]
    assert parents["wrong"] <= 0.01 * (parents["right"] + parents["wrong"])
    assert parents["right"] >= 140
