-- A record and those around it in its source.
--
-- Parameters
--   $source_id    VARCHAR
--   $line_number  BIGINT   where the record begins
--   $around       BIGINT   how many before it, and how many after
-- Columns
--   line_number       BIGINT
--   trace_id          VARCHAR
--   service_version   VARCHAR
--   body              VARCHAR
--   logger_name       VARCHAR
--   severity_text     VARCHAR
--   printed_location  VARCHAR
--   attributes        MAP(VARCHAR, VARCHAR)
WITH around AS (
    (
        SELECT * FROM stored.current_record WHERE source_id = $source_id AND line_number <= $line_number
        ORDER BY line_number DESC LIMIT 1 + $around
    )
    UNION ALL
    (
        SELECT * FROM stored.current_record WHERE source_id = $source_id AND line_number > $line_number
        ORDER BY line_number LIMIT $around
    )
)
SELECT
    r.line_number, r.trace_id, s.service_version, r.body, r.logger_name, r.severity_text, r.printed_location,
    r.attributes
FROM around AS r
JOIN source AS s USING (source_id)
ORDER BY r.line_number
