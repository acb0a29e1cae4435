"""LCOV, as lcov, Istanbul, coverage.py, llvm-cov and others write it: a record a line, sections of a file each."""

from __future__ import annotations

import re
from collections import defaultdict
from dataclasses import dataclass, field
from pathlib import Path

from telemap.model.declared import Problem
from telemap.tested.report import Lines, TestReport, file_time

FORMAT = "lcov"
MOST_PROBLEMS = 20  # of one report

_DATA = re.compile(r"DA:(\d{1,18}),(-?\d{1,18})(?:,(\S+))?")
_FUNCTION = re.compile(r"FN:(\d{1,18}),(?:(\d{1,18}),)?(.+)")
_CALLS = re.compile(r"FNDA:(-?\d{1,18}),(.+)")
_PLACE = re.compile(r"FNL:(\d{1,18}),(\d{1,18})(?:,\d{1,18})?")  # since lcov 2.2 functions have numbers
_ALIAS = re.compile(r"FNA:(\d{1,18}),(-?\d{1,18}),(.+)")
_ASIDE = re.compile(r"(?:#|VER:|FN[FH]:|L[FH]:|BR(?:DA|F|H):|MC(?:DC|F|H):)")


def read_lcov(path: Path) -> TestReport:
    """What an LCOV file tells; lines that are no records of it are problems."""
    reading = _Reading(path)
    with path.open(encoding="utf-8", errors="replace") as text:
        for number, line in enumerate(text, start=1):
            reading.take(number, line.strip())
    reading.end()
    files = tuple(lines.file(name) for name, lines in reading.files.items())
    return TestReport(path, FORMAT, file_time(path), files=files, problems=tuple(reading.problems))


@dataclass(slots=True)
class _Section:
    """What stands between the name of a file and ``end_of_record``."""

    name: str
    test: str
    line_number: int
    functions: dict[str, list[int]] = field(default_factory=lambda: defaultdict(list))
    calls: dict[str, list[int]] = field(default_factory=lambda: defaultdict(list))
    places: dict[str, int] = field(default_factory=dict)


class _Reading:
    def __init__(self, path: Path) -> None:
        self.files: dict[str, Lines] = {}
        self.problems: list[Problem] = []
        self._path = str(path)
        self._test = ""
        self._section: _Section | None = None

    def take(self, number: int, line: str) -> None:
        """Read a line."""
        if line.startswith("TN:"):
            self._test = line[3:].strip()
        elif line.startswith("SF:"):
            self.end()
            self._section = _Section(line[3:], self._test, number)
            self.files.setdefault(line[3:], Lines())
        elif line == "end_of_record":
            self._close()
        elif line and not _ASIDE.match(line) and not (self._section and self._take(self._section, line)):
            reason = f"{line[:60]!r} is no record of LCOV" if self._section else "no 'SF:' names its file"
            self._problem(number, "line of the report not used", reason)

    def end(self) -> None:
        """Note that nothing follows, of which a section that is still open says that something is missing."""
        if self._section:
            reason = f"there is no 'end_of_record' after {self._section.name!r}"
            self._problem(self._section.line_number, "report ends too early", reason)
            self._close()

    def _take(self, section: _Section, line: str) -> bool:
        lines = self.files[section.name]
        if found := _DATA.fullmatch(line):
            number, hits = int(found[1]), int(found[2])
            lines.add(number, hits)
            if section.test and hits > 0:
                lines.tests.setdefault(section.test, set()).add(number)
            if found[3]:
                lines.checksums[number] = found[3]
        elif found := _FUNCTION.fullmatch(line):
            section.functions[found[3]].append(int(found[1]))
        elif found := _CALLS.fullmatch(line):
            section.calls[found[2]].append(int(found[1]))
        elif found := _PLACE.fullmatch(line):
            section.places[found[1]] = int(found[2])
        elif (found := _ALIAS.fullmatch(line)) and found[1] in section.places:
            section.functions[found[3]].append(section.places[found[1]])
            section.calls[found[3]].append(int(found[2]))
        else:
            return False
        return True

    def _close(self) -> None:
        if self._section:
            for name, calls in self._section.calls.items():
                places = self._section.functions[name]
                # Methods of several classes may have one name: their calls are in the order of their places.
                for place, hits in zip(places, calls, strict=True) if len(places) == len(calls) else ():
                    self.files[self._section.name].add_function(name, place, hits)
        self._section = None

    def _problem(self, line_number: int, summary: str, reason: str) -> None:
        if len(self.problems) < MOST_PROBLEMS:
            self.problems.append(Problem(self._path, line_number, summary, reason, "make the report again"))
