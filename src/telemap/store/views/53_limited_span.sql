-- One row an execution for which a declared limit holds, and how long it took; null where that is not known. Of a limit
-- of a step, these are the runs of its handler, as long as they went on, even beyond the beat; where the logs show no
-- handler of the event, the beats; in traces, the spans.
CREATE VIEW limited_span AS
-- Several steps with one event and one limit are as one; where only some of them have it, their beats are told apart.
WITH step_limit AS (
    SELECT
        l.sequence_id, l.event_name, l.quantile, l.limit_ns, l.text, l.is_setting, l.file_path, l.line_number,
        min(l.step_number) AS step_number, list(d.handler) FILTER (d.handler IS NOT NULL) AS handlers,
        CASE WHEN count(*) < any_value(s.steps) THEN list(d.beat) END AS beats
    FROM declared_limit AS l
    LEFT JOIN stored.declared_step AS d USING (sequence_id, step_number)
    LEFT JOIN (
        SELECT sequence_id, event_name, count(*) AS steps FROM stored.declared_step GROUP BY ALL
    ) AS s ON l.sequence_id = s.sequence_id AND l.event_name = s.event_name
    WHERE l.event_name IS NOT NULL
    GROUP BY ALL
),
told AS (
    SELECT coalesce(s.sequence_id, n.sequence_id, s.sequence_name) AS sequence, s.*
    FROM told_span AS s
    LEFT JOIN flow_name AS n USING (sequence_name)
    WHERE s.sequence_id IS NOT NULL OR s.sequence_name IS NOT NULL
    UNION ALL
    SELECT r.sequence, s.*
    FROM told_span AS s
    JOIN flow_run AS r ON s.trace_id = r.trace_id AND s.span_id IS DISTINCT FROM r.span_id
    WHERE r.is_trace
),
execution AS (
    SELECT
        s.sequence, l.step_number, l.event_name, l.quantile, l.limit_ns, l.text, l.is_setting, l.file_path,
        l.line_number, s.trace_id, s.span_id, s.start_time_unix_nano,
        coalesce(s.reported_duration_ns, s.duration_ns) AS duration_ns, s.service_version, s.kind,
        CASE
            WHEN l.beats IS NOT NULL AND NOT coalesce(list_contains(l.beats, s.beat), false) THEN false
            WHEN s.kind <> 'handler' THEN true
            WHEN l.handlers IS NOT NULL AND s.handler IS NOT NULL THEN list_contains(l.handlers, s.handler)
            ELSE coalesce(s.handler_sequence = s.sequence_name, true)
        END AS is_meant
    FROM told AS s
    JOIN step_limit AS l
        ON coalesce(s.event_name, s.name) = l.event_name AND coalesce(l.sequence_id, s.sequence) = s.sequence
    WHERE s.kind IN ('beat', 'handler', 'span')
),
answered AS (
    SELECT DISTINCT sequence, event_name FROM execution WHERE kind = 'handler'
),
limited AS (
    SELECT
        r.sequence, NULL AS step_number, NULL AS event_name, l.quantile, l.limit_ns, l.text, l.is_setting, l.file_path,
        l.line_number, r.trace_id, r.span_id, r.start_time_unix_nano, r.duration_ns, r.service_version
    FROM flow_run AS r
    JOIN declared_limit AS l ON r.sequence = coalesce(l.sequence_id, l.event_name) AND l.step_number IS NULL
    UNION ALL
    SELECT * EXCLUDE (kind, is_meant) FROM execution WHERE is_meant AND kind <> 'beat'
    UNION ALL
    SELECT e.* EXCLUDE (kind, is_meant)
    FROM execution AS e
    ANTI JOIN answered AS a ON e.sequence = a.sequence AND e.event_name = a.event_name
    WHERE e.is_meant AND e.kind = 'beat'
)
SELECT
    * REPLACE (CASE WHEN duration_ns >= 0 THEN duration_ns END AS duration_ns),  -- of a clock that was set back, none
    coalesce(duration_ns > limit_ns, false) AS is_over
FROM limited
