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
WITH meant AS (
    SELECT unnest($keys::UBIGINT[]) AS handler_key, unnest($nodes::INTEGER[]) AS node
)
SELECT
    m.node, count(*) AS runs, count(r.duration_ns) AS timed, count(*) FILTER (r.is_failed) AS errors,
    quantile_cont(r.duration_ns, [0.5, 0.95]) AS percentiles_ns, min(r.start_time_unix_nano) AS first_time_unix_nano,
    max(r.start_time_unix_nano) AS last_time_unix_nano
FROM stored.handler_run AS r
JOIN meant AS m USING (handler_key)
GROUP BY m.node
ORDER BY m.node
