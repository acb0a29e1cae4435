"""A file of definitions, and where what is wrong with it is told."""

from __future__ import annotations

import os.path
from dataclasses import dataclass
from pathlib import Path

from telemap.model.declared import Problem

MOST_BYTES = 64 * 2**20


@dataclass(frozen=True, slots=True)
class DefinitionFile:
    """A file below a folder that was named; problems go to the list that all files share.

    ``proposed`` is read in the place of what is in it.
    """

    root: Path
    path: Path
    problems: list[Problem]
    proposed: bytes | None = None

    @property
    def file_path(self) -> str:
        """The path as it is told: relative to the folder, with forward slashes."""
        return Path(os.path.relpath(self.path, self.root)).as_posix()

    def problem(self, line_number: int, summary: str, reason: str, help: str) -> None:
        """Tell what is wrong, and where."""
        self.problems.append(Problem(self.file_path, line_number, summary, reason, help))

    def data(self) -> bytes | None:
        """What is in the file; None, with a problem, where it cannot be read."""
        if self.proposed is not None:
            return self.proposed
        try:
            with self.path.open("rb") as file:
                data = file.read(MOST_BYTES + 1)
        except OSError as error:
            self.problem(1, "file cannot be read", str(error), "make it readable")
            return None
        if len(data) > MOST_BYTES:
            reason = f"it has more than {MOST_BYTES} bytes"
            self.problem(1, "file is too large", reason, "split it into one file for each flow")
            return None
        return data

    def text(self, data: bytes) -> str | None:
        """The text that ``data`` is; None, with a problem, where it is no UTF-8."""
        try:
            return data.decode("utf-8-sig")
        except UnicodeDecodeError as error:
            line_number = data.count(b"\n", 0, error.start) + 1
            self.problem(line_number, "file cannot be read", str(error), "save it in UTF-8")
            return None
