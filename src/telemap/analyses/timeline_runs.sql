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
SELECT
    r.trace_id, r.kind, coalesce(r.sequence_name, r.name, r.sequence_id) AS name, r.sequence_id, r.source_id, s.uri,
    r.first_line, r.start_time_unix_nano, coalesce(r.reported_duration_ns, r.duration_ns) AS duration_ns, r.status,
    r.inferred_by, c.handler AS caused_by
FROM told_span AS r
JOIN source AS s USING (source_id)
LEFT JOIN (
    SELECT source_id, span_id, handler
    FROM told_span
    WHERE kind = 'handler' AND ($source_id IS NULL OR source_id = $source_id)
) AS c ON r.kind = 'sequence' AND r.parent_span_id = c.span_id AND r.source_id = c.source_id
WHERE (r.kind = 'sequence' OR (r.kind = 'span' AND r.parent_span_id IS NULL))
    AND r.start_time_unix_nano IS NOT NULL
    AND ($build IS NULL OR r.service_version = $build)
    AND ($source_id IS NULL OR r.source_id = $source_id)
ORDER BY
    CASE WHEN $source_id IS NULL THEN -coalesce(r.reported_duration_ns, r.duration_ns, 0) END, r.start_time_unix_nano,
    r.first_line, r.trace_id
LIMIT $most
