-- How long the executions of each handler took. A handler is a function of the indexed code, or where that is not
-- known, a name and a plugin; of a trace that names no function, an operation and its service. In sequences whose logs
-- name no handler runs, a beat stands for its handler.
--
-- Parameters
--   $build  VARCHAR  service.version to look at; null for all
-- Columns
--   handler               VARCHAR    as the log, the trace or the declaration names it
--   plugin                VARCHAR    the first by name, where several share the function
--   service               VARCHAR    likewise; service.name
--   sequences             VARCHAR[]  ids, or names where the log tells no id
--   executions            BIGINT     all that were begun
--   untimed               BIGINT     of these, without a known duration, or with one below zero
--   errors                BIGINT     of these, failed
--   min_ns                BIGINT     shortest
--   max_ns                BIGINT     longest
--   avg_ns                DOUBLE     mean
--   percentiles_ns        DOUBLE[]   50th, 95th and 99th
--   total_ns              HUGEINT    sum
--   self_ns               HUGEINT    sum without the time in which something that the handler caused was going on
--   first_time_unix_nano  BIGINT     earliest start or end
--   last_time_unix_nano   BIGINT     latest start or end
--   code_file_path        VARCHAR
--   code_line_number      BIGINT
--   code_function_name    VARCHAR
--   code_confidence       DOUBLE
--   code_evidence         VARCHAR
-- Ids of spans are unique in a trace only. A run that a handler has caused is a trace of its own, but its ids are ours.
WITH child AS (
    SELECT
        parent_span_id, CASE WHEN kind = 'span' THEN trace_id END AS parent_trace_id,
        start_time_unix_nano AS start_time, end_time_unix_nano AS end_time
    FROM span
    WHERE kind IN ('sequence', 'span') AND parent_span_id IS NOT NULL AND start_time_unix_nano < end_time_unix_nano
),
-- Children may overlap each other: of each, only what goes beyond all that began before it counts.
advance AS (
    SELECT
        parent_span_id, parent_trace_id, end_time,
        greatest(start_time, max(end_time) OVER earlier) AS start_time
    FROM child
    WINDOW earlier AS (
        PARTITION BY parent_span_id, parent_trace_id ORDER BY start_time
        ROWS BETWEEN UNBOUNDED PRECEDING AND 1 PRECEDING
    )
),
busy AS (
    SELECT
        parent_span_id, parent_trace_id, list({'start_time': start_time, 'end_time': end_time}) AS periods
    FROM advance
    WHERE start_time < end_time
    GROUP BY parent_span_id, parent_trace_id
),
call AS (
    SELECT
        coalesce(s.handler, s.name) AS handler, s.plugin, s.service_name,
        coalesce(s.sequence_id, s.sequence_name) AS sequence,
        CASE WHEN s.code_file_path IS NULL AND s.kind = 'span' THEN s.service_name
            WHEN s.code_file_path IS NULL THEN s.plugin END AS owner,
        s.status, s.start_time_unix_nano, s.end_time_unix_nano,
        CASE WHEN s.duration_ns >= 0 THEN s.duration_ns END AS duration_ns,  -- of a clock that was set back, it is none
        list_sum(
            list_transform(
                b.periods,
                lambda p: greatest(
                    least(p.end_time, s.end_time_unix_nano) - greatest(p.start_time, s.start_time_unix_nano), 0
                )
            )
        ) AS covered_ns,
        s.code_file_path, s.code_line_number, s.code_function_name, s.code_confidence, s.code_evidence
    FROM span AS s
    LEFT JOIN stored.answered('told_span') AS a ON coalesce(s.sequence_id, s.sequence_name) = a.sequence
    LEFT JOIN busy AS b
        ON s.span_id = b.parent_span_id
        AND CASE WHEN s.kind = 'span' THEN s.trace_id END IS NOT DISTINCT FROM b.parent_trace_id
    WHERE ($build IS NULL OR s.service_version = $build)
        AND (
            (s.kind = 'handler' AND s.handler IS NOT NULL)
            OR (s.kind = 'beat' AND s.handler IS NOT NULL AND a.sequence IS NULL)
            OR (s.kind = 'span' AND coalesce(s.handler, s.name) IS NOT NULL)
        )
),
handler AS (
    SELECT
        handler, owner, code_file_path, code_line_number,
        min(plugin) AS plugin,
        min(service_name) AS service,
        list_sort(list(DISTINCT sequence) FILTER (sequence IS NOT NULL)) AS sequences,
        count(*) AS executions,
        count(*) - count(duration_ns) AS untimed,
        count(*) FILTER (status = 'error') AS errors,
        min(duration_ns) AS min_ns,
        max(duration_ns) AS max_ns,
        avg(duration_ns) AS avg_ns,
        quantile_cont(duration_ns, [0.5, 0.95, 0.99]) AS percentiles_ns,
        sum(duration_ns) AS total_ns,
        sum(duration_ns - least(coalesce(covered_ns, 0), duration_ns)) AS self_ns,
        min(least(start_time_unix_nano, end_time_unix_nano)) AS first_time_unix_nano,
        max(greatest(start_time_unix_nano, end_time_unix_nano)) AS last_time_unix_nano,
        min(code_function_name) AS code_function_name,
        max(code_confidence) AS code_confidence,
        min(code_evidence) AS code_evidence
    FROM call
    GROUP BY handler, owner, code_file_path, code_line_number
),
declared AS (
    SELECT sequence_id, min(plugin) AS plugin FROM declared_step GROUP BY sequence_id
)
SELECT
    h.handler, coalesce(h.plugin, d.plugin) AS plugin, h.service, h.sequences, h.executions, h.untimed, h.errors,
    h.min_ns, h.max_ns, h.avg_ns, h.percentiles_ns, h.total_ns, h.self_ns,
    h.first_time_unix_nano, h.last_time_unix_nano,
    h.code_file_path, h.code_line_number, h.code_function_name, h.code_confidence, h.code_evidence
FROM handler AS h
LEFT JOIN declared AS d ON h.sequences[1] = d.sequence_id
ORDER BY h.handler, plugin, h.service, h.code_file_path, h.code_line_number
