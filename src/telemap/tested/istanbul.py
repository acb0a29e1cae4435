"""Istanbul's JSON (``coverage-final.json``), as nyc, Jest and Vitest write it."""

from __future__ import annotations

from pathlib import Path

import msgspec

from telemap.model.declared import Problem
from telemap.tested.json_reports import document, members
from telemap.tested.report import Lines, TestReport, file_time

FORMAT = "istanbul"


class _Position(msgspec.Struct):
    line: int


class _Range(msgspec.Struct):
    start: _Position


class _Function(msgspec.Struct):
    name: str = ""
    decl: _Range | None = None
    loc: _Range | None = None
    line: int = 0

    @property
    def line_number(self) -> int:
        """The line that the function begins on."""
        place = self.decl or self.loc
        return place.start.line if place else self.line


class _File(msgspec.Struct, rename={"statements": "statementMap", "functions": "fnMap"}):
    statements: dict[str, _Range]
    s: dict[str, int]
    functions: dict[str, _Function] = {}
    f: dict[str, int] = {}
    path: str | None = None


def read_istanbul(path: Path) -> TestReport:
    """What a file of Istanbul tells; a line ran as often as the statement on it that ran most often."""
    problems: list[Problem] = []
    data = path.read_bytes()
    found = document(path, data, dict[str, msgspec.Raw], problems) or {}
    files = []
    for name, file in members(path, data, found, _File, problems):
        lines = Lines()
        for key, place in file.statements.items():
            if key in file.s:
                lines.add(place.start.line, file.s[key])
        for key, function in file.functions.items():
            if key in file.f:
                lines.add_function(function.name, function.line_number, file.f[key])
        files.append(lines.file(file.path or name))
    return TestReport(path, FORMAT, file_time(path), files=tuple(files), problems=tuple(problems))
