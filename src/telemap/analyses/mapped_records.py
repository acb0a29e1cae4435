"""For each record the places in code that it can have come from."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence
from functools import lru_cache, partial
from typing import TYPE_CHECKING, Any

from telemap.analyses.executions import LINES_A_SORT, ROWS_A_FETCH, windows
from telemap.analyses.registry import statement
from telemap.errors import TelemapError
from telemap.mapping.builds import BuildLocator, moves
from telemap.mapping.logged import Logged
from telemap.mapping.records import Candidate, Origins, RecordLocator, Value
from telemap.model.documents import Code, Shape
from telemap.model.identity import MadeOnce
from telemap.store.indexed import build_code, bundle_maps, code_index, log_statements, logger_names
from telemap.store.store import Store

if TYPE_CHECKING:
    import duckdb

LOCATORS_HELD = 4  # each with the log statements of a build
PLACE_LISTS_HELD = 10_000


class Place(Code, frozen=True, kw_only=True):
    """A place in code that a record can have come from."""

    template: str | None


class MappedRecord(Shape, frozen=True):
    """A record and its places, best first, at most five.

    ``attributes`` are the values in its message, by what the code calls them where the first of the places logs it.
    """

    source: str
    line: int
    message: str | None
    candidates: list[Place]
    attributes: Mapping[str, Value]


def record_locator(
    connection: duckdb.DuckDBPyConnection, build: str | None, now: RecordLocator | None = None
) -> RecordLocator | BuildLocator:
    """What tells where records of a build come from: by the code of its commit if that was indexed, else as it is now.

    Args:
        connection: to the store.
        build: ``service.version``; None where it is not known.
        now: that of the code as it is now, if there is one already.
    """
    now = now or present_locator(connection)
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


def unread_builds(store: Store, uris: Collection[str] | None = None) -> dict[str, str]:
    """Builds of records, with the commit that each is of, whose code is another than that which the store knows."""
    with store.connect() as connection:
        sources = connection.execute("SELECT DISTINCT uri, service_version FROM source ORDER BY ALL").fetchall()
        builds = {build: None for uri, build in sources if build and (uris is None or uri in uris)}
        found = ((build, list(build_code(connection, build).missing.values())) for build in builds)
        return {build: commits[0] for build, commits in found if commits}


def mapped_records(store: Store, uris: Collection[str] | None = None) -> Iterator[MappedRecord]:
    """The records of ``store``, of some sources or of all, fetched while they are read: by source, then by line.

    Raises:
        TelemapError: ``no-code``: no code was indexed.
    """
    if not store.has("code_file"):
        raise TelemapError(
            "no-code",
            "the store knows no code that records could come from",
            place=str(store.folder),
            help="telemap index DIR reads it",
        )
    return _mapped(store, uris)


def _mapped(store: Store, uris: Collection[str] | None) -> Iterator[MappedRecord]:
    sql = statement("mapped_records")
    with store.connect() as connection:
        now = present_locator(connection)
        places: MadeOnce[Sequence[Candidate], list[Place]] = MadeOnce(_places, PLACE_LISTS_HELD)
        locator_of = lru_cache(LOCATORS_HELD)(partial(record_locator, connection, now=now))
        sources = connection.execute("SELECT source_id, line_count, uri FROM source ORDER BY uri, source_id").fetchall()
        wanted = [(source_id, lines) for source_id, lines, uri in sources if uris is None or uri in uris]
        for source_ids, first_line, last_line in windows(wanted, LINES_A_SORT):
            window = {"source_ids": source_ids, "first_line": first_line, "last_line": last_line}
            answer = connection.cursor().execute(sql, window)  # while code is fetched for the next build
            while rows := answer.fetchmany(ROWS_A_FETCH):
                for uri, line_number, build, body, *told in rows:
                    found = locator_of(build).locate(_logged(body, *told)) if body is not None else Origins(())
                    ranked = found.ranked
                    # The values are those that the statement logs, which may not be the likeliest place.
                    values = found.attributes if ranked[:1] == found.written[:1] else {}
                    yield MappedRecord(uri, line_number, body, places(ranked), values)


def logged(record: dict[str, Any]) -> Logged:
    """What a row of a record says of where it was written."""
    names = ("body", "logger_name", "severity_text", "printed_location", "attributes")
    return _logged(*(record[name] for name in names))


def _logged(
    body: str | None, logger: str | None, severity: str | None, location: str | None, attributes: dict[str, str] | None
) -> Logged:
    return Logged(body or "", logger or "", severity or "", location or "", attributes or {})


def _places(candidates: Sequence[Candidate]) -> list[Place]:
    return [_place(candidate) for candidate in candidates]


def _place(candidate: Candidate) -> Place:
    return Place.at(candidate.location, template=candidate.template and str(candidate.template))
