-- How long the executions of each handler took. A handler is a function of the indexed code, or where that is not
-- known, a name and a plugin. In sequences whose logs name no handler runs, a beat stands for its handler.
--
-- Parameters
--   $build  VARCHAR  service.version to look at; null for all
-- Columns
--   handler               VARCHAR    as the log or the declaration names it
--   plugin                VARCHAR    the first by name, where several share the function
--   sequences             VARCHAR[]  ids, or names where the log tells no id
--   executions            BIGINT     all that were begun
--   untimed               BIGINT     of these, without a known duration
--   errors                BIGINT     of these, failed
--   min_ns                BIGINT     shortest
--   max_ns                BIGINT     longest
--   avg_ns                DOUBLE     mean
--   percentiles_ns        DOUBLE[]   50th, 95th and 99th
--   total_ns              HUGEINT    sum
--   self_ns               HUGEINT    sum without the time in which a run that the handler caused was going on
--   first_time_unix_nano  BIGINT     earliest start or end
--   last_time_unix_nano   BIGINT     latest start or end
--   code_file_path        VARCHAR
--   code_line_number      BIGINT
--   code_function_name    VARCHAR
--   code_confidence       DOUBLE
--   code_evidence         VARCHAR
WITH handler_run AS (
    SELECT DISTINCT coalesce(sequence_id, sequence_name) AS sequence FROM span WHERE kind = 'handler'
),
call AS (
    SELECT
        s.span_id, s.handler, s.plugin, coalesce(s.sequence_id, s.sequence_name) AS sequence,
        CASE WHEN s.code_file_path IS NULL THEN s.plugin END AS owner,
        s.status, s.start_time_unix_nano, s.end_time_unix_nano, s.duration_ns,
        s.code_file_path, s.code_line_number, s.code_function_name, s.code_confidence, s.code_evidence
    FROM span AS s
    LEFT JOIN handler_run AS h ON coalesce(s.sequence_id, s.sequence_name) = h.sequence
    WHERE s.handler IS NOT NULL
        AND ($build IS NULL OR s.service_version = $build)
        AND (s.kind = 'handler' OR (s.kind = 'beat' AND h.sequence IS NULL))
),
handler AS (
    SELECT
        handler, owner, code_file_path, code_line_number,
        min(plugin) AS plugin,
        list_sort(list(DISTINCT sequence) FILTER (sequence IS NOT NULL)) AS sequences,
        count(*) AS executions,
        count(*) - count(duration_ns) AS untimed,
        count(*) FILTER (status = 'error') AS errors,
        min(duration_ns) AS min_ns,
        max(duration_ns) AS max_ns,
        avg(duration_ns) AS avg_ns,
        quantile_cont(duration_ns, [0.5, 0.95, 0.99]) AS percentiles_ns,
        sum(duration_ns) AS total_ns,
        min(least(start_time_unix_nano, end_time_unix_nano)) AS first_time_unix_nano,
        max(greatest(start_time_unix_nano, end_time_unix_nano)) AS last_time_unix_nano,
        min(code_function_name) AS code_function_name,
        max(code_confidence) AS code_confidence,
        min(code_evidence) AS code_evidence
    FROM call
    GROUP BY handler, owner, code_file_path, code_line_number
),
child AS (
    SELECT
        c.span_id, c.handler, c.owner, c.code_file_path, c.code_line_number, c.duration_ns,
        greatest(s.start_time_unix_nano, c.start_time_unix_nano) AS start_time,
        least(s.end_time_unix_nano, c.end_time_unix_nano) AS end_time
    FROM span AS s
    JOIN call AS c ON s.parent_span_id = c.span_id
    WHERE s.kind IN ('sequence', 'span')
        AND s.start_time_unix_nano < c.end_time_unix_nano
        AND s.end_time_unix_nano > c.start_time_unix_nano
),
-- Children may overlap each other: of each, only what goes beyond all that began before it counts.
advance AS (
    SELECT *, end_time - greatest(start_time, coalesce(max(end_time) OVER earlier, start_time)) AS advance_ns
    FROM child
    WINDOW earlier AS (
        PARTITION BY span_id ORDER BY start_time, end_time ROWS BETWEEN UNBOUNDED PRECEDING AND 1 PRECEDING
    )
),
covered_call AS (
    SELECT
        handler, owner, code_file_path, code_line_number, least(sum(greatest(advance_ns, 0)), duration_ns) AS covered_ns
    FROM advance
    GROUP BY span_id, handler, owner, code_file_path, code_line_number, duration_ns
),
covered AS (
    SELECT handler, owner, code_file_path, code_line_number, sum(covered_ns) AS covered_ns
    FROM covered_call
    GROUP BY handler, owner, code_file_path, code_line_number
),
declared AS (
    SELECT sequence_id, min(plugin) AS plugin FROM declared_step GROUP BY sequence_id
)
SELECT
    h.handler, coalesce(h.plugin, d.plugin) AS plugin, h.sequences, h.executions, h.untimed, h.errors,
    h.min_ns, h.max_ns, h.avg_ns, h.percentiles_ns, h.total_ns, h.total_ns - coalesce(v.covered_ns, 0) AS self_ns,
    h.first_time_unix_nano, h.last_time_unix_nano,
    h.code_file_path, h.code_line_number, h.code_function_name, h.code_confidence, h.code_evidence
FROM handler AS h
LEFT JOIN covered AS v
    ON h.handler = v.handler
    AND h.owner IS NOT DISTINCT FROM v.owner
    AND h.code_file_path IS NOT DISTINCT FROM v.code_file_path
    AND h.code_line_number IS NOT DISTINCT FROM v.code_line_number
LEFT JOIN declared AS d ON h.sequences[1] = d.sequence_id
ORDER BY h.handler, plugin, h.code_file_path, h.code_line_number
