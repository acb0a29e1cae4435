-- The runs of sequences and the traces, of one session in their order, or of all of them the longest.
--
-- Parameters
--   $build      VARCHAR  service.version to look at; null for all
--   $source_id  VARCHAR  of the session; null for the longest runs of all
--   $most       BIGINT   how many rows there are at most
-- Columns
--   trace_id              VARCHAR
--   kind                  VARCHAR  sequence or span
--   name                  VARCHAR
--   sequence_id           VARCHAR
--   source_id             VARCHAR
--   uri                   VARCHAR
--   first_line            BIGINT
--   start_time_unix_nano  BIGINT
--   duration_ns           BIGINT
--   status                VARCHAR
--   inferred_by           VARCHAR
--   caused_by             VARCHAR  the handler that asked for it
WITH picked AS (
    SELECT
        trace_id, kind, sequence_name, name, sequence_id, source_id, first_line, start_time_unix_nano, status,
        inferred_by, parent_span_id, coalesce(reported_duration_ns, duration_ns) AS known_ns
    FROM told_span
    WHERE (kind = 'sequence' OR (kind = 'span' AND parent_span_id IS NULL))
        AND start_time_unix_nano IS NOT NULL
        AND ($build IS NULL OR service_version = $build)
        AND ($source_id IS NULL OR source_id = $source_id)
    ORDER BY
        CASE WHEN $source_id IS NULL THEN -coalesce(known_ns, 0) END, start_time_unix_nano, first_line, trace_id
    LIMIT $most
)
SELECT
    r.trace_id, r.kind, coalesce(r.sequence_name, r.name, r.sequence_id) AS name, r.sequence_id, r.source_id, s.uri,
    r.first_line, r.start_time_unix_nano, r.known_ns AS duration_ns, r.status, r.inferred_by, c.handler AS caused_by
FROM picked AS r
JOIN source AS s USING (source_id)
LEFT JOIN (
    SELECT source_id, span_id, handler
    FROM told_span
    WHERE kind = 'handler' AND span_id IN (SELECT parent_span_id FROM picked WHERE kind = 'sequence')
) AS c ON r.kind = 'sequence' AND r.parent_span_id = c.span_id AND r.source_id = c.source_id
ORDER BY
    CASE WHEN $source_id IS NULL THEN -coalesce(r.known_ns, 0) END, r.start_time_unix_nano, r.first_line, r.trace_id
