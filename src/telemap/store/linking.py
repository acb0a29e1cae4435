"""The links from handlers, declared or seen in telemetry, to their functions."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from dataclasses import asdict, replace
from typing import TYPE_CHECKING

from telemap.code.reading import CodeIndex
from telemap.mapping.code_attributes import CODE_ATTRIBUTES
from telemap.mapping.handlers import locate_function
from telemap.mapping.routes import RouteIndex
from telemap.store.indexed import code_index, registrations
from telemap.store.store import Row, Store, fetch, table_of

if TYPE_CHECKING:
    import duckdb

# A handler that ran in a sequence which does not declare it is known by name only, so its link has no sequence.
SEEN_ONLY = """
WITH seen AS (
    SELECT DISTINCT handler, sequence_id, coalesce(handler_sequence, sequence_name) AS sequence_name
    FROM span
    WHERE handler IS NOT NULL
)
SELECT DISTINCT s.handler
FROM seen AS s
LEFT JOIN declared_step AS d
    ON s.handler = d.handler AND (s.sequence_id = d.sequence_id OR s.sequence_name = d.sequence_name)
WHERE d.handler IS NULL
ORDER BY s.handler
"""

DECLARED = """
SELECT sequence_id, handler, handlers_path, file_path, kind
FROM stored.declared_step
WHERE handler IS NOT NULL
QUALIFY row_number() OVER (PARTITION BY sequence_id, handler ORDER BY step_number) = 1
ORDER BY sequence_id, handler
"""


# Spans of traces that differ in their times only, with the attributes of one of them.
TRACED = """
SELECT
    service_name, name, span_kind, attributes['http.route'] AS http_route,
    coalesce(attributes['http.request.method'], attributes['http.method']) AS http_method,
    arg_min(attributes, start_time_unix_nano) AS attributes
FROM stored.span
WHERE kind = 'span' AND name IS NOT NULL
GROUP BY ALL
ORDER BY count(*) DESC, service_name, name, span_kind, http_route, http_method
LIMIT 50000
"""


def link_code(store: Store) -> None:
    """Link what the telemetry names, handlers and operations, to the functions that the store knows.

    Done anew after every ingest and every index, so that neither has to come first.
    """
    with store.connect() as connection:
        if not fetch(connection, "SELECT 1 FROM stored.code_file UNION ALL SELECT 1 FROM stored.code_link LIMIT 1"):
            return
        handlers = [*fetch(connection, DECLARED), *fetch(connection, SEEN_ONLY)]
        index = code_index(connection, list({handler["handler"].rpartition(".")[2] for handler in handlers}))
        rows = [row for handler in handlers for row in _links(handler, index)]
        operations = fetch(connection, TRACED)
        found = list(_operations(operations, connection)) if operations else []
    store.replace("code_link", table_of("code_link", rows))
    if found or store.has("span_link"):
        store.replace("span_link", table_of("span_link", found))


def _links(handler: Row, index: CodeIndex) -> Iterator[Row]:
    candidates = locate_function(
        handler["handler"],
        handler.get("handlers_path"),
        index,
        declared_in=handler.get("file_path"),
        kind=handler.get("kind"),
        evidence="definition" if "sequence_id" in handler else "attribute",
    )
    for rank, candidate in enumerate(candidates, start=1):
        yield {
            "sequence_id": handler.get("sequence_id"),
            "handler": handler["handler"],
            "rank": rank,
            **{f"code_{name}": value for name, value in asdict(candidate).items()},
        }


def _operations(operations: list[Row], connection: duckdb.DuckDBPyConnection) -> Iterator[Row]:
    """A row for each operation of traces that the code registers a function for.

    The code is that of one of the services that have an operation in common; nothing says of which.
    """
    routes = RouteIndex(registrations(connection), code_index(connection))
    keys = ("name", "span_kind", "http_route", "http_method")
    services = Counter(tuple(operation[key] for key in keys) for operation in operations)
    for operation in operations:
        attributes = {name: value for name, value in operation["attributes"].items() if name not in CODE_ATTRIBUTES}
        for place in routes.locate(operation["name"], operation["span_kind"] or "", attributes)[:1]:
            sharing = services[tuple(operation[key] for key in keys)]
            confidence = round(place.confidence / sharing, 3)
            reason = "registered for it" + (f", as in {sharing} services that were traced" if sharing > 1 else "")
            link = asdict(replace(place, confidence=confidence, reason=reason))
            yield operation | {f"code_{name}": value for name, value in link.items()}
