-- The slowest executions of some handlers, slowest first, and the last ones that failed, the last first.
--
-- Parameters
--   $keys  UBIGINT[]  numbers of handlers (handler_key)
--   $most  BIGINT     of each of the two
-- Columns
--   is_slow               BOOLEAN  among the slowest; else among those that failed last
--   trace_id              VARCHAR
--   span_id               VARCHAR
--   start_time_unix_nano  BIGINT
--   duration_ns           BIGINT
--   status                VARCHAR
--   status_message        VARCHAR
--   log_key               UBIGINT  hash of the source_id of its log
--   line_number           BIGINT   its first line there
--   build                 VARCHAR  service.version
WITH run AS (
    SELECT *, service_version AS build, first_line AS line_number
    FROM stored.handler_run
    WHERE list_contains($keys::UBIGINT[], handler_key)
),
slow AS (
    SELECT true AS is_slow, *
    FROM run
    WHERE duration_ns IS NOT NULL
    ORDER BY duration_ns DESC, start_time_unix_nano, log_key, line_number, span_id
    LIMIT $most
),
failed AS (
    SELECT false AS is_slow, *
    FROM run
    WHERE is_failed
    ORDER BY start_time_unix_nano DESC NULLS LAST, log_key, line_number DESC, span_id
    LIMIT $most
)
SELECT
    is_slow, trace_id, span_id, start_time_unix_nano, duration_ns, status, status_message, log_key, line_number, build
FROM (SELECT * FROM slow UNION ALL SELECT * FROM failed)
ORDER BY
    is_slow DESC, CASE WHEN is_slow THEN -duration_ns ELSE -start_time_unix_nano END, start_time_unix_nano, log_key,
    line_number, span_id
