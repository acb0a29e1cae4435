"""JUnit's XML, in which most tools list the tests that they ran."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import datetime
from pathlib import Path

from telemap.flows.located_xml import Element
from telemap.tested.report import TestCase, TestReport
from telemap.tested.xml_reports import below, opened, problem_at

FORMAT = "junit"

_MOST_NS = 1 << 62

_STATUS = {"failure": "failed", "error": "errored", "skipped": "skipped"}


def read_junit(path: Path) -> TestReport:
    """The tests that a report in the format of JUnit names, those of suites in suites too."""
    report, root = opened(path, FORMAT)
    if root is None:
        return report
    problems = [problem_at(path, one, "test without a name") for one in below(root, "testcase") if not _name(one)]
    made = min(filter(None, map(_time, (root, *below(root, "testsuite")))), default=report.made_unix_nano)
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


def _name(element: Element) -> str:
    return element.attributes.get("name", "").strip()


def _duration(element: Element) -> int | None:
    try:
        duration_ns = round(float(element.attributes["time"].replace(",", "")) * 1e9)
    except (KeyError, ValueError, OverflowError):
        return None
    return duration_ns if abs(duration_ns) < _MOST_NS else None


def _time(element: Element) -> int | None:
    """When a suite began; without a zone, in that of this machine."""
    try:
        return round(datetime.fromisoformat(element.attributes["timestamp"]).timestamp()) * 1_000_000_000
    except (KeyError, ValueError, OverflowError):
        return None
