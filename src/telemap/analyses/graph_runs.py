"""The runs of handlers, gathered once for all statements that ask about them."""

from __future__ import annotations

from typing import TYPE_CHECKING

from telemap.analyses.registry import statement
from telemap.store.store import Row, fetch

if TYPE_CHECKING:
    import duckdb

# In memory, and numbered: of the files each statement would read the texts again.
RUNS = """
CREATE TEMP TABLE gathered_run AS
SELECT * EXCLUDE (service_version, is_beat)
FROM stored.handler_run
WHERE ($build IS NULL OR service_version = $build) AND (NOT is_beat OR $has_beats)
"""
# To find out that no beat stands for a handler takes a tenth of the time that reading them all does.
BEATS = """
SELECT count(*) > 0 AS has_beats
FROM told_span AS b
ANTI JOIN (SELECT DISTINCT coalesce(sequence_id, sequence_name) AS sequence FROM told_span WHERE kind = 'handler') AS h
    ON coalesce(b.sequence_id, b.sequence_name) = h.sequence
WHERE b.kind = 'beat'
"""
GATHERED = "CREATE OR REPLACE VIEW stored.handler_run AS SELECT * FROM gathered_run"

# What links an execution to code looks at all that it tells; one of each kind is enough.
EXAMPLES = """
CREATE TEMP TABLE example AS
SELECT * EXCLUDE (trace_key, span_key, parent_key)
FROM stored.keyed_span
WHERE span_key IN (SELECT any_value(span_key) FROM gathered_run GROUP BY handler_key)
"""
ONLY_EXAMPLES = "CREATE OR REPLACE VIEW told_span AS SELECT * FROM example"


def gather(connection: duckdb.DuckDBPyConnection, build: str | None) -> list[Row]:
    """What is known of the handlers that ran, the rows of ``graph_handlers.sql``.

    From now on the connection's view ``stored.handler_run`` is of these runs only, and in memory.
    """
    connection.execute(RUNS, {"build": build} | fetch(connection, BEATS)[0])
    connection.execute(EXAMPLES)
    connection.execute("BEGIN")
    connection.execute(ONLY_EXAMPLES)
    handlers = fetch(connection, statement("graph_handlers"))
    connection.execute("ROLLBACK")
    connection.execute(GATHERED)
    return handlers
