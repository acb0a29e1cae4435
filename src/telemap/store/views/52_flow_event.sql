-- One row an event of a run of a flow, beside those of logs without runs; place says their order within a run. Beats are
-- in the order of their lines, the events of process logs in that of the log, the spans of a trace in that of their
-- starts: of several that start together, the longest first. The root of a trace is the run itself, and no event of it.
CREATE VIEW flow_event AS
WITH traced AS (
    SELECT DISTINCT trace_id, span_id, kind FROM flow_run WHERE is_trace
)
SELECT trace_id, span_id, kind, coalesce(event_name, name, '') AS event_name, status, first_line AS place
FROM told_span
WHERE kind = 'beat'
UNION ALL
SELECT
    trace_id, span_id, kind, coalesce(event_name, name, ''), status,
    row_number() OVER (PARTITION BY trace_id ORDER BY span_id)
FROM told_span
WHERE kind = 'span' AND sequence_name IS NOT NULL
UNION ALL
SELECT
    s.trace_id, s.span_id, s.kind, coalesce(s.event_name, s.name, ''), s.status,
    row_number() OVER (
        PARTITION BY s.trace_id
        ORDER BY
            CASE WHEN t.kind = 'span' THEN s.start_time_unix_nano END,
            CASE WHEN t.kind = 'span' THEN s.end_time_unix_nano END DESC, s.span_id
    )
FROM told_span AS s
JOIN traced AS t ON s.trace_id = t.trace_id AND s.span_id IS DISTINCT FROM t.span_id
WHERE s.kind = 'span' AND s.sequence_name IS NULL
