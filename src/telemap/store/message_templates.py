"""Which templates the messages of a store are of: found out when somebody asks, once for each shape of message.

Records whose messages differ only in digits, and which say the same of where they were written, are of one template;
but for shapes of which the digits decide. What is found joins back to all records in the view ``record``.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from hashlib import md5
from importlib.resources import files
from typing import TYPE_CHECKING, Any

from telemap.mapping.logged import HINT_NAMES, Logged
from telemap.store.indexed import build_code
from telemap.store.locators import Locator, record_locators

if TYPE_CHECKING:
    import duckdb

ROWS_A_FETCH = 10_000

TABLES = (
    "stored.source_build (source_id VARCHAR, build VARCHAR)",
    "stored.message_template (message_key VARCHAR, template_id VARCHAR, template VARCHAR)",
    "stored.told_by_digits (message_key VARCHAR)",
)


def find_templates(connection: duckdb.DuckDBPyConnection) -> None:
    """Make the templates of all messages known to a connection: ``record`` then has them."""
    if not connection.execute("SELECT count(*) FROM stored.log_statement").fetchall()[0][0]:
        return
    connection.execute(_statement("message_key").replace("$hint_names", str(sorted(HINT_NAMES))))
    for table in TABLES:
        connection.execute(f"CREATE TABLE {table}")
    _note_builds(connection)
    locator_of = record_locators(connection)
    for is_shape in (True, False):
        for rows in _fetched(connection, is_shape):
            found, others = _found(rows, locator_of, is_shape)
            _insert(connection, "stored.message_template", ("message_key", "template_id", "template"), found)
            _insert(connection, "stored.told_by_digits", ("message_key",), others)
    connection.execute(_statement("record"))


def template_id(template: str) -> str:
    """The id of a template by its text, as the view ``log_statement`` has it."""
    return md5(template.encode(errors="replace"), usedforsecurity=False).hexdigest()[:16]


def _note_builds(connection: duckdb.DuckDBPyConnection) -> None:
    """Note which sources are of a build that has code of its own."""
    builds = connection.execute("SELECT DISTINCT service_version FROM source WHERE service_version IS NOT NULL")
    known = [build for (build,) in builds.fetchall() if build_code(connection, build).indexed]
    noted = "INSERT INTO stored.source_build SELECT source_id, service_version FROM source"
    connection.execute(f"{noted} WHERE list_contains($known, service_version)", {"known": known})


def _statement(name: str) -> str:
    return files("telemap.store").joinpath("templated", f"{name}.sql").read_text(encoding="utf-8")


def _fetched(connection: duckdb.DuckDBPyConnection, is_shape: bool) -> Iterator[list[tuple[Any, ...]]]:
    answer = connection.cursor().execute(_statement("keyed_messages"), {"is_shape": is_shape})
    while rows := answer.fetchmany(ROWS_A_FETCH):
        yield rows


def _found(
    rows: list[tuple[Any, ...]], locator_of: Callable[[str | None], Locator], is_shape: bool
) -> tuple[list[tuple[str, str, str | None]], list[tuple[str]]]:
    """Of what is known by its key the template, and the keys of shapes that do not tell one."""
    found: list[tuple[str, str, str | None]] = []
    others: list[tuple[str]] = []
    for key, build, body, logger, severity, location, attributes in rows:
        logged = Logged(body, logger or "", severity or "", location or "", attributes or {})
        one, is_same = locator_of(build).message_template(logged)
        if is_shape and not is_same:
            others.append((key,))
        elif one is not None:
            found.append((key, template_id(str(one.template)), one.encoded()))
    return found, others


def _insert(connection: duckdb.DuckDBPyConnection, table: str, names: tuple[str, ...], rows: list[Any]) -> None:
    import pyarrow as pa

    if rows:
        arriving = pa.table(dict(zip(names, map(pa.array, zip(*rows, strict=True)), strict=True)))
        connection.register("arriving", arriving)
        connection.execute(f"INSERT INTO {table} SELECT * FROM arriving")
        connection.unregister("arriving")
