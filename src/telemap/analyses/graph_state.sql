-- Which node changed a key of the state that handlers share, and which one changed it next in the same trace.
--
-- Parameters
--   $keys   UBIGINT[]  numbers of handlers (handler_key)
--   $nodes  INTEGER[]  the node that each of them belongs to
-- Columns
--   source          INTEGER
--   target          INTEGER
--   count           BIGINT     changes
--   sources         BIGINT     runs of the source whose changes they overwrite
--   errors          BIGINT     failed runs of the target in them
--   percentiles_ns  DOUBLE[]   of the target's durations in them, 50th and 95th
--   log_key         UBIGINT   the log (hash of its source_id) of the first such run of the target
--   line_number     BIGINT     its line there
--   through         VARCHAR    the key
WITH run AS (
    SELECT * FROM stored.node_run($keys::UBIGINT[], $nodes::INTEGER[])
),
change AS (
    SELECT DISTINCT
        c.key, r.trace_key, r.span_key, r.node, r.duration_ns, r.is_failed, r.log_key, r.first_line
    FROM state_change AS c
    JOIN run AS r ON hash(c.span_id) = r.span_key
),
pair AS (
    SELECT
        lag(node) OVER earlier AS source, lag(span_key) OVER earlier AS source_key, node AS target, key, duration_ns,
        is_failed, log_key, first_line
    FROM change
    WINDOW earlier AS (PARTITION BY trace_key, key ORDER BY first_line, span_key)
)
SELECT
    source, target, count(*) AS count, count(DISTINCT source_key) AS sources,
    count(*) FILTER (is_failed) AS errors, quantile_cont(duration_ns, [0.5, 0.95]) AS percentiles_ns,
    arg_min(log_key, first_line) AS log_key, min(first_line) AS line_number, key AS through
FROM pair
WHERE source IS NOT NULL
GROUP BY source, target, key
ORDER BY source, target, through
