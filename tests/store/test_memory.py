"""A line of many megabytes is held no more than twice at a time, and lines of ever new shapes in columns."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from itertools import product
from pathlib import Path

import pytest

from telemap.records import json_lines, scan

pytestmark = [
    pytest.mark.skipif(not sys.platform.startswith("linux"), reason="asks Linux how much memory was held"),
    pytest.mark.skipif(not (scan.IS_NATIVE and json_lines.IS_NATIVE), reason="the twins hold an object a line"),
]

LINE_BYTES = 2**25
MOST_HELD = 2.8  # times the line: twice, a block of the following lines, and what an ingest needs anyway
LINES = 100_000
MOST_HELD_A_LINE = 1150  # bytes; with the match of each line it were 1440
INGEST = """
import re, sys
from pathlib import Path
from telemap.records.format_files import bundled_formats
from telemap.store.loading import Ingest, ingest
from telemap.store.store import Store

def peak_bytes():
    return int(re.search(r"VmHWM:\\s*(\\d+)", Path("/proc/self/status").read_text())[1]) * 1024

store = Store(Path(sys.argv[1]), create=True)
for path in sys.argv[2:]:
    before = peak_bytes()
    (report,) = ingest(store, [path], Ingest(bundled_formats()))
print(report.log_format, report.records, peak_bytes() - before)
"""


def pino(**more: object) -> str:
    return json.dumps({"level": 30, "time": 1767323045000, "pid": 1, "hostname": "web-1", "msg": "added"} | more)


def slog(message: str) -> str:
    return f'time=2026-01-02T03:04:05.678Z level=INFO msg="{message}" n=1'


def python(message: str) -> str:
    return f"2026-01-02 03:04:05,678 INFO shop.cart: {message}"


X = "x1 " * (LINE_BYTES // 3)
ESCAPED = "one \n" * (LINE_BYTES // 6)


@pytest.mark.parametrize(
    ("log_format", "lines"),
    [
        ("python-logging", [python("a"), python(X), python("b")]),
        ("pino", [pino(), pino(msg=X), pino()]),
        ("pino", [pino(), pino(msg=ESCAPED), pino()]),
        ("pino", [pino(), pino(cart=X), pino()]),
        (None, [pino(msg=X)]),  # the format is found by the first 64 KB, which are no object
        ("slog", [slog("a"), slog(X), slog("b")]),
        (None, [X]),
    ],
    ids=["text", "json", "escaped", "attribute", "alone", "quoted", "unknown"],
)
def test_a_line_of_many_megabytes_is_held_twice_at_most(
    tmp_path: Path, log_format: str | None, lines: list[str]
) -> None:
    short = [line for line in lines if len(line) < LINE_BYTES // 2] or ["x"]
    told = ingested(tmp_path, short, lines)
    assert told[:2] == (str(log_format), len(lines))
    assert told[2] < MOST_HELD * LINE_BYTES


def test_lines_of_ever_new_shapes_are_no_objects_each(tmp_path: Path) -> None:
    lines = [python(f"{word} and {word} {'x' * 40}") for word in map("".join, product("abcdefghij", repeat=5))]
    assert len(lines) == LINES
    told = ingested(tmp_path, lines[:10], lines)
    assert told[:2] == ("python-logging", LINES)
    assert told[2] < MOST_HELD_A_LINE * LINES


def ingested(folder: Path, *logs: list[str]) -> tuple[str, int, int]:
    """The format and the records of the last of some logs, and by how many bytes the peak rose when it was read."""
    paths = [folder / f"{number}.log" for number in range(len(logs))]
    for path, lines in zip(paths, logs, strict=True):
        path.write_text("\n".join(lines))
    command = [sys.executable, "-c", INGEST, str(folder / "store"), *map(str, paths)]
    environment = os.environ | {"PYTHONPATH": str(Path(scan.__file__).parents[2])}
    told = subprocess.run(command, env=environment, check=True, capture_output=True, text=True).stdout.split()
    return told[0], int(told[1]), int(told[2])
