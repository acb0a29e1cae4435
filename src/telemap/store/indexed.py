"""The code that a store knows, as it is now: functions and files, log statements, registrations."""

from __future__ import annotations

from typing import TYPE_CHECKING

import msgspec

from telemap.code.reading import CodeIndex
from telemap.mapping.source_maps import BundleMaps
from telemap.model.code import CodeSymbol, LogStatement, Registration
from telemap.store.store import fetch

if TYPE_CHECKING:
    import duckdb

FILES = """
SELECT DISTINCT file_path
FROM stored.code_file
WHERE commit_id IS NULL AND content_hash IS NOT NULL
ORDER BY file_path
"""

# Maps are no source files, so they have no language.
MAPPED = """
SELECT root, file_path, content_hash
FROM stored.code_file
WHERE commit_id IS NULL AND (content_hash IS NOT NULL OR (language IS NULL AND ends_with(file_path, '.map')))
ORDER BY root, file_path
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


def bundle_maps(connection: duckdb.DuckDBPyConnection) -> BundleMaps:
    """The source maps of the bundles beside the code."""
    rows = fetch(connection, MAPPED)
    hashes = {(row["root"], row["file_path"]): row["content_hash"] for row in rows if row["content_hash"]}
    return BundleMaps([(r["root"], r["file_path"]) for r in rows if not r["content_hash"]], hashes)


def registrations(connection: duckdb.DuckDBPyConnection) -> tuple[Registration, ...]:
    """What binds functions to what calls them from outside."""
    return msgspec.convert(fetch(connection, REGISTRATIONS), tuple[Registration, ...])


def log_statements(connection: duckdb.DuckDBPyConnection) -> tuple[LogStatement, ...]:
    """The log statements."""
    return msgspec.convert(fetch(connection, STATEMENTS), tuple[LogStatement, ...])
