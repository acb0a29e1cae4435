"""Every execution that was seen, flat."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from typing import Any, Literal

from telemap.analyses.registry import statement
from telemap.errors import TelemapError
from telemap.model.documents import Code, Shape, iso_time, milliseconds
from telemap.model.telemetry import SpanKind
from telemap.store.store import Store

KINDS = tuple(kind.name.lower() for kind in SpanKind)
ROWS_A_FETCH = 10_000
LINES_A_SORT = 1_000_000  # so that memory stays the same however large a source is


class Execution(Shape, frozen=True):
    """One span; what is not known is None."""

    span_id: str
    parent_span_id: str | None
    trace_id: str
    kind: str
    name: str | None
    sequence_id: str | None
    sequence_name: str | None
    movement: str | None
    beat: int | None
    event: str | None
    handler: str | None
    plugin: str | None
    request_id: str | None
    start_time: str | None
    end_time: str | None
    duration_ms: float | None
    duration_from: Literal["reported", "difference"] | None
    status: str
    status_message: str | None
    source: str
    line_start: int
    line_end: int
    build: str | None
    code: Code | None


def executions(store: Store, kinds: Sequence[str] = KINDS) -> Iterator[Execution]:
    """The executions of ``store``, fetched while they are read: by source, then by line.

    Raises:
        TelemapError: ``no-kind``: one of ``kinds`` does not exist.
    """
    unknown = [kind for kind in kinds if kind not in KINDS]
    if unknown:
        choice = ", ".join(KINDS)
        raise TelemapError("no-kind", f"no execution is of the kind '{unknown[0]}'", help=f"choose among {choice}")
    return _fetched(store, kinds)


def _fetched(store: Store, kinds: Sequence[str]) -> Iterator[Execution]:
    sql = statement("executions")
    with store.connect() as connection:
        sources = connection.execute("SELECT source_id, line_count FROM source ORDER BY uri, source_id").fetchall()
        for source_ids, first_line, last_line in windows(sources, LINES_A_SORT):
            parameters = {
                "kinds": list(kinds),
                "source_ids": source_ids,
                "first_line": first_line,
                "last_line": last_line,
            }
            answer = connection.execute(sql, parameters)
            while rows := answer.fetchmany(ROWS_A_FETCH):
                yield from map(_execution, rows)


def windows(sources: Iterable[tuple[str, int]], size: int) -> Iterator[tuple[list[str], int, int]]:
    """Sources, and the lines of each, that are worth one question: small ones together, large ones in parts.

    Args:
        sources: ids with their number of lines.
        size: lines that a question is to be about, at most.
    """
    together: list[str] = []
    lines = 0
    for source_id, line_count in sources:
        if together and lines + line_count > size:
            yield together, 1, size
            together, lines = [], 0
        if line_count <= size:
            together.append(source_id)
            lines += line_count
        else:
            yield from (([source_id], first, first + size - 1) for first in range(1, line_count + 1, size))
    if together:
        yield together, 1, size


def _execution(row: tuple[Any, ...]) -> Execution:
    """The execution in a row of ``executions.sql``; most of its columns are fields as they stand."""
    names, (start, end, duration, is_reported), ending, code = row[:13], row[13:17], row[17:23], row[23:]
    fields: list[Any] = [
        *names,
        None if start is None else iso_time(start),
        None if end is None else iso_time(end),
        None if duration is None else milliseconds(duration),
        None if duration is None else "reported" if is_reported else "difference",
        *ending,
        None if code[0] is None else Code(*code),
    ]
    return Execution(*fields)
