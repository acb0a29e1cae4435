"""What ``telemap index --coverage`` tells of each report."""

from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING

from telemap.config import shown_path
from telemap.model.code import HASH_DIGITS
from telemap.model.documents import Shape
from telemap.reports.blocks import counted

if TYPE_CHECKING:
    from telemap.store.tested import IndexedReport

MOST_SHOWN = 20


class CarriedShape(Shape, frozen=True):
    """A file of which a report tells what ran at an earlier commit, and of how many functions that still holds."""

    file_path: str
    commit_id: str
    same_functions: int
    changed_functions: int


class ReportShape(Shape, frozen=True):
    """A report of tests that was read; ``unusable_files`` are known, but not as they were when it was made."""

    report_path: str
    format: str | None
    matched_files: int
    unmatched_files: int
    unusable_files: int
    test_cases: int
    carried: list[CarriedShape]


def report_shape(indexed: "IndexedReport") -> ReportShape:
    """A report as it is told of."""
    report, files = indexed.report, indexed.files
    return ReportShape(
        report_path=shown_path(report.path),
        format=report.format,
        matched_files=sum(1 for file in files if not file.problem),
        unmatched_files=sum(1 for file in files if not file.place),
        unusable_files=sum(1 for file in files if file.place and file.problem),
        test_cases=len(report.cases),
        carried=[
            CarriedShape(file.place.file_path, file.carried_from, len(file.functions), file.changed_count)
            for file in files
            if file.place and file.carried_from
        ],
    )


def report_lines(reports: Sequence[ReportShape]) -> Iterator[str]:
    """What is told of reports: a line for each, and one for each file that is another since."""
    for report in reports[:MOST_SHOWN]:
        counts = [f"{counted(report.matched_files, 'file')} matched"] if report.matched_files else []
        counts += [f"{report.unmatched_files:,} not"] if report.unmatched_files else []
        counts += [f"{report.unusable_files:,} of other code"] if report.unusable_files else []
        counts += [counted(report.test_cases, "test case")] if report.test_cases else []
        yield f"{report.report_path}: {', '.join([report.format or 'not read', *counts])}"
        for file in report.carried[:MOST_SHOWN]:
            same = f"{file.same_functions:,} of {counted(file.same_functions + file.changed_functions, 'function')}"
            yield f"  {file.file_path}: as of commit {file.commit_id[:HASH_DIGITS]}, {same} still the same"
        if len(report.carried) > MOST_SHOWN:
            yield f"  and {len(report.carried) - MOST_SHOWN:,} more files"
    if len(reports) > MOST_SHOWN:
        yield f"and {len(reports) - MOST_SHOWN:,} more reports"
