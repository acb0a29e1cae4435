"""Flows as pictures: what is declared, and what happened on it."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner

from telemap.analyses.flows import Params, drawn
from telemap.cli.app import app
from telemap.model.drawings import Drawing
from telemap.store.declaring import index_definitions
from telemap.store.store import Store
from tests.analyses.conftest import Line
from tests.analyses.test_flows import DECLARED, declare, lines_of, sequence

Beats = list[tuple[str, str, bool]]
THREE = DECLARED[:3]
OTHER = ("cart:other", "other", False)


def pictures(
    store_of: Callable[..., Store], folder: Path, lines: list[Line], *declared: dict[str, Any], only: str | None = None
) -> list[Drawing]:
    store = store_of(lines)
    if declared:
        index_definitions(store, [declare(folder / "definitions", *declared)])
    return list(drawn(store, Params(sequence=only)))


def runs(*courses: Beats, cut: int = 0) -> list[Line]:
    """A run of each; the last ``cut`` of them are cut off."""
    return [
        line
        for number, beats in enumerate(courses)
        for line in lines_of(beats, f"r{number}", 1000 * number, is_cut=number >= len(courses) - cut)
    ]


def told(picture: Drawing) -> list[tuple[str, str, str, str]]:
    names = {box.identity: box.lines[0] for box in picture.boxes}
    return [(names[line.source], names[line.target], line.text, line.mood) for line in picture.lines]


def test_steps_have_their_runs_and_ways_their_shares(store_of: Callable[..., Store], tmp_path: Path) -> None:
    lines = runs(THREE, THREE, [THREE[0], OTHER, THREE[2]], THREE[:2], cut=1)
    (picture,) = pictures(store_of, tmp_path, lines, sequence("checkout", THREE))
    assert (picture.title, picture.text) == (
        "checkout",
        "4 runs: 2 as declared, 1 deviating, 1 incomplete; declared at checkout.json:2. Red, dashed: not as declared.",
    )
    assert [(box.lines, box.mood) for box in picture.boxes] == [
        (("start",), "usual"),
        (("1 · cart:step-1", "step1()", "4 runs"), "usual"),
        (("2 · cart:step-2", "step2()", "3 of 4 runs"), "usual"),
        (("3 · cart:step-3", "step3()", "3 of 4 runs"), "usual"),
        (("end",), "usual"),
        (("log ends",), "unknown"),
        (("cart:other", "1 of 4 runs", "not declared"), "wrong"),
    ]
    assert told(picture) == [
        ("start", "1 · cart:step-1", "4", "usual"),
        ("1 · cart:step-1", "2 · cart:step-2", "3 (75%)", "usual"),
        ("1 · cart:step-1", "cart:other", "1 (25%)", "wrong"),
        ("2 · cart:step-2", "3 · cart:step-3", "2 (50%)", "usual"),
        ("2 · cart:step-2", "log ends", "1 (25%)", "unknown"),
        ("3 · cart:step-3", "end", "3 (75%)", "usual"),
        ("cart:other", "3 · cart:step-3", "1 (25%)", "wrong"),
    ]


def test_what_is_wrong_with_a_step_stands_in_its_box(store_of: Callable[..., Store], tmp_path: Path) -> None:
    lines = runs([THREE[0], (THREE[1][0], "other", False), (THREE[2][0], THREE[2][1], True)], [THREE[0], THREE[2]])
    (picture,) = pictures(store_of, tmp_path, lines, sequence("checkout", THREE))
    boxes = {box.lines[0]: (box.lines[2:], box.mood) for box in picture.boxes}
    assert boxes["2 · cart:step-2"] == (("1 of 2 runs", "wrong-handler: 1 run, other", "missing-beat: 1 run"), "wrong")
    assert boxes["3 · cart:step-3"] == (("2 runs", "failed-beat: 1 run"), "wrong")


def test_sequences_that_ran_are_drawn_the_deviating_first(store_of: Callable[..., Store], tmp_path: Path) -> None:
    lines = [(at, run, text.replace("checkout", "refund")) for at, run, text in runs(THREE)]
    lines += [(at + 5000, f"x{run}", text) for at, run, text in runs(THREE[1:])]
    declared = [sequence(name, THREE) for name in ("checkout", "refund", "return")]
    found = pictures(store_of, tmp_path, lines, *declared)
    assert [picture.title for picture in found] == ["checkout", "refund"]


def test_one_that_never_ran_is_drawn_where_it_is_asked_for(store_of: Callable[..., Store], tmp_path: Path) -> None:
    declared = [sequence(name, THREE) for name in ("checkout", "return")]
    (picture,) = pictures(store_of, tmp_path, runs(THREE), *declared, only="return")
    assert picture.text == "0 runs; declared at return.json:2. Grey, dotted: declared, never seen."
    assert {line.mood for line in picture.lines} == {"unseen"}


def test_what_nothing_declares_is_a_row_of_its_events(store_of: Callable[..., Store], tmp_path: Path) -> None:
    (picture,) = pictures(store_of, tmp_path, runs(THREE[:1], THREE[:1]), sequence("return", THREE), only="checkout")
    assert told(picture) == [
        ("start", "cart:step-1", "2", "wrong"),
        ("cart:step-1", "end", "2", "wrong"),
    ]


def test_steps_of_several_movements_are_grouped(store_of: Callable[..., Store], tmp_path: Path) -> None:
    declared = sequence("checkout", THREE)
    declared["movements"].append({"id": "n", "name": "Next", "beats": [{"beat": 1, "event": "a:b", "handler": "c"}]})
    (picture,) = pictures(store_of, tmp_path, runs(THREE), declared)
    assert [box.group for box in picture.boxes] == [None, "Move", "Move", "Move", "Next", None]


def test_the_command_line_draws(
    store_of: Callable[..., Store], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    pictures(store_of, tmp_path, runs(THREE[1:]), sequence("checkout", THREE))
    monkeypatch.chdir(tmp_path)
    asked = ["flows", "--db", "store", "--format", "mermaid", "--fail-on"]
    found = CliRunner().invoke(app, [*asked, "error", "-o", "flows.md"])
    assert found.exit_code == 1
    assert "\n```mermaid\n%%{init" in Path("flows.md").read_text(encoding="utf-8")
    refused = CliRunner().invoke(app, ["heatmap", "--db", "store", "--format", "mermaid"])
    assert (refused.exit_code, "mermaid" in refused.output) == (2, True)
