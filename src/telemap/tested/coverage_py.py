"""coverage.py: its database, read through its own API, and its JSON."""

from __future__ import annotations

import re
import tempfile
from collections.abc import Iterable, Mapping
from dataclasses import replace
from datetime import datetime
from pathlib import Path

import msgspec

from telemap.model.declared import Problem
from telemap.tested.json_reports import document, members
from telemap.tested.report import CoveredFile, CoveringTest, TestReport, covering, file_time, line_numbers

DATA, JSON, TOOL = "coverage.py", "coverage.py-json", "coverage.py"

_LINE = re.compile("[0-9]{1,18}")
_PHASE = re.compile(r"\|(?:setup|run|teardown)$")  # which pytest-cov puts behind the name of a test


def read_coverage_data(path: Path) -> TestReport:
    """What a database of coverage.py tells; which lines did not run it does not know."""
    from coverage import CoverageData
    from coverage.exceptions import CoverageException

    report = TestReport(path, DATA, file_time(path), TOOL)
    try:
        with tempfile.TemporaryDirectory() as folder:
            # SQLite would write beside a database that another process has left in the middle of something.
            copy = Path(folder, "data")
            copy.write_bytes(path.read_bytes())
            data = CoverageData(basename=str(copy))
            data.read()
            files = tuple(
                CoveredFile(name, line_numbers(data.lines(name) or ()), None, _tests(data.contexts_by_lineno(name)))
                for name in sorted(data.measured_files())
            )
            data.close(force=True)
    except CoverageException as error:
        reason = str(error).replace(str(copy), str(path))
        problem = Problem(str(path), 1, "report cannot be read", reason, "run the tests again")
        return replace(report, problems=(problem,))
    return replace(report, files=files)


def read_coverage_json(path: Path) -> TestReport:
    """What ``coverage json`` has written."""
    problems: list[Problem] = []
    data = path.read_bytes()
    found = document(path, data, _Document, problems)
    if found is None:
        return TestReport(path, JSON, file_time(path), TOOL, problems=tuple(problems))
    files = []
    for name, file in members(path, data, found.files, _File, problems):
        tests = _tests({int(line): tests for line, tests in file.contexts.items() if _LINE.fullmatch(line)})
        files.append(CoveredFile(name, line_numbers(file.executed_lines), line_numbers(file.missing_lines), tests))
    made = _time(found.meta.timestamp) or file_time(path)
    return TestReport(path, JSON, made, TOOL, found.meta.version, files=tuple(files), problems=tuple(problems))


def statements(text: str, executed_lines: Iterable[int]) -> tuple[tuple[int, ...], tuple[int, ...]]:
    """Of a Python source, the lines on which the statements that ran begin, and those that did not.

    Raises:
        CoverageException: it is no Python that this Python knows.
    """
    from coverage import Coverage

    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder).resolve() / "source.py"
        file.write_text(text, encoding="utf-8", newline="")
        measurement = Coverage(data_file=None, config_file=False)
        measurement.get_data().add_lines({str(file): list(executed_lines)})
        _, every, _, missed, _ = measurement.analysis2(str(file))
    return tuple(sorted(set(every).difference(missed))), tuple(missed)


class _Meta(msgspec.Struct):
    version: str | None = None
    timestamp: str | None = None


class _Document(msgspec.Struct):
    meta: _Meta
    files: dict[str, msgspec.Raw]


class _File(msgspec.Struct):
    executed_lines: list[int]
    missing_lines: list[int] = []
    contexts: dict[str, list[str]] = {}


def _tests(contexts: Mapping[int, Iterable[str]]) -> tuple[CoveringTest, ...]:
    """The tests, which are what contexts are named after; what ran outside of all has none."""
    tests: dict[str, set[int]] = {}
    for line, names in contexts.items():
        for name in names:
            if name:
                tests.setdefault(_PHASE.sub("", name), set()).add(line)
    return covering(tests)


def _time(told: str | None) -> int | None:
    try:
        return round(datetime.fromisoformat(told).timestamp()) * 1_000_000_000 if told else None
    except (ValueError, OverflowError):
        return None
