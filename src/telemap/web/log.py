"""Pages of a log: the records as they were written, a hundred lines a page."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from importlib import resources
from typing import Annotated

from telemap.model.documents import Document, Shape, iso_time
from telemap.store.store import Store
from telemap.web.resources import Context, Resource

PAGE_LINES = 100
MOST_ARCHIVED_BYTES = 6_000_000

# What people come from: examples of failures first, then the executions that took longest.
ASKED_FOR = f"""
SELECT uri, page FROM (
    SELECT s.uri, (t.first_line - 1) // {PAGE_LINES} AS page, t.status = 'error' AS failed, t.duration_ns
    FROM told_span AS t JOIN source AS s USING (source_id)
    WHERE t.first_line IS NOT NULL
)
GROUP BY ALL
ORDER BY bool_or(failed) DESC, max(duration_ns) DESC NULLS LAST, uri, page
LIMIT 5000
"""


@dataclass(frozen=True, slots=True)
class Params:
    """Which lines."""

    source: Annotated[str, "the log, as it was given"]
    page: Annotated[int, f"which {PAGE_LINES} lines of it: 0 begins with line 1"] = 0


class Record(Shape, frozen=True):
    """A record; ``text`` is None where texts are not stored."""

    line: int
    time: str | None
    severity: str | None
    event: str | None
    span_id: str | None
    text: str | None
    unparsed_reason: str | None


class LogPage(Document, frozen=True, kw_only=True):
    """The records that begin in these lines."""

    source: str
    first_line: int
    last_line: int
    records: list[Record]


def run(context: Context, params: Params) -> LogPage:
    """The records of a page of a log, in their order; none where the store has none."""
    first = params.page * PAGE_LINES + 1
    last = first + PAGE_LINES - 1
    rows = context.store.rows(
        resources.files("telemap.web").joinpath("log.sql").read_text(encoding="utf-8"),
        {"uri": params.source, "first": first, "last": last},
    )
    return LogPage(
        source=params.source,
        first_line=first,
        last_line=last,
        records=[
            Record(
                line=row["line_number"],
                time=None if row["time_unix_nano"] is None else iso_time(row["time_unix_nano"]),
                severity=row["severity_text"],
                event=row["event_name"],
                span_id=row["span_id"],
                text=row["body"],
                unparsed_reason=row["unparsed_reason"],
            )
            for row in rows
        ],
    )


def archived(store: Store) -> Iterator[Params]:
    """The pages that executions begin in, failed and long ones first."""
    yield from (Params(row["uri"], row["page"]) for row in store.rows(ASKED_FOR))


RESOURCE = Resource(
    "log",
    "The records of a log as they were written",
    Params,
    run,
    LogPage,
    archived,
    MOST_ARCHIVED_BYTES,
    only_looks=True,
)
