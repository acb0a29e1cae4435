-- The records of a log that begin in some lines of it.
--
-- Parameters
--   $uri    VARCHAR  the log, as it was given
--   $first  BIGINT   first line
--   $last   BIGINT   last line
-- Columns
--   line_number      BIGINT
--   time_unix_nano   BIGINT
--   severity_text    VARCHAR
--   event_name       VARCHAR
--   span_id          VARCHAR
--   body             VARCHAR  null where texts are not stored
--   unparsed_reason  VARCHAR
SELECT r.line_number, r.time_unix_nano, r.severity_text, r.event_name, r.span_id, r.body, r.unparsed_reason
FROM stored.current_record AS r
JOIN source AS s USING (source_id)
WHERE s.uri = $uri AND r.line_number BETWEEN $first AND $last
ORDER BY r.line_number, r.source_id
