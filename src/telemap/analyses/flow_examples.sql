-- The lines of some runs: the runs themselves, their beats or other events, and the runs of handlers in them.
--
-- Parameters
--   $trace_ids  VARCHAR[]  the runs
-- Columns
--   trace_id            VARCHAR
--   span_id             VARCHAR
--   place               BIGINT   of an event, in the order of the run; null for all else
--   kind                VARCHAR
--   uri                 VARCHAR  the source as it was given
--   first_line          BIGINT
--   last_line           BIGINT
--   event_name          VARCHAR
--   handler             VARCHAR
--   status              VARCHAR
--   status_message      VARCHAR
--   code_file_path      VARCHAR
--   code_line_number    BIGINT
--   code_function_name  VARCHAR
--   code_confidence     DOUBLE
--   code_evidence       VARCHAR
SELECT
    p.trace_id, p.span_id, CASE WHEN p.kind = 'beat' THEN p.first_line ELSE e.place END AS place, p.kind, s.uri,
    p.first_line, p.last_line, coalesce(p.event_name, p.name) AS event_name, p.handler, p.status, p.status_message,
    p.code_file_path, p.code_line_number, p.code_function_name, p.code_confidence, p.code_evidence
FROM span AS p
JOIN source AS s USING (source_id)
LEFT JOIN (SELECT * FROM flow_event WHERE kind = 'span') AS e ON p.trace_id = e.trace_id AND p.span_id = e.span_id
-- Examples are the first runs of their kind: between the least and the greatest id lies mostly little of a store.
WHERE p.trace_id BETWEEN list_min($trace_ids) AND list_max($trace_ids) AND list_contains($trace_ids, p.trace_id)
    AND p.kind IN ('sequence', 'beat', 'handler', 'span')
ORDER BY p.trace_id, place, p.first_line, p.span_id
