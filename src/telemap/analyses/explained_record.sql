-- The record that a line of a log belongs to.
--
-- Parameters
--   $uri   VARCHAR  the source as it was given, or the end of it
--   $line  BIGINT   1-based, any line of the record
-- Columns
--   source_id         VARCHAR
--   uri               VARCHAR
--   log_format        VARCHAR
--   line_number       BIGINT   the first line of the record
--   time_unix_nano    BIGINT
--   severity_text     VARCHAR
--   logger_name       VARCHAR
--   printed_location  VARCHAR
--   event_name        VARCHAR
--   body              VARCHAR
--   span_id           VARCHAR
--   unparsed_reason   VARCHAR
SELECT
    s.source_id, s.uri, s.log_format, r.line_number, r.time_unix_nano, r.severity_text, r.logger_name,
    r.printed_location, r.event_name, r.body, r.span_id, r.unparsed_reason
FROM stored.current_record AS r
JOIN source AS s USING (source_id)
WHERE (s.uri = $uri OR ends_with(s.uri, '/' || $uri))
    AND r.line_number <= $line
    AND $line <= s.line_count
ORDER BY s.uri = $uri DESC, s.first_time_unix_nano DESC, s.source_id, r.line_number DESC
LIMIT 1
