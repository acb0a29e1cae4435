"""Sources that are cut and put together anyhow are read as far as they go."""

from __future__ import annotations

from pathlib import Path
from random import Random

import pytest

from telemap.code import readers
from telemap.code.parsing import language_of, parse
from telemap.model.code import CodeFile

APPS = Path(__file__).parent / "apps"
SOURCES = {
    path.relative_to(APPS).as_posix(): path
    for path in sorted(APPS.rglob("*.*"))
    if language_of(path.name) and path.stat().st_size
}


def broken(text: str, rng: Random) -> str:
    """The text with some of its lines cut, repeated, swapped or run together."""
    lines = text.splitlines(keepends=True)
    for _ in range(rng.randint(1, 8)):
        at, other = rng.randrange(len(lines)), rng.randrange(len(lines))
        cut = rng.randint(0, len(lines[at]))
        how = rng.randrange(4)
        if how == 0:
            lines[at] = lines[at][:cut] + lines[at][cut + rng.randint(1, 9) :]
        elif how == 1:
            lines[at], lines[other] = lines[other], lines[at]
        elif how == 2:
            lines[at] = lines[at][:cut] + lines[other]
        else:
            lines[at] = lines[at].rstrip("\n") + lines[other]
    return "".join(lines)


@pytest.mark.parametrize("path", SOURCES)
def test_any_source_is_read_without_a_fault_of_our_own(path: str) -> None:
    text = SOURCES[path].read_text(encoding="utf-8")
    for seed in range(20):
        reading = parse(CodeFile(path), broken(text, Random(seed)).encode())
        reasons = [problem.reason for problem in reading.file.problems]
        assert not any("a fault of telemap's own" in reason for reason in reasons), (seed, reasons)


def test_a_fault_of_a_reader_is_told_and_the_others_read_on(monkeypatch: pytest.MonkeyPatch) -> None:
    def faulty(tree: readers.SourceTree) -> readers.Rows:
        raise IndexError("list index out of range")

    monkeypatch.setattr(readers, "READERS", (faulty, *readers.READERS))
    reading = parse(CodeFile("a.py"), b"def run():\n    print('it runs')\n")
    assert [problem.reason for problem in reading.file.problems] == [
        "a fault of telemap's own, IndexError: list index out of range; "
        "log statements, registrations or calls in it are missing"
    ]
    assert [statement.line_number for statement in (reading.found or {})["log_statement"]] == [2]
