"""Reports of tests → store, linked to the functions that it knows."""

from __future__ import annotations

import os
from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import msgspec

from telemap.model.code import CodeSymbol
from telemap.model.declared import Problem
from telemap.store.store import Row, Store, fetch, table_of
from telemap.tested.linking import CodeLinker, KnownFile, LinkedFile
from telemap.tested.matching import Place
from telemap.tested.reading import read_reports
from telemap.tested.report import TestReport

if TYPE_CHECKING:
    import duckdb
    import pyarrow as pa

TABLES = ("test_report", "test_coverage", "test_case")
MOST_NEAREST = 20  # paths of a report of which the nearest is looked for; the first tell what is wrong with all

FILES = """
SELECT root, file_path, content_hash, source_map_path
FROM stored.code_file
WHERE commit_id IS NULL AND content_hash IS NOT NULL AND language IS NOT NULL
"""

SYMBOLS = """
SELECT * EXCLUDE (commit_id)
FROM stored.code_symbol
WHERE commit_id IS NULL
ORDER BY root, file_path, line_number, qualified_name
"""


@dataclass(frozen=True, slots=True)
class IndexedReport:
    """A report, what of its files was linked, and all that could not be used."""

    report: TestReport
    files: tuple[LinkedFile, ...]
    problems: tuple[Problem, ...]


def index_coverage(store: Store, paths: Sequence[Path]) -> list[IndexedReport]:
    """What the reports at ``paths`` tell, which is from now on all that the store has of these files and folders.

    Raises:
        TelemapError: ``no-such-file``.
    """
    reports = read_reports(paths)
    with store.connect() as connection:
        linker = _linker(connection)
    indexed = []
    for report in reports:
        files = tuple(linker.link(report))
        indexed.append(IndexedReport(report, files, (*report.problems, *_problems(report, files, linker))))
    rows: dict[str, list[Row]] = {
        "test_report": [_report(one.report) for one in indexed],
        "test_coverage": [_coverage(one.report, file) for one in indexed for file in one.files],
        "test_case": [_of(one.report) | asdict(case) for one in indexed for case in one.report.cases],
    }
    told = {_key(path) for path in paths} | {row["report_path"] for row in rows["test_report"]}
    with store.writing():
        for name in TABLES:
            store.replace(name, _beside(store.stored(name), told, table_of(name, rows[name])))
    return indexed


def _linker(connection: duckdb.DuckDBPyConnection) -> CodeLinker:
    symbols: dict[Place, list[CodeSymbol]] = defaultdict(list)
    for symbol in msgspec.convert(fetch(connection, SYMBOLS), list[CodeSymbol]):
        symbols[Place(symbol.root, symbol.file_path)].append(symbol)
    return CodeLinker(
        {
            (place := Place(row["root"], row["file_path"])): KnownFile(
                row["content_hash"], row["source_map_path"], tuple(symbols[place])
            )
            for row in fetch(connection, FILES)
        }
    )


def _problems(report: TestReport, files: Sequence[LinkedFile], linker: CodeLinker) -> Iterator[Problem]:
    """What is to be told of the files that count for nothing."""
    unknown = 0
    for file in files if len(linker.paths) else ():
        if file.place:
            if file.problem:
                help = "run the tests on the code as it is"
                summary = f"coverage of {file.told.path} counts for nothing"
                yield Problem(str(report.path), 1, summary, file.problem, help)
        elif (unknown := unknown + 1) <= MOST_NEAREST:
            nearest = linker.paths.nearest(file.told.path)
            reason = f"{file.problem}; the nearest is {nearest}" if nearest else str(file.problem)
            help = "index the folder that it lies in, or leave it out of the report"
            yield Problem(str(report.path), 1, f"covered file {file.told.path} is not indexed", reason, help)
    if files and not len(linker.paths):
        yield Problem(
            str(report.path), 1, "coverage is of no code", "none is indexed", "telemap index DIR --coverage PATH"
        )


def _report(report: TestReport) -> Row:
    problems = [asdict(problem) for problem in report.problems]
    return _of(report) | {
        "format": report.format,
        "tool": report.tool,
        "tool_version": report.tool_version,
        "made_unix_nano": report.made_unix_nano,
        "problems": [{key: value for key, value in one.items() if key != "file_path"} for one in problems],
    }


def _coverage(report: TestReport, file: LinkedFile) -> Row:
    return _of(report) | {
        "told_path": file.told.path,
        "root": file.place and file.place.root,
        "file_path": file.place and file.place.file_path,
        "executed_lines": file.told.executed_lines,
        "missed_lines": file.told.missed_lines,
        "tests": [asdict(test) for test in file.told.tests],
        "functions": [asdict(function) for function in file.functions],
        "carried_from": file.carried_from,
        "problem": file.problem,
    }


def _of(report: TestReport) -> Row:
    return {"report_path": _key(report.path)}


def _key(path: Path) -> str:
    """What a file is known by, wherever the command is run."""
    return os.fsencode(os.path.abspath(path)).decode(errors="replace")


def _beside(stored: pa.Table, told: set[str], fresh: pa.Table) -> pa.Table:
    """The rows of the reports that were not read, nor lay in a folder that was, and the fresh ones."""
    import pyarrow as pa
    import pyarrow.compute as pc

    def is_read(path: str) -> bool:
        return path in told or any(str(folder) in told for folder in Path(path).parents)

    kept: Any = [path for path in stored["report_path"].unique().to_pylist() if not is_read(path)]
    return pa.concat_tables([stored.filter(pc.is_in(stored["report_path"], pa.array(kept, pa.string()))), fresh])
