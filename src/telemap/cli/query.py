"""``telemap query``: SQL on the store, read-only."""

from collections.abc import Iterable, Iterator
from typing import Annotated, Any

import typer

from telemap.analyses.findings import add_findings
from telemap.cli.options import Form, FormOption, OutputOption, StoreOption, answer, open_store
from telemap.errors import TelemapError
from telemap.model.documents import Document, Shape
from telemap.reports.blocks import Block, Column, Kind, Table, Text, Title
from telemap.store.readonly import Rows, View, documented_views
from telemap.store.readonly import query as ask

EXAMPLE = 'telemap query "SELECT kind, count(*) AS spans FROM span GROUP BY kind ORDER BY kind"'


class ColumnShape(Shape, frozen=True):
    """A column and its SQL type."""

    name: str
    type: str


class Answer(Document, frozen=True, kw_only=True):
    """The answer to a question; rows have the names of the columns as keys."""

    columns: list[ColumnShape]
    rows: list[dict[str, Any]]


class ViewShape(Shape, frozen=True):
    """A view that questions are put to."""

    name: str
    description: str
    columns: list[ColumnShape]


class Schema(Document, frozen=True, kw_only=True):
    """All views that questions are put to."""

    views: list[ViewShape]


def query(
    sql: Annotated[
        str | None, typer.Argument(metavar="SQL", help="One SELECT statement, or the name of a view.")
    ] = None,
    schema: Annotated[bool, typer.Option("--schema", help="List the views and their columns instead.")] = False,
    db: StoreOption = None,
    form: FormOption = Form.TABLE,
    output: OutputOption = "-",
) -> None:
    """Read-only SQL on the store."""
    if schema:
        views = documented_views()
        answer(Schema(views=[_shape(view) for view in views]), _schema_blocks(views), form, output)
    elif sql is None:
        raise TelemapError("no-question", "there is no SQL to answer", help=EXAMPLE)
    else:
        rows = ask(open_store(db), sql, {"finding": add_findings})
        answer(_document(rows) if form is Form.JSON else None, [_table(rows)], form, output)


def _columns(view: View | Rows) -> list[ColumnShape]:
    return [ColumnShape(column.name, column.type) for column in view.columns]


def _document(rows: Rows) -> Answer:
    names = [column.name for column in rows.columns]
    return Answer(columns=_columns(rows), rows=[dict(zip(names, row, strict=True)) for row in rows.rows])


def _table(rows: Rows) -> Table:
    kinds = (Kind.NUMBER if _is_number(column.type) else Kind.TEXT for column in rows.columns)
    return Table(
        tuple(Column(c.name, c.name, kind) for c, kind in zip(rows.columns, kinds, strict=True)),
        rows.rows,
        keeps_empty=True,
    )


def _is_number(sql_type: str) -> bool:
    return sql_type.endswith("INT") or sql_type.startswith(("INT", "DOUBLE", "FLOAT", "DECIMAL"))


def _shape(view: View) -> ViewShape:
    return ViewShape(view.name, view.description, _columns(view))


def _schema_blocks(views: Iterable[View]) -> Iterator[Block]:
    headings = (Column("", "view"), Column("column", "column"), Column("type", "type"))
    for view in views:
        yield Title(view.name)
        yield Text(view.description)
        yield Table(headings, [(view.name, column.name, column.type) for column in view.columns])
