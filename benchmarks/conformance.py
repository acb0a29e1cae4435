"""Fitting traces and costs of alignments for each event log and the models that belong to it.

A log (.xes, .xes.gz, .csv, .parquet) belongs to a model (.bpmn, .pnml) in its folder if the name of one begins with
that of the other, before the first dot. Cases, activities and times are the columns ``case:concept:name``,
``concept:name`` and ``time:timestamp``; events without a time stay in the order of the file.
"""

from __future__ import annotations

import argparse
import csv
import gzip
import time
import xml.etree.ElementTree as ElementTree
from collections import Counter
from collections.abc import Iterable
from datetime import datetime
from pathlib import Path
from typing import Any

from telemap.flows.alignment import FlowChecker
from telemap.flows.bpmn import read_bpmn
from telemap.flows.net import Net
from telemap.flows.pnml import read_pnml

NAME = "conformance"
HELP = "fitting traces and costs of alignments of event logs with their models"

CASE, ACTIVITY, TIME = "case:concept:name", "concept:name", "time:timestamp"
READERS = {".bpmn": read_bpmn, ".pnml": read_pnml}
LOGS = (".xes", ".xes.gz", ".csv", ".parquet")

Variants = Counter[tuple[str, ...]]


def add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--states", type=int, default=200_000, metavar="N", help="states to look at for one variant")


def run(arguments: argparse.Namespace) -> dict[str, Any]:
    root = Path(arguments.data)
    problems: list[dict[str, Any]] = []
    models = {path: net for path in _files(root, tuple(READERS)) if (net := _net(path, root, problems))}
    pairs = []
    for log in _files(root, LOGS):
        found = [model for model in models if model.parent == log.parent and _belong(_stem(log), _stem(model))]
        variants = read_log(log) if found else Variants()
        for model in found:
            names = {"log": log.relative_to(root).as_posix(), "model": model.relative_to(root).as_posix()}
            pairs.append(names | measured(variants, models[model], arguments.states))
    return {"pairs": pairs, "problems": problems, "cpuSeconds": sum(pair["cpuSeconds"] for pair in pairs)}


def measured(variants: Variants, net: Net, most_states: int) -> dict[str, Any]:
    """The figures of a log and a net; ``seconds`` are those of the check, without reading either."""
    begun, cpu_begun = time.perf_counter(), time.process_time()
    checker = FlowChecker(net, most_states)
    fits = {variant: checker.fits(variant) for variant in variants}
    aligned = {variant: checker.alignment(variant) for variant in variants}
    traces = variants.total()
    fitting = [variant for variant, is_fit in fits.items() if is_fit]
    return {
        "traces": traces,
        "variants": len(variants),
        "fittingTraces": sum(variants[variant] for variant in fitting) / traces,
        "fittingVariants": len(fitting) / len(variants),
        "meanCost": sum(aligned[variant].cost * count for variant, count in variants.items()) / traces,
        "notKnown": sum(fits[variant] is None or aligned[variant].moves is None for variant in variants),
        "seconds": time.perf_counter() - begun,
        "cpuSeconds": time.process_time() - cpu_begun,
    }


def read_log(path: Path) -> Variants:
    """How many cases have which activities, each in the order of its times."""
    if ".xes" in path.name:
        return Variants(_of_xes(path))
    cases: dict[str, list[str]] = {}
    for _, case, activity in sorted(_rows(path), key=lambda row: row[0]):
        cases.setdefault(case, []).append(activity)
    return Variants(map(tuple, cases.values()))


def _of_xes(path: Path) -> Iterable[tuple[str, ...]]:
    with gzip.open(path) if path.suffix == ".gz" else path.open("rb") as file:
        for _, element in ElementTree.iterparse(file):
            if element.tag.endswith("trace"):
                events = (event for event in element if event.tag.endswith("event"))
                told = ({one.get("key"): one.get("value", "") for one in event} for event in events)
                yield tuple(one[ACTIVITY] for one in told if ACTIVITY in one)
                element.clear()


def _rows(path: Path) -> list[tuple[float, str, str]]:
    """Time, case and activity of each event."""
    if path.suffix == ".parquet":
        import pyarrow.parquet as pq

        table = pq.read_table(path, columns=[TIME, CASE, ACTIVITY])
        times = table[TIME].cast("int64").to_pylist()
        return list(zip(times, table[CASE].to_pylist(), table[ACTIVITY].to_pylist(), strict=True))
    with path.open(encoding="utf-8", newline="") as file:
        head = file.readline()
        file.seek(0)
        rows = csv.DictReader(file, delimiter=max(",;\t", key=head.count))
        return [
            (datetime.fromisoformat(row[TIME]).timestamp() if row.get(TIME) else 0, row[CASE], row[ACTIVITY])
            for row in rows
        ]


def _net(path: Path, root: Path, problems: list[dict[str, Any]]) -> Net | None:
    """The one net of a file; why there is none is told."""
    name = path.relative_to(root).as_posix()
    reading = READERS[path.suffix](path.read_bytes(), name)
    for problem in reading.problems:
        place = f"{problem.file_path}:{problem.line_number}"
        problems.append({"place": place, "summary": problem.summary, "reason": problem.reason})
    if len(reading.flows) > 1:
        reason = f"{len(reading.flows)} of them stand there"
        problems.append({"place": name, "summary": "no one flow to compare logs with", "reason": reason})
    return reading.flows[0].net if len(reading.flows) == 1 else None


def _files(root: Path, endings: tuple[str, ...]) -> list[Path]:
    return sorted(path for path in root.rglob("*") if path.name.endswith(endings))


def _stem(path: Path) -> str:
    return path.name.partition(".")[0].replace("_", "-")


def _belong(log: str, model: str) -> bool:
    return log.startswith(model) or model.startswith(log)
