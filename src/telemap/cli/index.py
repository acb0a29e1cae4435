"""``telemap index``: code, declared sequences and test coverage into the store."""

import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import msgspec
import typer

from telemap.cli.options import Form, FormOption, OutputOption, StoreOption, answer, make_store, project, warn
from telemap.cli.tested import ReportShape, report_lines, report_shape
from telemap.config import shown_path
from telemap.errors import TelemapError
from telemap.model.code import HASH_DIGITS
from telemap.model.documents import SURE, Document, Shape
from telemap.reports.blocks import Block, Column, Kind, Next, Table, Text, Title, counted
from telemap.store.store import Store, fetch

if TYPE_CHECKING:
    from telemap.code.reading import Progress
    from telemap.model.declared import Budget, Problem
    from telemap.store.indexing import IndexedTree
    from telemap.store.tested import IndexedReport

EXAMPLE = "telemap index src --definitions definitions"

MOST_SHOWN = 20

COUNTS = """
WITH handler AS (
    SELECT sequence_id, handler, max(code_confidence) AS confidence
    FROM declared_step
    WHERE handler IS NOT NULL
    GROUP BY sequence_id, handler
)
SELECT
    (SELECT count(*) FROM code_symbol WHERE commit_id IS NULL) AS functions,
    (SELECT count(*) FROM log_statement WHERE commit_id IS NULL) AS log_statements,
    (SELECT count(*) FROM registration WHERE commit_id IS NULL) AS registrations,
    (SELECT count(DISTINCT sequence_id) FROM declared_step) AS sequences,
    (SELECT count(*) FROM declared_step) AS beats,
    (SELECT count(*) FROM declared_route) AS routes,
    (SELECT count(*) FROM handler) AS declared_handlers,
    (SELECT count(confidence) FROM handler) AS linked_handlers,
    (SELECT count(*) FILTER (confidence < $sure) FROM handler) AS uncertain_handlers,
    (SELECT count(DISTINCT handler) FROM code_link WHERE sequence_id IS NULL) AS seen_handlers,
    (SELECT count(*) FROM function_test) AS measured_functions,
    (SELECT count(*) FILTER (executed_lines > 0) FROM function_test) AS tested_functions
"""

UNLINKED = """
SELECT handler, sequence_id, file_path, line_number
FROM declared_step
WHERE handler IS NOT NULL AND code_file_path IS NULL
ORDER BY file_path, line_number
"""


class ProblemShape(Shape, frozen=True):
    """Something in a file that could not be used."""

    file_path: str
    line_number: int
    summary: str
    reason: str
    help: str


class Unlinked(Shape, frozen=True):
    """A declared handler of whose name the code has no function, and where it is declared."""

    handler: str
    sequence_id: str
    file_path: str
    line_number: int


class TreeShape(Shape, frozen=True):
    """A folder of code that was read: as it is, or as it was at a commit.

    ``commit_id`` is the commit that was read, None for the folder as it is; ``head_commit_id`` the commit that is
    checked out there, None outside of all checkouts. ``files_from_maps`` of the files are not there themselves: their
    texts are in source maps.
    """

    root: str
    commit_id: str | None
    head_commit_id: str | None
    is_dirty: bool | None
    files_read: int
    files_unchanged: int
    files_from_maps: int


class Indexed(Document, frozen=True, kw_only=True):
    """What the store knows of code and declarations after the index; handlers are counted once a sequence.

    Of the trees that were read, ``files_unchanged`` were known and not read again; functions, log statements and
    registrations are those of the code as it is.

    ``uncertain_handlers`` are linked, but to one of several functions of the name or against the declared module;
    ``seen_handlers`` are linked by name only, since no declaration of the sequences that they ran in has them.

    Of the ``measured_functions``, tests ran lines in the bodies of ``tested_functions``.
    """

    files_read: int
    files_unchanged: int
    functions: int
    log_statements: int
    registrations: int
    sequences: int
    beats: int
    routes: int
    declared_handlers: int
    linked_handlers: int
    uncertain_handlers: int
    seen_handlers: int
    measured_functions: int
    tested_functions: int
    trees: list[TreeShape]
    reports: list[ReportShape]
    problems: list[ProblemShape]
    unlinked: list[Unlinked]


def index(
    code: Annotated[
        list[Path] | None, typer.Argument(metavar="DIR", help="Folders of source code; else those of telemap.toml.")
    ] = None,
    definitions: Annotated[
        list[Path] | None,
        typer.Option(
            metavar="PATH", help="Folder or file of declared sequences, also several times; else those of telemap.toml."
        ),
    ] = None,
    coverage: Annotated[
        list[Path] | None,
        typer.Option(
            metavar="PATH",
            help="Report of test coverage, or folder of such, also several times; else those of telemap.toml.",
        ),
    ] = None,
    at: Annotated[
        str | None,
        typer.Option(
            metavar="COMMIT",
            help="Read the code as it was at a commit, beside what is there: a hash, a tag, or what git describe says.",
            show_default=False,
        ),
    ] = None,
    db: StoreOption = None,
    form: FormOption = Form.TABLE,
    output: OutputOption = "-",
) -> None:
    """Read code, declared sequences and test coverage into the store.

    Links every handler to its function. What was read before is replaced; files that did not change are not read again.
    """
    config = project()
    folders = code or [Path(path) for path in config.found("code")]
    declared = definitions or [Path(path) for path in config.found("definitions")]
    reports = coverage or config.coverage_files()
    if not folders and not declared and not reports:
        help = 'telemap index DIR --definitions PATH, or a line code = ["DIR"] in telemap.toml'
        raise TelemapError("no-code", "it is not said which code to read", help=help)
    document = read_code(make_store(db, config), folders, declared, at, config.budgets, reports)
    _warn(document.problems)
    answer(document, _blocks(document), form, output)


def read_code(
    store: Store,
    folders: Sequence[Path],
    definitions: Sequence[Path],
    at: str | None = None,
    budgets: Sequence["Budget"] = (),
    coverage: Sequence[Path] = (),
) -> Indexed:
    """What came of reading all this into ``store``; of what is not given, that which was there stays."""
    from telemap.store.declaring import index_budgets, index_definitions
    from telemap.store.indexing import index_code
    from telemap.store.linking import link_code

    problems: list[Problem] = []
    trees: list[TreeShape] = []
    if folders:
        with _progress() as progress:
            read = index_code(store, folders, progress, at=at)
        problems = [problem for tree in read for problem in tree.problems]
        trees = [_shape(tree) for tree in read]
    if definitions:
        problems = [*problems, *index_definitions(store, definitions).problems]
    index_budgets(store, budgets)
    link_code(store)
    reports: list[IndexedReport] = []
    if coverage:
        from telemap.store.tested import index_coverage

        reports = index_coverage(store, coverage)
        problems = [*problems, *(problem for one in reports for problem in one.problems)]
    with store.connect() as connection:
        return Indexed(
            files_read=sum(tree.files_read for tree in trees),
            files_unchanged=sum(tree.files_unchanged for tree in trees),
            trees=trees,
            reports=[report_shape(one) for one in reports],
            **fetch(connection, COUNTS, {"sure": SURE})[0],
            problems=[msgspec.convert(problem, ProblemShape, from_attributes=True) for problem in problems],
            unlinked=[Unlinked(**row) for row in fetch(connection, UNLINKED)],
        )


def _shape(tree: "IndexedTree") -> TreeShape:
    return TreeShape(
        root=shown_path(tree.root),
        commit_id=tree.commit_id,
        head_commit_id=tree.head_commit_id,
        is_dirty=tree.is_dirty,
        files_read=tree.files_read,
        files_unchanged=tree.files_unchanged,
        files_from_maps=tree.files_from_maps,
    )


@contextmanager
def _progress() -> Iterator["Progress | None"]:
    """What the index tells its progress to: a bar where standard error is a terminal."""
    if not sys.stderr.isatty():
        yield None
        return
    from rich.console import Console
    from rich.progress import Progress

    with Progress(console=Console(stderr=True), transient=True) as bar:
        task = bar.add_task("reading code", total=None)
        yield lambda done, total: bar.update(task, completed=done, total=total)


def _blocks(document: Indexed) -> Iterator[Block]:
    found = [(document.log_statements, "log statement"), (document.registrations, "registration")]
    counts = [(document.functions, "function"), *(pair for pair in found if pair[0])]
    counts += [(document.sequences, "declared sequence"), (document.declared_handlers, "declared handler")]
    yield Title(", ".join(counted(count, word) for count, word in counts))
    lines = [
        *map(_read, document.trees),
        *(_links(document) if document.functions else ()),
        *report_lines(document.reports),
    ]
    if document.reports:
        lines.append(
            f"tested: {document.tested_functions:,} of {counted(document.measured_functions, 'measured function')}"
        )
    if lines:
        yield Text("\n".join(lines))
    if not document.functions:
        yield Next("telemap index DIR", "gives every handler its place in the code")
        return
    if document.unlinked:
        columns = (Column("without code", ""), Column("sequence", ""), Column("declared at", "", Kind.PLACE))
        places = [(u.handler, u.sequence_id, f"{u.file_path}:{u.line_number}") for u in document.unlinked]
        yield Table(columns, places[:MOST_SHOWN])
        if len(places) > MOST_SHOWN:
            yield Text(f"and {len(places) - MOST_SHOWN:,} more; --format json lists all")
    if document.sequences or not document.log_statements:
        yield Next("telemap heatmap", "how long every handler took, and where it is")
    else:
        yield Next("telemap map --format table", "where in the code the records of the logs come from")


def _read(tree: TreeShape) -> str:
    unchanged = f", {tree.files_unchanged:,} unchanged" if tree.files_unchanged else ""
    mapped = f", {tree.files_from_maps:,} from source maps" if tree.files_from_maps else ""
    commit = f", at commit {tree.head_commit_id[:HASH_DIGITS]}" if tree.head_commit_id else ""
    changes = " with changes" if tree.is_dirty else ""
    return f"{tree.root}: {counted(tree.files_read, 'file')} read{unchanged}{mapped}{commit}{changes}"


def _links(document: Indexed) -> Iterator[str]:
    if document.declared_handlers:
        uncertain = f", {document.uncertain_handlers:,} of them uncertainly" if document.uncertain_handlers else ""
        yield f"linked: {counted(document.linked_handlers, 'declared handler')}{uncertain}"
    if document.seen_handlers:
        yield f"linked by name: {counted(document.seen_handlers, 'handler')} seen running that no sequence declares"


def _warn(problems: Sequence[ProblemShape]) -> None:
    for problem in problems[:MOST_SHOWN]:
        place = f"{problem.file_path}:{problem.line_number}"
        warn(f"{problem.summary}\n  reason: {problem.reason}\n  --> {place}\n  help: {problem.help}")
    if len(problems) > MOST_SHOWN:
        warn(f"{len(problems) - MOST_SHOWN} more problems; --format json lists all")
