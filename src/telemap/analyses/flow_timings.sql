-- How long the events of sequences took: beats, or the spans of traces and of process logs.
--
-- Parameters
--   $build  VARCHAR  service.version to look at; null for all
-- Columns
--   sequence        VARCHAR   id, or the name where neither log nor definitions tell an id
--   event_name      VARCHAR
--   percentiles_ns  DOUBLE[]  50th and 95th
WITH event AS (
    SELECT
        coalesce(s.sequence_id, n.sequence_id, s.sequence_name) AS sequence,
        coalesce(s.event_name, s.name, '') AS event_name, coalesce(s.reported_duration_ns, s.duration_ns) AS duration_ns
    FROM told_span AS s
    LEFT JOIN flow_name AS n USING (sequence_name)
    WHERE (s.kind = 'beat' OR (s.kind = 'span' AND s.sequence_name IS NOT NULL))
        AND ($build IS NULL OR s.service_version = $build)
    UNION ALL
    SELECT
        r.sequence, coalesce(s.event_name, s.name, ''), coalesce(s.reported_duration_ns, s.duration_ns)
    FROM told_span AS s
    JOIN flow_run AS r ON s.trace_id = r.trace_id AND s.span_id IS DISTINCT FROM r.span_id
    WHERE r.is_trace AND s.kind = 'span' AND s.sequence_name IS NULL AND ($build IS NULL OR r.service_version = $build)
)
SELECT sequence, event_name, quantile_cont(duration_ns, [0.5, 0.95]) AS percentiles_ns
FROM event
WHERE sequence IS NOT NULL AND duration_ns >= 0
GROUP BY sequence, event_name
ORDER BY sequence, event_name
