"""What a report of tests says: which lines of which files they ran, and which tests there were."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from pathlib import Path

from telemap.model.declared import Problem

LAST_LINE = 10_000_000  # which no source has
MOST_HITS = 1 << 62


@dataclass(frozen=True, slots=True)
class CoveringTest:
    """A test and the lines of a file that it ran."""

    name: str
    lines: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class CoveredFunction:
    """How often a function was called, by the name that the report has for it, and the line that it begins on."""

    name: str
    line_number: int
    hits: int


@dataclass(frozen=True, slots=True)
class CoveredFile:
    """What was run of a file; lines count from 1 and are in order.

    Args:
        path: as the report tells it.
        executed_lines: those that ran.
        missed_lines: those that could have run and did not; None where the report does not tell.
        tests: the tests of which it is told which lines they ran.
        functions: the functions that it counts, in their order.
        checksums: of lines, as LCOV has them.
    """

    path: str
    executed_lines: tuple[int, ...]
    missed_lines: tuple[int, ...] | None
    tests: tuple[CoveringTest, ...] = ()
    functions: tuple[CoveredFunction, ...] = ()
    checksums: Mapping[int, str] = field(default_factory=dict)

    @property
    def measured_lines(self) -> tuple[int, ...]:
        """The lines of which it is told whether they ran, in order."""
        return tuple(sorted({*self.executed_lines, *(self.missed_lines or ())}))


@dataclass(frozen=True, slots=True)
class TestCase:
    """A test that ran: ``status`` is ``passed``, ``skipped``, ``failed`` or ``errored``."""

    name: str
    class_name: str | None
    file: str | None
    status: str
    duration_ns: int | None


@dataclass(frozen=True, slots=True)
class TestReport:
    """A file that tells of tests.

    Args:
        path: of the file, as it was given.
        format: what it is written in; None for a file that is none of the known ones.
        made_unix_nano: when it was made, as it says, or else the time of the file.
        tool: what made it, and its version, where that is told.
        tool_version: likewise.
        folders: what the paths of its files can be relative to, as it says.
        files: what was run, a path once.
        cases: the tests, where the format names them.
        problems: what of it could not be used.
    """

    path: Path
    format: str | None
    made_unix_nano: int
    tool: str | None = None
    tool_version: str | None = None
    folders: tuple[str, ...] = ()
    files: tuple[CoveredFile, ...] = ()
    cases: tuple[TestCase, ...] = ()
    problems: tuple[Problem, ...] = ()


@dataclass(slots=True)
class Lines:
    """What has been told of a file so far."""

    hits: dict[int, int] = field(default_factory=dict)
    tests: dict[str, set[int]] = field(default_factory=dict)
    functions: dict[tuple[int, str], int] = field(default_factory=dict)
    checksums: dict[int, str] = field(default_factory=dict)

    def add(self, line_number: int, hits: int) -> None:
        """Note that a line ran so many times, beside what was noted of it before; gcov has lines and counts below 1."""
        if 0 < line_number <= LAST_LINE:
            self.hits[line_number] = _sum(self.hits.get(line_number, 0), hits)

    def add_function(self, name: str, line_number: int, hits: int) -> None:
        """Note that a function was called so many times, likewise."""
        key = line_number, name
        self.functions[key] = _sum(self.functions.get(key, 0), hits)

    def file(self, path: str) -> CoveredFile:
        """What was noted."""
        lines = sorted(self.hits)
        return CoveredFile(
            path,
            tuple(line for line in lines if self.hits[line]),
            tuple(line for line in lines if not self.hits[line]),
            covering(self.tests),
            tuple(CoveredFunction(name, line, hits) for (line, name), hits in sorted(self.functions.items())),
            self.checksums,
        )


def _sum(before: int, hits: int) -> int:
    return min(before + max(hits, 0), MOST_HITS)


def line_numbers(lines: Iterable[int]) -> tuple[int, ...]:
    """The lines that a source can have, in order."""
    return tuple(sorted({line for line in lines if 0 < line <= LAST_LINE}))


def covering(tests: Mapping[str, set[int]]) -> tuple[CoveringTest, ...]:
    """Tests by name, each with the lines that it ran; those that ran none are left out."""
    found = ((name, line_numbers(lines)) for name, lines in sorted(tests.items()))
    return tuple(CoveringTest(name, lines) for name, lines in found if lines)


def file_time(path: Path) -> int:
    """When a file was written, in ns since 1970; 0 where nobody knows."""
    try:
        return path.stat().st_mtime_ns
    except OSError:
        return 0
