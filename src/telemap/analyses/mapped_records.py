"""For each record the places in code that it can have come from."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, Any

from telemap.analyses.executions import LINES_A_SORT, ROWS_A_FETCH, windows
from telemap.analyses.registry import statement
from telemap.errors import TelemapError
from telemap.mapping.logged import Logged
from telemap.mapping.neighbours import AROUND, Placed, among_neighbours
from telemap.mapping.records import Candidate, Origins
from telemap.mapping.values import Value
from telemap.model.documents import Code, Shape
from telemap.model.identity import MadeOnce
from telemap.store.indexed import build_code
from telemap.store.locators import Locator, record_locators
from telemap.store.store import Store

if TYPE_CHECKING:
    import duckdb

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
    with store.connect() as connection:
        places: MadeOnce[Sequence[Candidate], list[Place]] = MadeOnce(_places, PLACE_LISTS_HELD)
        for placed in among_neighbours(_located(connection, uris)):
            uri, line_number, body = placed.record
            found, ranked = placed.origins, placed.origins.ranked
            # The values are those that the statement logs, which may not be the likeliest place.
            values = found.attributes if ranked[:1] == found.written[:1] else {}
            yield MappedRecord(uri, line_number, body, places(ranked), values)


def _located(
    connection: duckdb.DuckDBPyConnection, uris: Collection[str] | None
) -> Iterator[Placed[tuple[str, int, str | None]]]:
    """Each record by itself, with its source, line and body."""
    sql, locator_of = statement("mapped_records"), record_locators(connection)
    sources = connection.execute("SELECT source_id, line_count, uri FROM source ORDER BY uri, source_id").fetchall()
    wanted = [(source_id, lines) for source_id, lines, uri in sources if uris is None or uri in uris]
    for source_ids, first_line, last_line in windows(wanted, LINES_A_SORT):
        window = {"source_ids": source_ids, "first_line": first_line, "last_line": last_line}
        answer = connection.cursor().execute(sql, window)  # while code is fetched for the next build
        while rows := answer.fetchmany(ROWS_A_FETCH):
            for source_id, trace_id, uri, line_number, build, body, *told in rows:
                yield Placed(source_id, trace_id, _origins(locator_of(build), body, *told), (uri, line_number, body))


def located_record(connection: duckdb.DuckDBPyConnection, source_id: str, line_number: int) -> Origins:
    """Where the record came from that begins in a line of a source, told by it and by those around it."""
    locator_of = record_locators(connection)
    window = {"source_id": source_id, "line_number": line_number, "around": AROUND}
    rows = connection.execute(statement("neighbouring_records"), window).fetchall()
    placed = (
        Placed(source_id, trace_id, _origins(locator_of(build), body, *told), number)
        for number, trace_id, build, body, *told in rows
    )
    return next(found.origins for found in among_neighbours(placed) if found.record == line_number)


def _origins(locator: Locator, body: str | None, *told: Any) -> Origins:
    return Origins(()) if body is None else locator.locate(_logged(body, *told))


def _logged(
    body: str, logger: str | None, severity: str | None, location: str | None, attributes: dict[str, str] | None
) -> Logged:
    return Logged(body, logger or "", severity or "", location or "", attributes or {})


def _places(candidates: Sequence[Candidate]) -> list[Place]:
    return [_place(candidate) for candidate in candidates]


def _place(candidate: Candidate) -> Place:
    return Place.at(candidate.location, template=candidate.template and str(candidate.template))
