"""For each record the places in code that it can have come from."""

from __future__ import annotations

from collections.abc import Collection, Iterator
from typing import TYPE_CHECKING, Any

from telemap.analyses.executions import LINES_A_SORT, ROWS_A_FETCH, windows
from telemap.analyses.registry import statement
from telemap.errors import TelemapError
from telemap.mapping.records import Candidate, Logged, RecordLocator
from telemap.model.documents import Shape
from telemap.store.indexed import code_index, log_statements
from telemap.store.store import Store

if TYPE_CHECKING:
    import duckdb


class Place(Shape, frozen=True):
    """A place in code that a record can have come from."""

    file_path: str
    line_number: int
    function_name: str
    confidence: float
    evidence: str
    template: str | None


class MappedRecord(Shape, frozen=True):
    """A record and its places, best first, at most five."""

    source: str
    line: int
    message: str | None
    candidates: list[Place]


def record_locator(connection: duckdb.DuckDBPyConnection) -> RecordLocator:
    """What tells where records come from, by the code as it was indexed last."""
    return RecordLocator(log_statements(connection), code_index(connection))


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
        locator = record_locator(connection)
        sources = connection.execute("SELECT source_id, line_count, uri FROM source ORDER BY uri, source_id").fetchall()
        wanted = [(source_id, lines) for source_id, lines, uri in sources if uris is None or uri in uris]
        for source_ids, first_line, last_line in windows(wanted, LINES_A_SORT):
            answer = connection.execute(
                sql, {"source_ids": source_ids, "first_line": first_line, "last_line": last_line}
            )
            while rows := answer.fetchmany(ROWS_A_FETCH):
                for uri, line_number, body, *told in rows:
                    candidates = locator.locate(_logged(body, *told)).ranked if body is not None else ()
                    yield MappedRecord(uri, line_number, body, list(map(_place, candidates)))


def logged(record: dict[str, Any]) -> Logged:
    """What a row of a record says of where it was written."""
    names = ("body", "logger_name", "severity_text", "printed_location", "attributes")
    return _logged(*(record[name] for name in names))


def _logged(
    body: str | None, logger: str | None, severity: str | None, location: str | None, attributes: dict[str, str] | None
) -> Logged:
    return Logged(body or "", logger or "", severity or "", location or "", attributes or {})


def _place(candidate: Candidate) -> Place:
    location = candidate.location
    return Place(
        location.file_path,
        location.line_number,
        location.function_name,
        location.confidence,
        location.evidence,
        candidate.template,
    )
