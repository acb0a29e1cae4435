"""What tells where the records of a store come from."""

from __future__ import annotations

from collections.abc import Callable
from functools import lru_cache
from typing import TYPE_CHECKING

from telemap.mapping.builds import BuildLocator, moves
from telemap.mapping.records import RecordLocator
from telemap.store.indexed import build_code, bundle_maps, code_index, log_statements, logger_names

if TYPE_CHECKING:
    import duckdb


LOCATORS_HELD = 4  # each with the log statements of a build

Locator = RecordLocator | BuildLocator


def record_locators(connection: duckdb.DuckDBPyConnection) -> Callable[[str | None], Locator]:
    """What tells by a build (``service.version``, None where it is not known) where its records come from.

    That is the code of its commit if that was indexed, else the code as it is now.
    """
    now = present_locator(connection)
    return lru_cache(LOCATORS_HELD)(lambda build: _of_build(connection, build, now))


def _of_build(connection: duckdb.DuckDBPyConnection, build: str | None, now: RecordLocator) -> Locator:
    commits = build_code(connection, build).indexed
    if not commits:
        return now
    statements, names = log_statements(connection, commits), logger_names(connection, commits)
    then = RecordLocator(statements, code_index(connection, commits=commits), names)
    return BuildLocator(then, now, moves(commits))


def present_locator(connection: duckdb.DuckDBPyConnection) -> RecordLocator:
    """What tells where records come from, by the code as it is now."""
    statements, names = log_statements(connection), logger_names(connection)
    return RecordLocator(statements, code_index(connection), names, bundle_maps(connection))
