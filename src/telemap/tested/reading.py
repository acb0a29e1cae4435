"""Files that tell of tests, each read by the format that its content shows."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable
from dataclasses import replace
from fnmatch import fnmatchcase
from pathlib import Path

from telemap.code.files import VENDORED, walked_files
from telemap.errors import TelemapError
from telemap.model.declared import Problem
from telemap.tested.cobertura import read_cobertura
from telemap.tested.coverage_py import read_coverage_data, read_coverage_json
from telemap.tested.istanbul import read_istanbul
from telemap.tested.junit import read_junit
from telemap.tested.lcov import read_lcov
from telemap.tested.report import TestReport, file_time
from telemap.tested.v8 import read_v8

SAMPLE_BYTES = 1 << 16
MOST_BYTES = 1 << 28
MOST_FILES = 5000  # of a folder: Node writes one for each process

# How reports are called that are looked for in folders.
NAMES = (
    *(".coverage", ".coverage.*", "coverage.xml", "*cobertura*.xml", "*junit*.xml", "TEST-*.xml"),
    *("*lcov*", "coverage*.json"),
)

# What stands near the beginning of a file of a format; the first that is there decides.
FORMATS: tuple[tuple[re.Pattern[bytes], Callable[[Path], TestReport]], ...] = (
    (re.compile(rb"\ASQLite format 3\0"), read_coverage_data),
    (re.compile(rb"\A\s*\{\s*\"meta\"\s*:\s*\{[^{}]*\"(?:branch_coverage|show_contexts)\""), read_coverage_json),
    (re.compile(rb"\A\s*\{\s*\"result\"\s*:\s*\["), read_v8),
    (re.compile(rb"\A\s*\{.*\"statementMap\"", re.DOTALL), read_istanbul),
    (re.compile(rb"<coverage\b[^>]*\bline-rate\s*="), read_cobertura),
    (re.compile(rb"<testsuites?\b"), read_junit),
    (re.compile(rb"\A(?:\s|#.*)*(?:TN|SF):"), read_lcov),
)


def read_reports(paths: Iterable[Path]) -> list[TestReport]:
    """What the files tell that are given, or found in folders that are, each once, in the order of their paths.

    A file that is given and is none of the known formats has a problem; in folders such files are passed over.

    Raises:
        TelemapError: ``no-such-file``.
    """
    given: dict[Path, bool] = {}
    for path in paths:
        if not path.exists():
            help = "name a report of test coverage, or a folder that holds some"
            raise TelemapError("no-such-file", f"no file or folder {path}", help=help)
        if path.is_dir():
            for name in walked_files(path, None, VENDORED, _is_report)[:MOST_FILES]:
                given.setdefault(path / name, False)
        else:
            given[path] = True
    return [report for path in sorted(given) if (report := read_report(path)).format or given[path]]


def read_report(path: Path) -> TestReport:
    """What a file tells; nothing but a problem for one that is of no known format or cannot be read."""
    try:
        with path.open("rb") as file:
            sample = file.read(SAMPLE_BYTES)
        if path.stat().st_size > MOST_BYTES:
            return _unread(path, f"it has more than {MOST_BYTES:,} bytes", "make several smaller reports")
        reader = next((reader for mark, reader in FORMATS if mark.search(sample)), None)
        if reader is None:
            known = "coverage.py, LCOV, Cobertura, Istanbul, V8 or JUnit"
            return _unread(path, f"it is no report of {known}", "docs/reference/test-coverage.md says what is read")
        return reader(path)
    except OSError as error:
        return _unread(path, str(error), "make it readable")


def _unread(path: Path, reason: str, help: str) -> TestReport:
    problem = Problem(str(path), 1, "report cannot be read", reason, help)
    return replace(TestReport(path, None, file_time(path)), problems=(problem,))


def _is_report(name: str) -> bool:
    return any(fnmatchcase(name, pattern) for pattern in NAMES)
