-- How often what stands for a node of the graph ran, how long that took, and what it was begun by.
--
-- Parameters
--   $keys   UBIGINT[]  numbers of handlers (handler_key)
--   $nodes  INTEGER[]  the node that each of them belongs to
-- Columns
--   node                  INTEGER
--   runs                  BIGINT
--   timed                 BIGINT    of these, with a known duration
--   errors                BIGINT    of these, failed
--   percentiles_ns        DOUBLE[]  50th and 95th
--   first_time_unix_nano  BIGINT
--   last_time_unix_nano   BIGINT
SELECT
    node, count(*) AS runs, count(duration_ns) AS timed, count(*) FILTER (is_failed) AS errors,
    quantile_cont(duration_ns, [0.5, 0.95]) AS percentiles_ns, min(start_time_unix_nano) AS first_time_unix_nano,
    max(start_time_unix_nano) AS last_time_unix_nano
FROM stored.node_run($keys::UBIGINT[], $nodes::INTEGER[])
GROUP BY node
ORDER BY node
