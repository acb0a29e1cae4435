"""The runs of handlers, gathered once for all statements that ask about them."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING

from telemap.analyses.registry import statement
from telemap.model.telemetry import Nanoseconds
from telemap.store.store import Row, fetch

if TYPE_CHECKING:
    import duckdb

# In memory, and numbered: of the files each statement would read the texts again.
RUNS = "CREATE TEMP TABLE gathered_run AS SELECT {columns} FROM stored.handler_run WHERE {conditions}"
ALWAYS = "(NOT is_beat OR $has_beats)"
CONDITIONS = {
    "build": "service_version = $build",
    "name": "handler = $name",
    "start": "start_time_unix_nano >= $start",
    "end": "start_time_unix_nano <= $end",
}
FOR_TIMES = "handler_key, start_time_unix_nano, duration_ns, is_failed, log_key, first_line"
FOR_EDGES = f"{FOR_TIMES}, trace_key, span_key, parent_key, is_traced, end_time_unix_nano"
FOR_ROWS = f"{FOR_TIMES}, trace_id, span_id, status, status_message, service_version"
# To find out that no beat stands for a handler takes a tenth of the time that reading them all does.
BEATS = """
SELECT count(*) > 0 AS has_beats
FROM told_span AS b
ANTI JOIN stored.answered('told_span') AS a ON coalesce(b.sequence_id, b.sequence_name) = a.sequence
WHERE b.kind = 'beat'
"""
GATHERED = "CREATE OR REPLACE VIEW stored.handler_run AS SELECT * FROM gathered_run"

# What links an execution to code looks at all that it tells; one of each kind is enough. Only where times are asked to
# be equal are files passed over that have none of them.
EXAMPLES = """
CREATE TEMP TABLE example AS
WITH one AS (
    SELECT unnest(any_value({'log': log_key, 'line': first_line, 'start': start_time_unix_nano}))
    FROM gathered_run
    GROUP BY handler_key
)
SELECT t.*
FROM told_span AS t
JOIN one AS o
    ON t.start_time_unix_nano = o.start
    AND t.first_line IS NOT DISTINCT FROM o.line
    AND hash(t.source_id) IS NOT DISTINCT FROM o.log
UNION ALL
SELECT t.*
FROM told_span AS t
JOIN one AS o ON t.first_line IS NOT DISTINCT FROM o.line AND hash(t.source_id) IS NOT DISTINCT FROM o.log
WHERE t.start_time_unix_nano IS NULL AND o.start IS NULL
"""
KEYS = "SELECT DISTINCT handler_key FROM gathered_run"  # on the line of an example others may begin, too
ONLY_EXAMPLES = "CREATE OR REPLACE VIEW told_span AS SELECT * FROM example"
ALL = """
SELECT replace(sql, 'CREATE VIEW', 'CREATE OR REPLACE VIEW') AS text FROM duckdb_views() WHERE view_name = 'told_span'
"""


@dataclass(frozen=True, slots=True)
class Wanted:
    """Which runs: those of a build, of handlers of a name, that began in a time; None leaves a wish open."""

    build: str | None = None
    name: str | None = None
    start: Nanoseconds | None = None
    end: Nanoseconds | None = None


def gather(connection: duckdb.DuckDBPyConnection, wanted: Wanted, columns: str = FOR_EDGES) -> list[Row]:
    """What is known of the handlers that ran, the rows of ``graph_handlers.sql``.

    From now on the connection's view ``stored.handler_run`` is of these runs only, with these columns, and in memory.
    """
    asked = {name: value for name, value in asdict(wanted).items() if value is not None}
    conditions = " AND ".join([ALWAYS, *(CONDITIONS[name] for name in asked)])
    has_beats = fetch(connection, BEATS)[0]
    connection.execute(RUNS.format(columns=columns, conditions=conditions), asked | has_beats)
    connection.execute(EXAMPLES)
    all_again = fetch(connection, ALL)[0]["text"]
    connection.execute(ONLY_EXAMPLES)
    handlers = fetch(connection, statement("graph_handlers"))
    connection.execute(all_again)
    connection.execute(GATHERED)
    keys = {row["handler_key"] for row in fetch(connection, KEYS)}
    return [row for row in handlers if row["handler_key"] in keys]
