"""The links from handlers, declared or seen in telemetry, to their functions."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import asdict

from telemap.code.reading import CodeIndex
from telemap.mapping.handlers import locate_function
from telemap.store.indexed import code_index
from telemap.store.store import Row, Store, fetch, table_of

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


def link_handlers(store: Store) -> None:
    """Link every handler, declared or only seen in telemetry, to the functions that the store knows.

    Done anew after every ingest and every index, so that neither has to come first.
    """
    with store.connect() as connection:
        if not fetch(connection, "SELECT 1 FROM stored.code_file UNION ALL SELECT 1 FROM stored.code_link LIMIT 1"):
            return
        handlers = [*fetch(connection, DECLARED), *fetch(connection, SEEN_ONLY)]
        index = code_index(connection, list({handler["handler"].rpartition(".")[2] for handler in handlers}))
    rows = [row for handler in handlers for row in _links(handler, index)]
    store.replace("code_link", table_of("code_link", rows))


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
