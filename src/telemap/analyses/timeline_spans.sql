-- All that went on in a trace, and in the runs that it caused; or in a session, or in all of them.
--
-- Parameters
--   $trace_id   VARCHAR  null for all
--   $source_id  VARCHAR  of the session; null for all, or with a trace
--   $build      VARCHAR  service.version; null for all, or with a trace
-- Columns
--   span_id               VARCHAR
--   parent_span_id        VARCHAR
--   trace_id              VARCHAR
--   kind                  VARCHAR
--   name                  VARCHAR
--   handler               VARCHAR
--   event_name            VARCHAR
--   service               VARCHAR
--   start_time_unix_nano  BIGINT
--   end_time_unix_nano    BIGINT
--   duration_ns           BIGINT
--   status                VARCHAR
--   status_message        VARCHAR
--   inferred_by           VARCHAR
--   is_scheduled          BOOLEAN  a run that a handler asked for, or a beat that is declared to come later
--   is_consumer           BOOLEAN  it takes a message; of its parent it is asynchronous if that is_producer
--   is_producer           BOOLEAN  it sends one
--   uri                   VARCHAR
--   first_line            BIGINT
--   last_line             BIGINT
--   changes               BIGINT   of state
--   code_file_path        VARCHAR
--   code_line_number      BIGINT
--   code_function_name    VARCHAR
--   code_confidence       DOUBLE
--   code_evidence         VARCHAR
WITH RECURSIVE near AS (
    SELECT span_id, parent_span_id, trace_id, kind
    FROM told_span
    WHERE source_id IN (SELECT source_id FROM told_span WHERE trace_id = $trace_id)
),
reached AS (
    SELECT DISTINCT trace_id FROM near WHERE trace_id = $trace_id
    UNION
    SELECT n.trace_id
    FROM reached AS r
    JOIN near AS p ON r.trace_id = p.trace_id AND p.kind = 'handler'
    JOIN near AS n ON p.span_id = n.parent_span_id AND n.kind = 'sequence'
)
SELECT
    s.span_id, s.parent_span_id, s.trace_id, s.kind,
    CASE s.kind WHEN 'sequence' THEN coalesce(s.sequence_name, s.sequence_id, s.name)
        WHEN 'movement' THEN coalesce(s.movement, s.name) WHEN 'handler' THEN s.handler
        ELSE coalesce(s.name, s.title, s.event_name) END AS name,
    s.handler, s.event_name, s.service_name AS service, s.start_time_unix_nano, s.end_time_unix_nano,
    coalesce(s.reported_duration_ns, s.duration_ns) AS duration_ns, s.status, s.status_message, s.inferred_by,
    s.kind = 'sequence' OR (s.kind = 'beat' AND l.event_name IS NOT NULL) AS is_scheduled,
    coalesce(s.span_kind = 'consumer', false) AS is_consumer, coalesce(s.span_kind = 'producer', false) AS is_producer,
    o.uri, s.first_line, s.last_line, coalesce(c.changes, 0) AS changes, s.code_file_path, s.code_line_number,
    s.code_function_name, s.code_confidence, s.code_evidence
FROM span AS s
JOIN source AS o USING (source_id)
LEFT JOIN stored.scheduled_event AS l ON s.sequence_id = l.sequence_id AND s.event_name = l.event_name
LEFT JOIN (SELECT span_id, count(*) AS changes FROM state_change GROUP BY span_id) AS c ON s.span_id = c.span_id
WHERE s.trace_id IN (SELECT trace_id FROM reached)
    OR (
        $trace_id IS NULL AND ($source_id IS NULL OR s.source_id = $source_id)
        AND ($build IS NULL OR s.service_version = $build)
    )
ORDER BY s.start_time_unix_nano, s.first_line, s.span_id
