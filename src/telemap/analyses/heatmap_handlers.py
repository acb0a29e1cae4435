"""Handlers as the heatmap tells them apart, with the numbers of their runs; for the closer looks at it."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from telemap.analyses.graph_nodes import Handler, ran
from telemap.analyses.handler_runs import Wanted, gather
from telemap.errors import TelemapError
from telemap.model.documents import Code, Shape, nanoseconds
from telemap.model.telemetry import Nanoseconds
from telemap.store.store import Row, fetch

if TYPE_CHECKING:
    import duckdb

SOURCES = "SELECT hash(source_id) AS log_key, uri FROM source ORDER BY uri"
PLUGINS = "SELECT sequence_id, min(plugin) AS plugin FROM declared_step GROUP BY sequence_id"
WHOLE = """
SELECT min(start_time_unix_nano) AS first_time, max(start_time_unix_nano) AS last_time, count(*) AS runs
FROM stored.handler_run
"""
BUILDS = """
SELECT service_version AS build, min(start_time_unix_nano) AS first_time_unix_nano
FROM told_span
WHERE service_version IS NOT NULL AND start_time_unix_nano IS NOT NULL
GROUP BY service_version
ORDER BY first_time_unix_nano, build
"""


class HandlerName(Shape, frozen=True):
    """What a handler of the heatmap is known by."""

    name: str
    plugin: str | None
    service: str | None
    code: Code | None


@dataclass(frozen=True, slots=True)
class Gathered:
    """The runs that are looked at, which the connection's view ``stored.handler_run`` has, and whose they are."""

    names: Sequence[HandlerName]
    keys: Sequence[tuple[int, int]]
    first: Nanoseconds | None
    last: Nanoseconds | None

    def meant(self, kept: Iterable[int]) -> dict[str, list[int]]:
        """The parameters of a statement about some of the handlers, which get their places in ``kept`` as numbers."""
        places = {one: place for place, one in enumerate(kept)}
        pairs = [(key, places[one]) for key, one in self.keys if one in places]
        return {"keys": [key for key, _ in pairs], "handlers": [place for _, place in pairs]}


def gathered(connection: duckdb.DuckDBPyConnection, wanted: Wanted, columns: str) -> Gathered:
    """The runs that are wanted, and their handlers."""
    rows = gather(connection, wanted, columns)
    declared = {row["sequence_id"]: row["plugin"] for row in fetch(connection, PLUGINS)}
    handlers = list(ran(rows).values())
    whole = fetch(connection, WHOLE)[0]
    keys = sorted({(key, place) for place, handler in enumerate(handlers) for key, _, _ in handler.keys})
    return Gathered([_name(one, declared) for one in handlers], keys, whole["first_time"], whole["last_time"])


def _name(handler: Handler, declared: Row) -> HandlerName:
    plugin = min(handler.plugins, default=None) or declared.get(min(handler.sequences, default=""))
    return HandlerName(handler.name, plugin, min(handler.services, default=None), handler.code)


def time_of(name: str, text: str | None) -> Nanoseconds | None:
    """The time that a setting says; None where it says none.

    Raises:
        TelemapError: ``bad-setting``.
    """
    if text is None:
        return None
    try:
        return nanoseconds(text)
    except ValueError as error:
        raise TelemapError(
            "bad-setting", f"{name} is '{text}'", reason="this is no time", help="write it as 2026-11-24T03:25:00.000Z"
        ) from error
