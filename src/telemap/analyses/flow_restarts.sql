-- Which sequences' handlers ask for runs of which sequences, and whether that ever came to an end.
--
-- Parameters
--   $build  VARCHAR  service.version to look at; null for all
-- Columns
--   caller                VARCHAR  id of the sequence, or its name
--   callee                VARCHAR  likewise
--   plugin                VARCHAR  of the callee
--   handler               VARCHAR  that asked, the first by name
--   runs                  BIGINT   of the callee that it asked for
--   ended                 BIGINT   runs of the caller that asked for none, though the log goes on after them
--   first_time_unix_nano  BIGINT
--   last_time_unix_nano   BIGINT
--   examples              STRUCT(uri VARCHAR, line_number BIGINT)[]  the first three
WITH run AS (
    SELECT
        trace_id, coalesce(sequence_id, sequence_name) AS sequence, plugin, status, source_id, first_line,
        parent_span_id, start_time_unix_nano
    FROM told_span
    WHERE kind = 'sequence' AND ($build IS NULL OR service_version = $build)
),
asked AS (
    SELECT
        h.trace_id AS caller_trace, coalesce(h.sequence_id, h.sequence_name) AS caller, h.handler,
        r.sequence AS callee, r.plugin, r.source_id, r.first_line, r.start_time_unix_nano
    FROM told_span AS h
    JOIN run AS r ON h.span_id = r.parent_span_id
    WHERE h.kind = 'handler' AND r.parent_span_id IS NOT NULL
),
edge AS (
    SELECT
        a.caller, a.callee, min(a.plugin) AS plugin, min(a.handler) AS handler, count(*) AS runs,
        min(a.start_time_unix_nano) AS first_time_unix_nano, max(a.start_time_unix_nano) AS last_time_unix_nano,
        min({'uri': s.uri, 'line_number': a.first_line}, 3) AS examples
    FROM asked AS a
    JOIN source AS s USING (source_id)
    GROUP BY a.caller, a.callee
),
-- What is waiting when a log ends cannot show that it comes to nothing: a few runs must follow.
edge_of_log AS (
    SELECT source_id, list_min(max(first_line, 3)) AS first_line FROM run GROUP BY source_id
),
settled AS (
    SELECT r.trace_id, r.sequence
    FROM run AS r
    SEMI JOIN edge AS e ON r.sequence = e.caller
    JOIN edge_of_log AS l USING (source_id)
    WHERE r.status = 'ok' AND r.first_line < l.first_line
),
quiet AS (
    SELECT e.caller, e.callee, count(*) AS ended
    FROM edge AS e
    JOIN settled AS s ON e.caller = s.sequence
    ANTI JOIN asked AS a ON s.trace_id = a.caller_trace AND e.callee = a.callee
    GROUP BY e.caller, e.callee
)
SELECT
    e.caller, e.callee, e.plugin, e.handler, e.runs, coalesce(q.ended, 0) AS ended, e.first_time_unix_nano,
    e.last_time_unix_nano, e.examples
FROM edge AS e
LEFT JOIN quiet AS q USING (caller, callee)
ORDER BY e.caller, e.callee
