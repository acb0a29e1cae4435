"""Text → store: lines a second of CPU time, memory and disk, beside what other programs need to read the same bytes.

Every ingest and every other program runs as a process of its own, so that its CPU seconds (user and system, with those
of the processes that it started) and its memory are its alone. Of several runs, the one with the median CPU time is
told. What is found in a made log is compared with what was planted in it. Lines and megabytes are told for a second of
CPU time, that is, a core; what a second thread gains shows in ``wallSeconds``.
"""

from __future__ import annotations

import argparse
import json
import os
import re
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import asdict, dataclass, field
from functools import partial
from pathlib import Path
from typing import Any

from benchmarks import corpus, structured
from telemap.sources.files import FileSource, find_sources

NAME = "ingest"
HELP = "text to store: lines a second of CPU time, memory, disk, and the ratio to rg, wc and lnav on the same bytes"

NO_LINE_MATCHES = 1  # exit status of grep and rg

INGEST = """
import json, os, sys
os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")  # as the command line does
from pathlib import Path
from telemap.records.format_files import bundled_formats
from telemap.records.scan import IS_NATIVE
from telemap.store.loading import Ingest, ingest, totals
from telemap.store.store import Store

store, threads, *paths = sys.argv[1:]
reports = ingest(Store(Path(store), create=True), paths, Ingest(bundled_formats(), threads=int(threads)))
json.dump({"native": IS_NATIVE, **totals(reports)}, sys.stdout)
"""

FOUND = """
SELECT
    count(*) FILTER (WHERE kind = 'sequence') AS sequences,
    count(*) FILTER (WHERE kind = 'movement') AS movements,
    count(*) FILTER (WHERE kind = 'beat') AS beats,
    count(*) FILTER (WHERE kind = 'handler') AS handlers,
    count(*) FILTER (WHERE status = 'error') AS errors,
    count(*) FILTER (WHERE kind = 'sequence' AND parent_span_id IS NOT NULL) AS caused,
    sum(reported_duration_ns) FILTER (WHERE kind = 'beat')::BIGINT AS beat_duration_ns
FROM span
"""

PREFIX = "^[^ ]*:[0-9]+ [0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9:.]+Z "
LNAV_FORMAT = {
    "conductor_console": {
        "title": "Conductor console",
        "regex": {"std": {"pattern": r"^(?<place>\S*:\d+) (?<timestamp>\d{4}-\d\d-\d\dT[\d:.]+Z) (?<body>.*)$"}},
        "timestamp-format": ["%Y-%m-%dT%H:%M:%S.%LZ"],
        "value": {"place": {"kind": "string"}},
        "sample": [{"line": "Bus.ts:7 2026-03-02T00:00:00.000Z text"}],
    }
}


@dataclass(frozen=True, slots=True)
class Variant:
    """One way to run the ingest, or one kind of log; ``share``: on one of so many lines, since it is slow."""

    name: str
    share: int = 1
    make: Callable[[Path, int, int], Any] = corpus.make
    threads: int | None = None
    environment: dict[str, str] = field(default_factory=dict)


NATIVE = Variant("native")
VARIANTS = (
    NATIVE,
    Variant("two-threads", threads=2),
    Variant("pure-python", share=10, environment={"TELEMAP_PURE_PYTHON": "1"}),
    Variant("adversarial", share=10, make=partial(corpus.make, digits=False)),
    Variant("json-lines", share=10, make=structured.json_lines),
    Variant("otlp-json", share=20, make=structured.otlp_json_lines),
)


@dataclass(frozen=True, slots=True)
class Cost:
    """What one process took, and what it wrote to stdout."""

    cpu_seconds: float
    wall_seconds: float
    peak_mb: float
    output: bytes


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """The options of this benchmark beside the common ones."""
    parser.add_argument("--make", type=int, metavar="LINES", help="measure on a made log, not on --data")
    parser.add_argument("--seed", type=int, default=0, help="of the made log")
    parser.add_argument("--runs", type=int, default=3, help="how often each program runs; the median counts")
    parser.add_argument("--threads", type=int, default=1, help="of the ingest")
    parser.add_argument(
        "--all",
        action="store_true",
        help="also with two threads, without native kernels, on lines of which none is like another, JSON and traces",
    )


def run(arguments: argparse.Namespace) -> dict[str, Any]:
    """The figures of the interface page; ``expected`` and ``found`` where it is known what must be found."""
    if (arguments.make is None) == (arguments.data is None):
        raise SystemExit("python -m benchmarks ingest: give one of --make LINES and --data DIR")
    with tempfile.TemporaryDirectory() as folder:
        return _measured(arguments, Path(folder))


def _measured(arguments: argparse.Namespace, folder: Path) -> dict[str, Any]:
    if arguments.make is None:
        logs = list(_plain_files(arguments.data, folder))
        return _figures(NATIVE, logs, {"bytes": _size(logs)}, arguments, folder)
    log, figures = folder / "made.log", []
    for variant in VARIANTS if arguments.all else (NATIVE,):
        truth = variant.make(log, max(1, arguments.make // variant.share), arguments.seed)
        figures.append(_figures(variant, [log], asdict(truth), arguments, folder))
    return figures[0] | ({"variants": figures} if arguments.all else {})


def _plain_files(data: str, folder: Path) -> Iterator[Path]:
    """The logs in ``data``, archives unpacked into ``folder``: other programs shall read the same bytes."""
    for number, source in enumerate(find_sources([data])):
        if isinstance(source, FileSource):
            if not source.is_packed:
                yield source.path
                continue
            plain = folder / f"{number}-{source.path.stem}"
            with plain.open("wb") as file:
                file.writelines(source.blocks(0))
            yield plain


def _figures(
    variant: Variant, logs: list[Path], expected: dict[str, int], arguments: argparse.Namespace, folder: Path
) -> dict[str, Any]:
    store, paths, runs = folder / "store", [str(log) for log in logs], arguments.runs
    threads = variant.threads or arguments.threads
    command = [sys.executable, "-c", INGEST, str(store), str(threads), *paths]
    environment = variant.environment | {"PYTHONPATH": os.pathsep.join(filter(None, sys.path))}
    costs = []
    for number in range(runs):
        print(f"{variant.name}: ingest {number + 1} of {runs}", file=sys.stderr)
        shutil.rmtree(store, ignore_errors=True)
        costs.append(_cost(command, environment))
    cost = _median(costs)
    told = json.loads(cost.output)
    found = told | _found(store)
    print(f"{variant.name}: other programs", file=sys.stderr)
    peers = {name: _median([_cost(command, {}) for _ in range(runs)]) for name, command in _peers(paths, folder)}
    peer_seconds = {name: peer.cpu_seconds for name, peer in peers.items()}
    regex = next(name for name in peers if name.startswith(("rg", "grep")))
    return {
        "variant": variant.name,
        "native": told["native"],
        "lines": told["lines"],
        "records": told["records"],
        "linesPerSecond": told["lines"] / cost.cpu_seconds,
        "spansPerSecond": told["spans"] / cost.cpu_seconds,
        "mbPerSecond": told["bytes"] / cost.cpu_seconds / 1e6,
        "cpuSeconds": cost.cpu_seconds,
        "wallSeconds": cost.wall_seconds,
        "residentMb": cost.peak_mb,
        "peakMb": cost.peak_mb,
        "bytesPerRecord": _size(store.rglob("*")) / (told["records"] or told["spans"]),
        "threads": threads,
        "ratioToRg": peer_seconds[regex] / cost.cpu_seconds,
        "ratioToWc": peer_seconds["wc -l"] / cost.cpu_seconds,
        "peers": peer_seconds,
        "expected": _camel(expected),
        "found": _camel({name: found[name] for name in expected}),
    }


def _cost(command: Sequence[str], environment: dict[str, str]) -> Cost:
    begun = time.perf_counter()
    with subprocess.Popen(command, stdout=subprocess.PIPE, env=os.environ | environment) as process:
        assert process.stdout is not None
        output = process.stdout.read()
        _, status, usage = os.wait4(process.pid, 0)
        process.returncode = os.waitstatus_to_exitcode(status)
    if process.returncode not in (0, NO_LINE_MATCHES):
        raise subprocess.CalledProcessError(process.returncode, command)
    return Cost(usage.ru_utime + usage.ru_stime, time.perf_counter() - begun, usage.ru_maxrss / 1024, output)


def _median(costs: list[Cost]) -> Cost:
    return sorted(costs, key=lambda cost: cost.cpu_seconds)[len(costs) // 2]


def _peers(paths: list[str], folder: Path) -> Iterator[tuple[str, list[str]]]:
    yield "wc -l", ["wc", "-l", *paths]
    if shutil.which("rg"):
        yield "rg -c", ["rg", "-c", "--threads", "1", PREFIX, *paths]
    else:
        yield "grep -cE", ["grep", "-cE", PREFIX, *paths]
    if shutil.which("lnav"):
        home = folder / "lnav"
        formats = home / "formats" / "conductor"
        formats.mkdir(parents=True, exist_ok=True)
        (formats / "format.json").write_text(json.dumps(LNAV_FORMAT))
        count = ";SELECT count(*) FROM conductor_console"
        yield "lnav", ["env", f"HOME={home}", "lnav", "-n", "-I", str(home), "-c", count, *paths]


def _found(store: Path) -> dict[str, int]:
    from telemap.store.store import Store

    return Store(store).rows(FOUND)[0]


def _size(paths: Iterable[Path]) -> int:
    return sum(path.stat().st_size for path in paths if path.is_file())


def _camel(counts: dict[str, int]) -> dict[str, int]:
    return {re.sub(r"_(\w)", lambda letter: letter[1].upper(), name): count for name, count in counts.items()}
