-- How long handlers took in each part of the time: a block is a handler in a part.
--
-- Parameters
--   $keys       UBIGINT[]  numbers of handlers (handler_key)
--   $handlers   INTEGER[]  the handler that each of them is of
--   $first      BIGINT     when the first part begins
--   $length_ns  BIGINT     of each part
-- Columns
--   handler         INTEGER
--   part            BIGINT    0 for the first
--   executions      BIGINT    that began in it
--   errors          BIGINT    of these, failed
--   percentiles_ns  DOUBLE[]  50th and 95th
--   slowest         STRUCT(duration_ns BIGINT, log_key UBIGINT, line_number BIGINT)  of several, one that is always the same
SELECT
    node AS handler, (start_time_unix_nano - $first::BIGINT) // $length_ns::BIGINT AS part, count(*) AS executions,
    count(*) FILTER (is_failed) AS errors, quantile_cont(duration_ns, [0.5, 0.95]) AS percentiles_ns,
    max({'duration_ns': duration_ns, 'log_key': log_key, 'line_number': first_line})
        FILTER (duration_ns IS NOT NULL) AS slowest
FROM stored.node_run($keys::UBIGINT[], $handlers::INTEGER[])
WHERE start_time_unix_nano IS NOT NULL
GROUP BY node, part
ORDER BY node, part
