from __future__ import annotations

import tempfile
from collections.abc import Iterator, Sequence
from pathlib import Path

from hypothesis import given
from hypothesis import strategies as st

from telemap.tested.lcov import read_lcov
from telemap.tested.report import CoveredFile, CoveredFunction, CoveringTest

LINES = st.sets(st.integers(1, 60), max_size=12)
NAMES = st.text("abcXYZ_.<>(), :/", min_size=1, max_size=8).map(str.strip).filter(bool)


@st.composite
def covered_files(draw: st.DrawFn) -> list[CoveredFile]:
    files = []
    for path in sorted(draw(st.sets(NAMES, max_size=3))):
        executed = draw(LINES)
        tests = draw(st.dictionaries(NAMES, st.sets(st.sampled_from(sorted(executed)), min_size=1))) if executed else {}
        files.append(
            CoveredFile(
                path,
                tuple(sorted(executed)),
                tuple(sorted(draw(LINES) - executed)),
                tuple(CoveringTest(name, tuple(sorted(lines))) for name, lines in sorted(tests.items())),
                tuple(
                    CoveredFunction(name, line, draw(st.integers(0, 3)))
                    for line, name in sorted(draw(st.sets(st.tuples(st.integers(1, 60), NAMES))))
                ),
                dict.fromkeys(sorted(executed), "9yAA"),
            )
        )
    return files


def written(files: Sequence[CoveredFile]) -> Iterator[str]:
    for file in files:
        yield from ("TN:", f"SF:{file.path}")
        for function in file.functions:
            yield f"FN:{function.line_number},{function.name}"
            yield f"FNDA:{function.hits},{function.name}"
        for line in file.executed_lines:
            yield f"DA:{line},1,{file.checksums[line]}"
        yield from (f"DA:{line},0" for line in file.missed_lines or ())
        yield from ("LF:1", "LH:1", "end_of_record")
        for test in file.tests:
            yield from (f"TN:{test.name}", f"SF:{file.path}", *(f"DA:{line},2" for line in test.lines), "end_of_record")


@given(covered_files())
def test_what_is_written_is_read_again(files: list[CoveredFile]) -> None:
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder, "lcov.info")
        path.write_text("".join(f"{line}\n" for line in written(files)), encoding="utf-8")
        report = read_lcov(path)
    assert (list(report.files), report.problems) == (files, ())


def test_methods_of_one_name_have_calls_of_their_own(tmp_path: Path) -> None:
    path = tmp_path / "lcov.info"
    path.write_text("SF:a.ts\nFN:2,draw\nFN:9,draw\nFN:7,move\nFNDA:3,draw\nFNDA:0,draw\nFNDA:1,move\nend_of_record\n")
    [file] = read_lcov(path).files
    assert [(one.line_number, one.name, one.hits) for one in file.functions] == [
        (2, "draw", 3),
        (7, "move", 1),
        (9, "draw", 0),
    ]


def test_functions_of_the_newer_records_are_read(tmp_path: Path) -> None:
    path = tmp_path / "lcov.info"
    path.write_text("SF:a.c\nFNL:0,3,9\nFNA:0,2,pay\nFNA:0,1,pay<int>\nBRDA:4,0,0,-\nDA:4,-1\nend_of_record\n")
    [file] = read_lcov(path).files
    assert file == CoveredFile("a.c", (), (4,), (), (CoveredFunction("pay", 3, 2), CoveredFunction("pay<int>", 3, 1)))


def test_lines_that_are_no_records_cost_only_themselves(tmp_path: Path) -> None:
    path = tmp_path / "lcov.info"
    path.write_text("DA:1,1\nTN:\nSF:a.js\nDA:one,1\nDA:2,1\n???\nend_of_record\nSF:b.js\nDA:3,1\n")
    report = read_lcov(path)
    assert [(file.path, file.executed_lines) for file in report.files] == [("a.js", (2,)), ("b.js", (3,))]
    assert [(problem.line_number, problem.reason) for problem in report.problems] == [
        (1, "no 'SF:' names its file"),
        (4, "'DA:one,1' is no record of LCOV"),
        (6, "'???' is no record of LCOV"),
        (8, "there is no 'end_of_record' after 'b.js'"),
    ]
