-- The executions of the kinds asked for that begin on some lines of some sources: by source, then by line, a span before
-- its children.
--
-- Parameters
--   $kinds       VARCHAR[]  sequence, movement, beat, handler, span
--   $source_ids  VARCHAR[]  sources to look at
--   $first_line  BIGINT     of each source, inclusive
--   $last_line   BIGINT     of each source, inclusive
-- Columns
--   span_id               VARCHAR
--   parent_span_id        VARCHAR
--   trace_id              VARCHAR
--   kind                  VARCHAR
--   name                  VARCHAR
--   sequence_id           VARCHAR
--   sequence_name         VARCHAR
--   movement              VARCHAR
--   beat                  BIGINT
--   event_name            VARCHAR
--   handler               VARCHAR
--   plugin                VARCHAR
--   request_id            VARCHAR
--   start_time_unix_nano  BIGINT
--   end_time_unix_nano    BIGINT
--   duration_ns           BIGINT
--   is_reported           BOOLEAN  the log tells the duration
--   status                VARCHAR
--   status_message        VARCHAR
--   uri                   VARCHAR  the source as it was given
--   first_line            BIGINT
--   last_line             BIGINT
--   service_version       VARCHAR
--   code_file_path        VARCHAR
--   code_line_number      BIGINT
--   code_function_name    VARCHAR
--   code_confidence       DOUBLE
--   code_evidence         VARCHAR
SELECT
    p.span_id, p.parent_span_id, p.trace_id, p.kind, p.name, p.sequence_id, p.sequence_name, p.movement, p.beat,
    p.event_name, p.handler, p.plugin, p.request_id, p.start_time_unix_nano, p.end_time_unix_nano, p.duration_ns,
    p.reported_duration_ns IS NOT NULL AS is_reported, p.status, p.status_message, s.uri, p.first_line, p.last_line,
    p.service_version, p.code_file_path, p.code_line_number, p.code_function_name, p.code_confidence, p.code_evidence
FROM span AS p
JOIN source AS s USING (source_id)
WHERE list_contains($kinds, p.kind)
    AND list_contains($source_ids, p.source_id)
    AND p.first_line BETWEEN $first_line AND $last_line
ORDER BY s.uri, p.source_id, p.first_line, p.span_id
