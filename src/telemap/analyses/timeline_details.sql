-- All that is known of some executions.
--
-- Parameters
--   $starts  BIGINT[]   their starts, ns since 1970
--   $keys    UBIGINT[]  their keys, as in timeline_layout.sql
-- Columns
--   span_key        UBIGINT
--   span_id         VARCHAR
--   parent_span_id  VARCHAR
--   trace_id        VARCHAR
--   kind            VARCHAR
--   name            VARCHAR
--   handler         VARCHAR
--   event           VARCHAR
--   sequence        VARCHAR
--   movement        VARCHAR
--   plugin          VARCHAR
--   service         VARCHAR
--   build           VARCHAR
--   duration_ns     BIGINT   as it was reported, or the difference of times
--   status          VARCHAR
--   status_message  VARCHAR
--   inferred_by     VARCHAR
--   attributes      MAP(VARCHAR, VARCHAR)
--   source          VARCHAR
--   line_start      BIGINT
--   line_end        BIGINT
--   changes         STRUCT("key" VARCHAR, operation VARCHAR, "before" VARCHAR, "after" VARCHAR)[]
--   code            STRUCT(file_path VARCHAR, line_number BIGINT, function_name VARCHAR, confidence DOUBLE, evidence VARCHAR)
WITH chosen AS (
    SELECT * REPLACE (hash(span_key, source_id, first_line) AS span_key)
    FROM stored.keyed_span
    WHERE start_time_unix_nano IN (SELECT unnest($starts))
),
change AS (
    SELECT
        span_id,
        list(
            {'key': key, 'operation': operation, 'before': before, 'after': after} ORDER BY time_unix_nano, key
        ) AS changes
    FROM state_change
    WHERE span_id IN (SELECT span_id FROM chosen)
    GROUP BY span_id
)
SELECT
    s.span_key, s.span_id, s.parent_span_id, s.trace_id, s.kind,
    CASE s.kind WHEN 'sequence' THEN coalesce(s.sequence_name, s.sequence_id, s.name)
        WHEN 'movement' THEN coalesce(s.movement, s.name) WHEN 'handler' THEN s.handler
        ELSE coalesce(s.name, s.title, s.event_name) END AS name,
    s.handler, s.event_name AS event, coalesce(s.sequence_name, s.sequence_id) AS sequence, s.movement, s.plugin,
    s.service_name AS service, s.service_version AS build, coalesce(s.reported_duration_ns, s.duration_ns) AS duration_ns,
    s.status, s.status_message, s.inferred_by, s.attributes, o.uri AS source, s.first_line AS line_start,
    s.last_line AS line_end, coalesce(c.changes, []) AS changes,
    CASE WHEN s.code_file_path IS NOT NULL THEN {
        'file_path': s.code_file_path, 'line_number': s.code_line_number, 'function_name': s.code_function_name,
        'confidence': s.code_confidence, 'evidence': s.code_evidence
    } END AS code
FROM stored.linked('chosen') AS s
JOIN source AS o USING (source_id)
LEFT JOIN change AS c USING (span_id)
WHERE s.span_key IN (SELECT unnest($keys))
ORDER BY s.start_time_unix_nano, s.span_key
