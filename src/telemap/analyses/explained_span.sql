-- A span and all that it is a part of, innermost first.
--
-- Parameters
--   $id  VARCHAR  the id of a span or a trace (whose outermost span is meant), or how it begins
-- Columns
--   span_id               VARCHAR
--   depth                 INTEGER  0 for the span that is meant, 1 for what it is right inside of
--   kind                  VARCHAR
--   name                  VARCHAR
--   sequence_id           VARCHAR
--   handler               VARCHAR
--   plugin                VARCHAR
--   event_name            VARCHAR
--   start_time_unix_nano  BIGINT
--   duration_ns           BIGINT
--   status                VARCHAR
--   status_message        VARCHAR
--   inferred_by           VARCHAR
--   uri                   VARCHAR
--   first_line            BIGINT
--   last_line             BIGINT
--   service_version       VARCHAR
--   code_file_path        VARCHAR
--   code_line_number      BIGINT
--   code_function_name    VARCHAR
--   code_confidence       DOUBLE
--   code_evidence         VARCHAR
--   code_reason           VARCHAR
WITH RECURSIVE meant AS (
    SELECT span_id, trace_id
    FROM span
    WHERE starts_with(span_id, $id) OR starts_with(trace_id, $id)
    ORDER BY span_id = $id DESC, starts_with(span_id, $id) DESC, parent_span_id IS NULL DESC, start_time_unix_nano,
        span_id
    LIMIT 1
),
related AS (
    SELECT p.* FROM span AS p JOIN meant AS m USING (trace_id)
),
chain AS (
    SELECT span_id, parent_span_id, 0 AS depth FROM related WHERE span_id = (SELECT span_id FROM meant)
    UNION
    SELECT r.span_id, r.parent_span_id, c.depth + 1
    FROM chain AS c
    JOIN related AS r ON r.span_id = c.parent_span_id
    WHERE c.depth < 100
)
SELECT
    r.span_id, c.depth, r.kind, r.name, r.sequence_id, r.handler, r.plugin, r.event_name, r.start_time_unix_nano,
    r.duration_ns, r.status, r.status_message, r.inferred_by, s.uri, r.first_line, r.last_line, r.service_version,
    r.code_file_path, r.code_line_number, r.code_function_name, r.code_confidence, r.code_evidence,
    r.code_reason
FROM chain AS c
JOIN related AS r USING (span_id)
JOIN source AS s USING (source_id)
ORDER BY c.depth, r.span_id
