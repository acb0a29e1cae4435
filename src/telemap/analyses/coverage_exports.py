"""What production runs as reports of line coverage, which editors, forges and dashboards read.

Telemetry tells of functions, not of their lines: the line that a function begins in has its executions, and no other
line is told of.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Mapping
from xml.etree.ElementTree import Element, SubElement, indent, tostring

from telemap.analyses.coverage_shapes import Coverage
from telemap.model.documents import nanoseconds

Functions = Mapping[str, Mapping[tuple[int, str], int]]
"""Executions by the line and the name of a function, by file."""

XML = '<?xml version="1.0" encoding="UTF-8"?>\n'
DOCTYPE = '<!DOCTYPE coverage SYSTEM "http://cobertura.sourceforge.net/xml/coverage-04.dtd">\n'


def lcov(coverage: Coverage) -> str:
    """A tracefile of LCOV: a record a file, in it every handler with its executions."""
    return "".join(
        f"{line}\n" for file_path, found in _functions(coverage).items() for line in _record(file_path, found)
    )


def cobertura(coverage: Coverage) -> str:
    """A report of Cobertura: a class a file, in it every handler with its executions."""
    functions = _functions(coverage)
    root = Element(
        "coverage", _rates(functions) | {"complexity": "0", "version": "telemap", "timestamp": _seconds(coverage)}
    )
    SubElement(SubElement(root, "sources"), "source").text = "."
    packages = SubElement(root, "packages")
    package = SubElement(packages, "package", {"name": "", **_rate(functions), "complexity": "0"})
    classes = SubElement(package, "classes")
    for file_path, found in functions.items():
        rate = _rate({file_path: found})
        one = SubElement(classes, "class", {"name": file_path, "filename": file_path, **rate, "complexity": "0"})
        methods, lines = SubElement(one, "methods"), SubElement(one, "lines")
        for (line_number, name), executions in found.items():
            hit = {"number": str(line_number), "hits": str(executions)}
            is_hit = str(float(executions > 0))
            method = {"name": name, "signature": "", "line-rate": is_hit, "branch-rate": "0"}
            SubElement(SubElement(SubElement(methods, "method", method), "lines"), "line", hit)
            SubElement(lines, "line", hit)
    indent(root)
    return XML + DOCTYPE + tostring(root, encoding="unicode") + "\n"


def _functions(coverage: Coverage) -> Functions:
    found: dict[str, dict[tuple[int, str], int]] = defaultdict(lambda: defaultdict(int))
    for one in coverage.handlers:
        if one.code is not None and not one.code.commit_id:
            name = one.code.function_name or f"(anonymous_{one.code.line_number})"
            found[one.code.file_path][one.code.line_number, name] += one.executions
    return {file_path: dict(sorted(found[file_path].items())) for file_path in sorted(found)}


def _record(file_path: str, found: Mapping[tuple[int, str], int]) -> Iterator[str]:
    yield "TN:production"
    yield f"SF:{file_path}"
    yield from (f"FN:{line_number},{name}" for line_number, name in found)
    yield from (f"FNDA:{executions},{name}" for (_, name), executions in found.items())
    hit = sum(executions > 0 for executions in found.values())
    yield f"FNF:{len(found)}"
    yield f"FNH:{hit}"
    lines: dict[int, int] = defaultdict(int)
    for (line_number, _), executions in found.items():
        lines[line_number] += executions
    yield from (f"DA:{line_number},{executions}" for line_number, executions in lines.items())
    yield f"LF:{len(lines)}"
    yield f"LH:{sum(executions > 0 for executions in lines.values())}"
    yield "end_of_record"


def _counts(functions: Functions) -> tuple[int, int]:
    executions = [count for found in functions.values() for count in found.values()]
    return len(executions), sum(count > 0 for count in executions)


def _rate(functions: Functions) -> dict[str, str]:
    valid, covered = _counts(functions)
    return {"line-rate": f"{covered / valid if valid else 0:.4f}", "branch-rate": "0"}


def _rates(functions: Functions) -> dict[str, str]:
    valid, covered = _counts(functions)
    branches = {"branches-covered": "0", "branches-valid": "0"}
    return {"lines-valid": str(valid), "lines-covered": str(covered), **branches, **_rate(functions)}


def _seconds(coverage: Coverage) -> str:
    """When the last execution was, in seconds since 1970."""
    window = coverage.summary.window
    return str(nanoseconds(window.end) // 10**9 if window else 0)
