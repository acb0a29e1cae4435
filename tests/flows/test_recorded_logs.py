"""Recorded and made event logs with the models they should follow: what alignments find, exactly."""

from __future__ import annotations

from argparse import Namespace
from pathlib import Path
from typing import Any

import pytest

from benchmarks import conformance
from telemap.flows.bpmn import read_bpmn
from telemap.flows.pnml import read_pnml

SHARES = {
    ("running-example.xes", "running-example.pnml"): 1.0,
    ("running-example.xes", "running-example.bpmn"): 1.0,
    ("receipt.parquet", "receipt.bpmn"): 1.0,
    ("receipt.parquet", "receipt_one_variant.pnml"): 12 / 1434,
    ("synthetic/a12f0n00.xes.gz", "synthetic/a12.pnml"): 1.0,
    ("synthetic/a12f0n05.xes.gz", "synthetic/a12.pnml"): 0.966,
    ("synthetic/a12f0n10.xes.gz", "synthetic/a12.pnml"): 0.910,
    ("synthetic/a12f0n20.xes.gz", "synthetic/a12.pnml"): 0.793,
    ("synthetic/a12f0n50.xes.gz", "synthetic/a12.pnml"): 0.500,
    ("synthetic/a22f0n00.xes.gz", "synthetic/a22.pnml"): 1.0,
    ("synthetic/a22f0n05.xes.gz", "synthetic/a22.pnml"): 0.950,
    ("synthetic/a22f0n10.xes.gz", "synthetic/a22.pnml"): 0.897,
    ("synthetic/a22f0n20.xes.gz", "synthetic/a22.pnml"): 0.798,
    ("synthetic/a22f0n50.xes.gz", "synthetic/a22.pnml"): 0.529,
}


@pytest.fixture(scope="module")
def figures(shared_data: Path) -> dict[str, Any]:
    return conformance.run(Namespace(data=str(shared_data / "process_conformance"), states=200_000))


@pytest.mark.shared
def test_the_shares_of_fitting_traces_are_those_of_alignments(figures: dict[str, Any]) -> None:
    shares = {(pair["log"], pair["model"]): pair["fittingTraces"] for pair in figures["pairs"]}
    assert {pair: shares[pair] for pair in SHARES} == SHARES
    assert {pair["notKnown"] for pair in figures["pairs"]} == {0}


@pytest.mark.shared
def test_the_costs_are_those_of_alignments(figures: dict[str, Any]) -> None:
    costs = {(pair["log"], pair["model"]): pair["meanCost"] for pair in figures["pairs"]}
    assert costs["receipt.parquet", "receipt_one_variant.pnml"] == 3433 / 1434
    assert costs["synthetic/a12f0n50.xes.gz", "synthetic/a12.pnml"] == 1.06
    assert costs["synthetic/a22f0n50.xes.gz", "synthetic/a22.pnml"] == 1.444


@pytest.mark.shared
def test_every_model_is_read(shared_data: Path) -> None:
    models = shared_data / "process_conformance" / "more_models"
    readings = [read_bpmn(path.read_bytes(), path.name) for path in models.glob("*.bpmn")]
    readings += [read_pnml(path.read_bytes(), path.name) for path in models.glob("*.pnml")]
    assert [(len(reading.flows), reading.problems) for reading in readings] == [(1, ())] * 7
