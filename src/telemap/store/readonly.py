"""Questions that people put to a store in SQL: answered, and kept from doing anything else."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING, Any

from telemap.errors import TelemapError
from telemap.store.store import Store, view_statements

if TYPE_CHECKING:
    import duckdb

ROWS_A_FETCH = 10_000

# What DuckDB calls the parts of a statement that only read; a common table expression can also INSERT, DELETE or COPY.
READING_NODES = frozenset({"SELECT_NODE", "SET_OPERATION_NODE", "RECURSIVE_CTE_NODE", "CTE_NODE"})

# What can show columns of records that come of it, in a tree in lower case: their names, or all columns.
TEMPLATED = re.compile(r'"(?:template_id|attributes)"|"class":"(?:star|positional_reference)"|"column_name_alias":\["')
# ORDER BY ALL is of the columns that are shown anyway.
ORDERED_BY_ALL = re.compile(r'"null_order":"\w*","expression":\{"class":"star"[^{}]*"columns":true,"expr":null')
READ = re.compile(r'"table_name":"(record|unparsed)"')

DOCUMENTED = re.compile(r"^CREATE VIEW \w+ ", re.MULTILINE)

HELP = "telemap query --schema lists the views and their columns"


@dataclass(frozen=True, slots=True)
class ColumnType:
    """A column by name, with its SQL type."""

    name: str
    type: str


@dataclass(frozen=True, slots=True)
class View:
    """A documented view: what a row of it is, and its columns."""

    name: str
    description: str
    columns: tuple[ColumnType, ...]


@dataclass(frozen=True, slots=True)
class Rows:
    """The answer to a question; ``rows`` are fetched while they are read."""

    columns: tuple[ColumnType, ...]
    rows: Iterator[tuple[Any, ...]]


def query(store: Store, sql: str) -> Rows:
    """The answer of ``store`` to one SELECT statement, or all of the view that ``sql`` names.

    Times with a zone come as text in UTC. No file but the store's own can be read, and none written.

    Raises:
        TelemapError: ``bad-query``: several statements, one that does more than read, or one that DuckDB refuses.
    """
    import duckdb

    connection = store.connect()
    statement = f"FROM {sql.strip()}" if re.fullmatch(r"\s*\w+\s*", sql) else sql
    try:
        tree = _parsed(connection, statement)
        _lock(connection, store.folder)
        if _asks_for_templates(tree):
            from telemap.store.message_templates import find_templates

            find_templates(connection)
        relation = connection.sql(statement)
        columns = tuple(map(ColumnType, relation.columns, map(str, relation.types)))
        answer = connection.execute(_without_zones(statement, columns))
        return Rows(columns, _fetched(answer, answer.fetchmany(ROWS_A_FETCH)))
    except duckdb.Error as error:
        raise _refused(str(error)) from error


def _fetched(answer: duckdb.DuckDBPyConnection, rows: list[tuple[Any, ...]]) -> Iterator[tuple[Any, ...]]:
    while rows:
        yield from rows
        rows = answer.fetchmany(ROWS_A_FETCH)


def _parsed(connection: duckdb.DuckDBPyConnection, statement: str) -> str:
    """One statement that only reads, as a tree in JSON."""
    found = connection.execute("SELECT json_serialize_sql($1::VARCHAR)", [statement]).fetchone()
    assert found is not None
    tree = json.loads(found[0])
    if tree["error"]:
        is_other = tree["error_type"] == "not implemented"
        raise _refused("only what reads, such as SELECT, is answered" if is_other else tree["error_message"])
    if len(tree["statements"]) != 1:
        raise _refused(f"{len(tree['statements'])} statements; ask one at a time")
    nodes = set(re.findall(r'"type":"(\w+_NODE)"', found[0]))
    if nodes - READING_NODES:
        raise _refused("only what reads, such as SELECT, is answered")
    return str(found[0])


def _asks_for_templates(tree: str) -> bool:
    """Whether a statement can show what only the templates of messages tell: it takes long where records are many."""
    tree = ORDERED_BY_ALL.sub("", tree.lower())
    if '"function_name":"query' in tree:  # query_table('record')
        return True
    if not (tables := READ.findall(tree)):
        return False
    rows = {*tables, *re.findall(r'"type":"base_table","alias":"([^"]*)"', tree)}  # a table for a column is its rows
    columns = re.findall(r'"column_names":\[[^]]*"([^"]*)"\]', tree)
    return not rows.isdisjoint(columns) or TEMPLATED.search(tree) is not None


def _lock(connection: duckdb.DuckDBPyConnection, folder: Path) -> None:
    folders = ", ".join("'" + str(path).replace("'", "''") + "'" for path in {folder.absolute(), folder.resolve()})
    for setting in (
        "TimeZone = 'UTC'",
        "python_enable_replacements = false",
        f"allowed_directories = [{folders}]",
        "enable_external_access = false",
        "lock_configuration = true",
    ):
        connection.execute(f"SET {setting}")


def _without_zones(statement: str, columns: tuple[ColumnType, ...]) -> str:
    # Fetching a time with a zone needs a package that is not among ours.
    zoned = ['"' + c.name.replace('"', '""') + '"' for c in columns if c.type == "TIMESTAMP WITH TIME ZONE"]
    if not zoned:
        return statement
    texts = ", ".join(f"strftime({name}, '%Y-%m-%dT%H:%M:%S.%fZ') AS {name}" for name in zoned)
    return f"SELECT * REPLACE ({texts}) FROM ({statement.rstrip().rstrip(';')}\n)"


def _refused(reason: str) -> TelemapError:
    paragraph, *_ = reason.strip().split("\n\n")  # what follows points into the statement, at a width of its own
    return TelemapError("bad-query", "this cannot be asked", reason=" ".join(paragraph.split()), help=HELP)


def documented_views() -> list[View]:
    """The views that questions are put to, by name, each with the comment at the head of its file."""
    with TemporaryDirectory() as folder, Store(Path(folder), create=True).connect() as connection:
        return sorted(
            (_view(connection, text) for text in view_statements() if DOCUMENTED.search(text)),
            key=lambda view: view.name,
        )


def _view(connection: duckdb.DuckDBPyConnection, statement: str) -> View:
    found = re.search(r"^CREATE VIEW (\w+)", statement, re.MULTILINE)
    assert found is not None
    comment = [line.removeprefix("--").strip() for line in statement[: found.start()].splitlines()]
    columns = connection.execute(f"DESCRIBE {found[1]}").fetchall()
    return View(found[1], " ".join(comment), tuple(ColumnType(name, kind) for name, kind, *_ in columns))
