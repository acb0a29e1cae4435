-- Which node ran directly after which in the same trace: in logs by the order of their lines, in traces by that of their
-- starts, of several that start together the longest first. What runs of other traces say in between is not in the way.
--
-- Parameters
--   $keys   UBIGINT[]  numbers of handlers (handler_key)
--   $nodes  INTEGER[]  the node that each of them belongs to
-- Columns
--   source          INTEGER
--   target          INTEGER
--   count           BIGINT    pairs
--   sources         BIGINT    runs of the source in them
--   errors          BIGINT    failed runs of the target in them
--   percentiles_ns  DOUBLE[]  of the target's durations in them, 50th and 95th
--   log_key         UBIGINT   the log (hash of its source_id) of the first such run of the target
--   line_number     BIGINT    its line there
WITH run AS (
    SELECT * FROM stored.node_run($keys::UBIGINT[], $nodes::INTEGER[])
),
pair AS (
    SELECT
        lag(node) OVER (PARTITION BY trace_key ORDER BY first_line) AS source, node AS target, duration_ns, is_failed,
        log_key, first_line
    FROM run
    WHERE NOT is_traced
    UNION ALL
    SELECT
        lag(node) OVER (
            PARTITION BY trace_key ORDER BY start_time_unix_nano, end_time_unix_nano DESC, span_key
        ),
        node, duration_ns, is_failed, log_key, first_line
    FROM run
    WHERE is_traced
)
SELECT
    source, target, count(*) AS count, count(*) AS sources, count(*) FILTER (is_failed) AS errors,
    quantile_cont(duration_ns, [0.5, 0.95]) AS percentiles_ns, arg_min(log_key, first_line) AS log_key,
    min(first_line) AS line_number
FROM pair
WHERE source IS NOT NULL
GROUP BY source, target
ORDER BY source, target
