"""Reports in XML: their elements, and what is wrong with them."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

from telemap.flows.located_xml import MOST_BYTES, Element, read_xml
from telemap.model.declared import Problem
from telemap.tested.report import TestReport, file_time


def opened(path: Path, format: str) -> tuple[TestReport, Element | None]:
    """The report with nothing in it yet, and its outermost element; None, with a problem, where it cannot be read."""
    report = TestReport(path, format, file_time(path))
    with path.open("rb") as file:
        found = read_xml(file.read(MOST_BYTES + 1), str(path))
    if isinstance(found, Problem):
        return replace(report, problems=(replace(found, help="make the report again, or several smaller ones"),)), None
    return report, found


def below(element: Element, name: str) -> Iterator[Element]:
    """The elements of a name within one, however deep, in their order."""
    waiting = list(reversed(element.children))
    while waiting:
        found = waiting.pop()
        if found.name == name:
            yield found
        waiting += reversed(found.children)


def problem_at(path: Path, element: Element, summary: str) -> Problem:
    """What is wrong with an element."""
    held = ", ".join(f"{key}={value!r}" for key, value in element.attributes.items()) or "nothing"
    return Problem(str(path), element.line_number, summary, f"it has {held[:200]}", "make the report again")
