"""Cobertura's XML, which many tools write that measure coverage."""

from __future__ import annotations

import re
from dataclasses import replace
from pathlib import Path

from telemap.flows.located_xml import Element
from telemap.model.declared import Problem
from telemap.tested.report import Lines, TestReport
from telemap.tested.xml_reports import below, opened, problem_at

FORMAT = "cobertura"

_FIRST_MILLISECONDS = 100_000_000_000  # a time that is larger is none in seconds


def read_cobertura(path: Path) -> TestReport:
    """What a report in the format of Cobertura tells; a file that several classes are in is one file."""
    report, root = opened(path, FORMAT)
    if root is None:
        return report
    problems: list[Problem] = []
    files: dict[str, Lines] = {}
    for element in below(root, "class"):
        if not (name := element.attributes.get("filename", "")):
            problems.append(problem_at(path, element, "class without 'filename'"))
            continue
        lines = files.setdefault(name, Lines())
        for line in (line for part in element.named("lines") for line in part.named("line")):
            if (counts := _counts(line)) is None:
                problems.append(problem_at(path, line, "line without numbers"))
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


def _counts(line: Element) -> tuple[int, int] | None:
    try:
        return int(line.attributes["number"]), int(line.attributes["hits"])
    except (KeyError, ValueError):
        return None


def _nanoseconds(told: str) -> int | None:
    if not re.fullmatch(r"[0-9]{1,13}", told):
        return None
    return int(told) * (1_000_000 if int(told) >= _FIRST_MILLISECONDS else 1_000_000_000)
