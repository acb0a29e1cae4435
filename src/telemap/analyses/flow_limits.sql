-- How long limited executions took, a row for each limit and sequence for which it holds.
--
-- Parameters
--   $build    VARCHAR  service.version to look at; null for all
--   $slowest  BIGINT   executions over the limit to name
-- Columns
--   sequence              VARCHAR  id, or the name where nothing tells an id
--   step_number           BIGINT   null where a whole run is limited, or the event of no declared step
--   event_name            VARCHAR  null where a whole run is limited
--   quantile              DOUBLE   for which share of the executions the limit holds; null for each
--   limit_ns              BIGINT
--   text                  VARCHAR  of the limit
--   is_setting            BOOLEAN
--   file_path             VARCHAR
--   line_number           BIGINT
--   executions            BIGINT   with a known duration
--   over                  BIGINT   of these, longer than the limit
--   excess_ns             HUGEINT  sum of the time over the limit
--   observed_ns           BIGINT   the longest, or of a quantile the shortest that is not below it
--   first_time_unix_nano  BIGINT   earliest start of those over the limit
--   last_time_unix_nano   BIGINT   latest start of those over the limit
--   slowest               STRUCT(duration_ns BIGINT, trace_id VARCHAR, span_id VARCHAR)[]
WITH ranked AS (
    SELECT
        sequence, step_number, event_name, quantile, limit_ns, text, is_setting, file_path, line_number,
        count(*) AS executions, count(*) FILTER (is_over) AS over,
        sum(duration_ns - limit_ns) FILTER (is_over) AS excess_ns,
        max(duration_ns) AS longest_ns,
        list(duration_ns ORDER BY duration_ns) FILTER (quantile IS NOT NULL) AS durations,
        min(start_time_unix_nano) FILTER (is_over) AS first_time_unix_nano,
        max(start_time_unix_nano) FILTER (is_over) AS last_time_unix_nano,
        max({'duration_ns': duration_ns, 'trace_id': trace_id, 'span_id': span_id}, $slowest) FILTER (is_over)
            AS slowest
    FROM limited_span
    WHERE duration_ns IS NOT NULL AND ($build IS NULL OR service_version = $build)
    GROUP BY sequence, step_number, event_name, quantile, limit_ns, text, is_setting, file_path, line_number
)
SELECT
    sequence, step_number, event_name, quantile, limit_ns, text, is_setting, file_path, line_number, executions, over,
    coalesce(excess_ns, 0) AS excess_ns,
    coalesce(durations[ceil(round(quantile * executions, 6))::BIGINT], longest_ns) AS observed_ns,
    first_time_unix_nano, last_time_unix_nano, coalesce(slowest, []) AS slowest
FROM ranked
ORDER BY ALL
