"""What the reference shows of definitions is read without a problem."""

from __future__ import annotations

from pathlib import Path

from telemap.definitions.markdown import fenced_blocks
from telemap.definitions.reading import read_definitions
from telemap.flows.alignment import FlowChecker

PAGE = Path(__file__).parents[2] / "docs" / "reference" / "definitions.md"


def test_the_examples_of_the_reference_are_flows(tmp_path: Path) -> None:
    [[yaml, _, _]] = fenced_blocks(PAGE.read_text(encoding="utf-8"), "yaml")
    (tmp_path / "shop.flow.yaml").write_text(yaml)
    (tmp_path / "definitions.md").write_text(PAGE.read_text(encoding="utf-8"))
    found = read_definitions([tmp_path])
    assert found.problems == ()
    assert [flow.flow_id for flow in found.flows] == ["Refund", "checkout", "farewell"]
    checker = FlowChecker(found.flows[0].net)
    runs = ["refund:asked", "refund:paid", "mail:sent"], ["refund:asked", "refund:refused"], ["refund:asked"]
    assert [checker.fits(tuple(run)) for run in runs] == [True, True, False]
