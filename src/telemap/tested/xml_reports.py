"""Reports in XML: Cobertura's of coverage, JUnit's of tests."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import replace
from datetime import datetime
from pathlib import Path

from telemap.flows.located_xml import MOST_BYTES, Element, read_xml
from telemap.model.declared import Problem
from telemap.tested.report import MOST_HITS, Lines, TestCase, TestReport, file_time

COBERTURA, JUNIT = "cobertura", "junit"

_STATUS = {"failure": "failed", "error": "errored", "skipped": "skipped"}
_FIRST_MILLISECONDS = 100_000_000_000  # a time that is larger is none in seconds


def read_cobertura(path: Path) -> TestReport:
    """What a report in the format of Cobertura tells; a file that several classes are in is one file."""
    report, root = _opened(path, COBERTURA)
    if root is None:
        return report
    problems: list[Problem] = []
    files: dict[str, Lines] = {}
    for element in _below(root, "class"):
        if not (name := element.attributes.get("filename", "")):
            problems.append(_problem(path, element, "class without 'filename'"))
            continue
        lines = files.setdefault(name, Lines())
        for line in (line for part in element.named("lines") for line in part.named("line")):
            if (counts := _counts(line)) is None:
                problems.append(_problem(path, line, "line without numbers"))
            else:
                lines.add(*counts)
        for method in (method for part in element.named("methods") for method in part.named("method")):
            own = filter(None, (_counts(line) for part in method.named("lines") for line in part.named("line")))
            first = min(own, default=None)
            if first:
                lines.add_function(method.attributes.get("name", ""), *first)
    told = root.attributes.get("timestamp", "")
    return replace(
        report,
        tool_version=root.attributes.get("version") or None,
        made_unix_nano=_nanoseconds(told) or report.made_unix_nano,
        folders=tuple(one.text.strip() for part in root.named("sources") for one in part.named("source") if one.text),
        files=tuple(lines.file(name) for name, lines in files.items()),
        problems=tuple(problems),
    )


def read_junit(path: Path) -> TestReport:
    """The tests that a report in the format of JUnit names, those of suites in suites too."""
    report, root = _opened(path, JUNIT)
    if root is None:
        return report
    problems = [_problem(path, one, "test without a name") for one in _below(root, "testcase") if not _name(one)]
    made = min(filter(None, map(_time, (root, *_below(root, "testsuite")))), default=report.made_unix_nano)
    return replace(report, made_unix_nano=made, cases=tuple(_cases(root)), problems=tuple(problems))


def _cases(root: Element) -> Iterator[TestCase]:
    waiting: list[tuple[Element, str | None]] = [(root, None)]
    while waiting:
        element, file = waiting.pop()
        file = element.attributes.get("file") or element.attributes.get("filepath") or file
        if element.name != "testcase":
            waiting += [
                (child, file) for child in reversed(element.children) if child.name in ("testsuite", "testcase")
            ]
        elif name := _name(element):
            class_name = element.attributes.get("classname") or None
            yield TestCase(name, class_name, file, _status(element), _duration(element))


def _status(element: Element) -> str:
    never_ran = element.attributes.get("status") in ("notrun", "disabled", "skipped")
    told = (_STATUS[child.name] for child in element.children if child.name in _STATUS)
    return next(told, "skipped" if never_ran else "passed")


def _opened(path: Path, format: str) -> tuple[TestReport, Element | None]:
    """The report with nothing in it yet, and its outermost element; None, with a problem, where it cannot be read."""
    report = TestReport(path, format, file_time(path))
    with path.open("rb") as file:
        found = read_xml(file.read(MOST_BYTES + 1), str(path))
    if isinstance(found, Problem):
        return replace(report, problems=(replace(found, help="make the report again, or several smaller ones"),)), None
    return report, found


def _below(element: Element, name: str) -> Iterator[Element]:
    waiting = list(reversed(element.children))
    while waiting:
        found = waiting.pop()
        if found.name == name:
            yield found
        waiting += reversed(found.children)


def _counts(line: Element) -> tuple[int, int] | None:
    try:
        return int(line.attributes["number"]), int(line.attributes["hits"])
    except (KeyError, ValueError):
        return None


def _name(element: Element) -> str:
    return element.attributes.get("name", "").strip()


def _duration(element: Element) -> int | None:
    try:
        duration_ns = round(float(element.attributes["time"].replace(",", "")) * 1e9)
    except (KeyError, ValueError, OverflowError):
        return None
    return duration_ns if abs(duration_ns) < MOST_HITS else None


def _time(element: Element) -> int | None:
    """When a suite began; without a zone, in that of this machine."""
    try:
        return round(datetime.fromisoformat(element.attributes["timestamp"]).timestamp()) * 1_000_000_000
    except (KeyError, ValueError, OverflowError):
        return None


def _nanoseconds(told: str) -> int | None:
    if not re.fullmatch(r"[0-9]{1,13}", told):
        return None
    return int(told) * (1_000_000 if int(told) >= _FIRST_MILLISECONDS else 1_000_000_000)


def _problem(path: Path, element: Element, summary: str) -> Problem:
    held = ", ".join(f"{key}={value!r}" for key, value in element.attributes.items()) or "nothing"
    return Problem(str(path), element.line_number, summary, f"it has {held[:200]}", "make the report again")
