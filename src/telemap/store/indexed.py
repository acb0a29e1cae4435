"""The code that a store knows: functions and files, log statements, registrations.

It is the code as it is now, or for roots that ``commits`` names as it was at that commit.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import msgspec

from telemap.code.loggers import LoggerName
from telemap.code.readers import told
from telemap.code.reading import CodeIndex
from telemap.mapping.builds import commits_of
from telemap.mapping.source_maps import BundleMaps
from telemap.model.code import CodeFact, CodeSymbol, LogStatement, Registration
from telemap.store.store import fetch

if TYPE_CHECKING:
    import duckdb

_MEANT = "(list_contains($commits, commit_id) OR commit_id IS NULL AND NOT list_contains($roots, root))"
NO_COMMITS: Mapping[str, str] = {}

# A path as often as there are roots that have such a file.
FILES = f"""
SELECT file_path
FROM stored.code_file
WHERE {_MEANT} AND content_hash IS NOT NULL
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
SYMBOLS = f"""
SELECT * EXCLUDE (commit_id)
FROM stored.code_symbol
WHERE {_MEANT} AND ($names IS NULL OR list_contains($names, name))
ORDER BY file_path, line_number, qualified_name, root
"""

STATEMENTS = f"""
SELECT * EXCLUDE (commit_id)
FROM stored.log_statement
WHERE {_MEANT}
ORDER BY file_path, line_number, root
"""


FACTS = f"""
SELECT file_path, kind, content
FROM stored.code_fact
WHERE {_MEANT} AND kind = $kind
"""

REGISTRATIONS = """
SELECT * EXCLUDE (root, commit_id)
FROM stored.registration
WHERE commit_id IS NULL
ORDER BY file_path, line_number, name
"""


INDEXES = """
SELECT root, commit_id, head_commit_id, is_dirty
FROM stored.code_index
ORDER BY ALL
"""


def code_index(
    connection: duckdb.DuckDBPyConnection, names: list[str] | None = None, commits: Mapping[str, str] = NO_COMMITS
) -> CodeIndex:
    """The functions, only those of some names if they are given, and the paths of all files that were read."""
    files = fetch(connection, FILES, _meant(commits))
    symbols = msgspec.convert(fetch(connection, SYMBOLS, {"names": names, **_meant(commits)}), tuple[CodeSymbol, ...])
    return CodeIndex(symbols, tuple(file["file_path"] for file in files))


def bundle_maps(connection: duckdb.DuckDBPyConnection) -> BundleMaps:
    """The source maps of the bundles beside the code."""
    rows = fetch(connection, MAPPED)
    hashes = {(row["root"], row["file_path"]): row["content_hash"] for row in rows if row["content_hash"]}
    return BundleMaps([(r["root"], r["file_path"]) for r in rows if not r["content_hash"]], hashes)


def registrations(connection: duckdb.DuckDBPyConnection) -> tuple[Registration, ...]:
    """What binds functions to what calls them from outside, as it is now."""
    return msgspec.convert(fetch(connection, REGISTRATIONS), tuple[Registration, ...])


def log_statements(
    connection: duckdb.DuckDBPyConnection, commits: Mapping[str, str] = NO_COMMITS
) -> tuple[LogStatement, ...]:
    """The log statements."""
    return msgspec.convert(fetch(connection, STATEMENTS, _meant(commits)), tuple[LogStatement, ...])


def logger_names(connection: duckdb.DuckDBPyConnection, commits: Mapping[str, str] = NO_COMMITS) -> set[str]:
    """What the code calls its loggers, wherever it makes them."""
    facts = msgspec.convert(fetch(connection, FACTS, {"kind": LoggerName.__name__, **_meant(commits)}), list[CodeFact])
    return {logger.name for logger in told(facts, LoggerName)}


def _meant(commits: Mapping[str, str]) -> dict[str, Any]:
    return {"roots": list(commits), "commits": list(commits.values())}


@dataclass(frozen=True, slots=True)
class BuildCode:
    """The code that a build is of, where that is not the code as it is now: its commits by root.

    Those in ``indexed`` are in the store, those in ``missing`` are not.
    """

    indexed: Mapping[str, str]
    missing: Mapping[str, str]


def build_code(connection: duckdb.DuckDBPyConnection, build: str | None) -> BuildCode:
    """Which commits a build (``service.version``) is of, as far as the checkouts that were indexed know it."""
    indexes = fetch(connection, INDEXES) if build else []
    commits = commits_of(build or "", {row["root"] for row in indexes})
    present = [row for row in indexes if row["commit_id"] is None and not row["is_dirty"]]
    is_now = {(row["root"], row["head_commit_id"]) for row in present}
    other = {root: commit_id for root, commit_id in commits.items() if (root, commit_id) not in is_now}
    there = {(row["root"], row["commit_id"]) for row in indexes}
    indexed = {root: commit_id for root, commit_id in other.items() if (root, commit_id) in there}
    return BuildCode(indexed, {root: commit_id for root, commit_id in other.items() if root not in indexed})
