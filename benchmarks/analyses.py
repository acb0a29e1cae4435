"""How long the analyses take on a store: one that is given, or one that is made.

Seconds of the clock, for analyses run on all cores, with CPU seconds beside them; a fresh connection each time.
"""

from __future__ import annotations

import argparse
import tempfile
import time
from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import Any

from telemap.analyses.registry import Analysis, analyses
from telemap.analyses.trace_trees import critical_times
from telemap.store.store import Store

NAME = "analyses"
HELP = "seconds that the analyses take on a store, or on one with so many made spans"


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """The options of this benchmark beside the common ones."""
    parser.add_argument("--make", type=int, metavar="SPANS", help="make a store of so many spans instead of --data DIR")
    parser.add_argument("--seed", type=int, default=1, help="of what is made")


def run(arguments: argparse.Namespace) -> dict[str, Any]:
    """Seconds by the name of the analysis, in the store that ``--data`` names or in a made one."""
    if (arguments.make is None) == (arguments.data is None):
        raise SystemExit("give one of --make SPANS and --data DIR (a store)")
    if arguments.data is not None:
        return measured(Store(Path(arguments.data)))
    from dataclasses import asdict

    from benchmarks.made_spans import make

    with tempfile.TemporaryDirectory() as folder:
        store, made = make(Path(folder), arguments.make, arguments.seed)
        return {"made": asdict(made)} | measured(store)


def measured(store: Store) -> dict[str, Any]:
    """The figures of a store."""
    (count,) = store.rows("SELECT count(*) AS spans FROM told_span")
    work: dict[str, Callable[[], object]] = {name: partial(_answer, of, store) for name, of in analyses().items()}
    work["criticalPath"] = partial(critical_times, store)
    taken = {name: _seconds(one) for name, one in work.items()}
    return {
        "spans": count["spans"],
        "analyses": {name: wall for name, (wall, _) in taken.items()},
        "cpuSeconds": {name: cpu for name, (_, cpu) in taken.items()},
    }


def _answer(analysis: Analysis, store: Store) -> object:
    return analysis.run(store, analysis.params())


def _seconds(work: Callable[[], object]) -> tuple[float, float]:
    begun, cpu_begun = time.perf_counter(), time.process_time()
    work()
    return time.perf_counter() - begun, time.process_time() - cpu_begun
