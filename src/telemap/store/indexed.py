"""The code that a store knows, as it is now: functions and files, log statements, registrations."""

from __future__ import annotations

from typing import TYPE_CHECKING

import msgspec

from telemap.code.reading import CodeIndex
from telemap.model.code import CodeSymbol, LogStatement, Registration
from telemap.store.store import fetch

if TYPE_CHECKING:
    import duckdb

# A path as often as there are roots that have such a file.
FILES = """
SELECT file_path
FROM stored.code_file
WHERE commit_id IS NULL AND content_hash IS NOT NULL
ORDER BY file_path
"""

# Of the functions of these names, or of all.
SYMBOLS = """
SELECT * EXCLUDE (commit_id)
FROM stored.code_symbol
WHERE commit_id IS NULL AND ($names IS NULL OR list_contains($names, name))
ORDER BY file_path, line_number, qualified_name, root
"""

STATEMENTS = """
SELECT * EXCLUDE (commit_id)
FROM stored.log_statement
WHERE commit_id IS NULL
ORDER BY file_path, line_number, root
"""


REGISTRATIONS = """
SELECT * EXCLUDE (root, commit_id)
FROM stored.registration
WHERE commit_id IS NULL
ORDER BY file_path, line_number, name
"""


def code_index(connection: duckdb.DuckDBPyConnection, names: list[str] | None = None) -> CodeIndex:
    """The functions, only those of some names if they are given, and the paths of all files that were read."""
    files = fetch(connection, FILES)
    symbols = msgspec.convert(fetch(connection, SYMBOLS, {"names": names}), tuple[CodeSymbol, ...])
    return CodeIndex(symbols, tuple(file["file_path"] for file in files))


def registrations(connection: duckdb.DuckDBPyConnection) -> tuple[Registration, ...]:
    """What binds functions to what calls them from outside."""
    return msgspec.convert(fetch(connection, REGISTRATIONS), tuple[Registration, ...])


def log_statements(connection: duckdb.DuckDBPyConnection) -> tuple[LogStatement, ...]:
    """The log statements."""
    return msgspec.convert(fetch(connection, STATEMENTS), tuple[LogStatement, ...])
