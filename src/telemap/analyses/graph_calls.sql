-- Which node called which: each run of a handler has at most one handler above it, the nearest one. What stands between
-- them (beats, movements, sequences, spans without a name) is passed, up to 32 of them. The handlers of a run that a
-- handler caused have that handler above them.
--
-- Parameters
--   $keys   UBIGINT[]  numbers of handlers (handler_key)
--   $nodes  INTEGER[]  the node that each of them belongs to
-- Columns
--   source          INTEGER
--   target          INTEGER
--   count           BIGINT    calls
--   sources         BIGINT    runs of the source that made them
--   errors          BIGINT    failed runs of the target in them
--   percentiles_ns  DOUBLE[]  of the target's durations in them, 50th and 95th
--   log_key         UBIGINT   the log (hash of its source_id) of the first such run of the target
--   line_number     BIGINT    its line there
--   early           BIGINT    of the calls, those that began before what called them: clocks differ
WITH RECURSIVE run AS (
    SELECT * FROM stored.node_run($keys::UBIGINT[], $nodes::INTEGER[])
),
-- Of several spans with one id one is above what names it.
above AS (
    SELECT span_key, min(node) AS node, min(start_time_unix_nano) AS start_time_unix_nano FROM run GROUP BY span_key
),
caused AS (
    SELECT trace_key, min(parent_key) AS parent_key
    FROM stored.keyed_span
    WHERE kind = 'sequence' AND parent_key IS NOT NULL
    GROUP BY trace_key
),
begun AS (
    SELECT
        r.span_key, r.parent_key, r.node, r.duration_ns, r.is_failed, r.log_key, r.first_line, r.start_time_unix_nano
    FROM run AS r
    WHERE r.is_traced AND r.parent_key IS NOT NULL
    UNION ALL
    SELECT
        r.span_key, c.parent_key, r.node, r.duration_ns, r.is_failed, r.log_key, r.first_line, r.start_time_unix_nano
    FROM run AS r
    JOIN caused AS c USING (trace_key)
    WHERE NOT r.is_traced
),
-- What may stand between two handlers.
passed AS (
    SELECT s.span_key, s.parent_key FROM stored.keyed_span AS s WHERE s.kind <> 'span' AND s.parent_key IS NOT NULL
    UNION ALL
    SELECT s.span_key, s.parent_key
    FROM stored.keyed_span AS s
    WHERE s.kind = 'span' AND s.parent_key IS NOT NULL AND coalesce(s.handler, s.name, '') = ''
),
climb AS (
    SELECT DISTINCT b.parent_key AS begin_key, b.parent_key AS span_key, 0 AS steps
    FROM begun AS b
    ANTI JOIN above AS a ON b.parent_key = a.span_key
    UNION
    SELECT c.begin_key, p.parent_key, c.steps + 1
    FROM climb AS c
    JOIN passed AS p USING (span_key)
    ANTI JOIN above AS a ON c.span_key = a.span_key
    WHERE c.steps < 32
),
call AS (
    SELECT a.node AS source, a.span_key AS source_key, a.start_time_unix_nano AS source_start, b.*
    FROM begun AS b
    JOIN above AS a ON b.parent_key = a.span_key
    UNION ALL
    SELECT a.node, a.span_key, a.start_time_unix_nano, b.*
    FROM begun AS b
    JOIN climb AS c ON b.parent_key = c.begin_key
    JOIN above AS a ON c.span_key = a.span_key
    WHERE c.steps > 0
)
SELECT
    source, node AS target, count(*) AS count, count(DISTINCT source_key) AS sources,
    count(*) FILTER (is_failed) AS errors, quantile_cont(duration_ns, [0.5, 0.95]) AS percentiles_ns,
    arg_min(log_key, first_line) AS log_key, min(first_line) AS line_number,
    count(*) FILTER (start_time_unix_nano < source_start) AS early
FROM call
WHERE span_key <> source_key
GROUP BY source, node
ORDER BY source, target
