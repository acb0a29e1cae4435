-- The records that begin on some lines of some sources, with what tells where in the code they were written.
--
-- Parameters
--   $source_ids  VARCHAR[]  sources to look at
--   $first_line  BIGINT     of each source, inclusive
--   $last_line   BIGINT     of each source, inclusive
-- Columns
--   source_id         VARCHAR
--   trace_id          VARCHAR
--   uri               VARCHAR  the source as it was given
--   line_number       BIGINT
--   service_version   VARCHAR
--   body              VARCHAR
--   logger_name       VARCHAR
--   severity_text     VARCHAR
--   printed_location  VARCHAR
--   attributes        MAP(VARCHAR, VARCHAR)
SELECT
    r.source_id, r.trace_id, s.uri, r.line_number, s.service_version, r.body, r.logger_name, r.severity_text,
    r.printed_location, r.attributes
FROM stored.current_record AS r
JOIN source AS s USING (source_id)
WHERE list_contains($source_ids, r.source_id)
    AND r.line_number BETWEEN $first_line AND $last_line
ORDER BY s.uri, r.source_id, r.line_number
