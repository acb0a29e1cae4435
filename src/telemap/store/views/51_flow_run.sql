-- One row a run of a flow: of a sequence, declared or not, or a trace that a declared flow is about (is_trace; one row
-- for each such flow). sequence is the id of the flow, or the name where nothing tells an id; kind and span_id are of the
-- span that is the whole run; of a trace that lacks_root, it is not there.
CREATE VIEW flow_run AS
-- Of several spans without a parent the first is the root.
WITH trace AS (
    SELECT
        trace_id, min(start_time_unix_nano) AS start_time_unix_nano, min(service_version) AS service_version,
        min(
            {
                'start_time_unix_nano': start_time_unix_nano, 'span_id': span_id, 'kind': kind, 'name': name,
                'status': status, 'duration_ns': coalesce(reported_duration_ns, duration_ns), 'source_id': source_id,
                'first_line': first_line, 'service_version': service_version
            }
        ) FILTER (parent_span_id IS NULL) AS root
    FROM told_span
    WHERE kind IN ('sequence', 'span') AND sequence_id IS NULL AND sequence_name IS NULL
    GROUP BY trace_id
)
SELECT
    s.trace_id, s.span_id, s.kind, false AS is_trace,
    coalesce(s.sequence_id, n.sequence_id, s.sequence_name) AS sequence, s.sequence_name, false AS lacks_root,
    coalesce(s.inferred_by IN ('start-not-seen', 'implied-by-child'), false) AS lacks_start,
    s.status = 'incomplete' AS lacks_end, s.status = 'error' AS is_failed, s.start_time_unix_nano,
    coalesce(s.reported_duration_ns, s.duration_ns) AS duration_ns, s.source_id, s.first_line, s.service_version
FROM told_span AS s
LEFT JOIN flow_name AS n USING (sequence_name)
WHERE s.kind = 'sequence' AND coalesce(s.sequence_id, s.sequence_name) IS NOT NULL
UNION ALL
SELECT
    t.trace_id, t.root.span_id, coalesce(t.root.kind, 'span'), f.sequence_id IS NOT NULL, f.sequence_id,
    f.sequence_name, t.root IS NULL, false, coalesce(t.root.status = 'incomplete', false), coalesce(t.root.status = 'error', false),
    t.start_time_unix_nano, t.root.duration_ns, t.root.source_id, t.root.first_line,
    coalesce(t.root.service_version, t.service_version)
FROM trace AS t
LEFT JOIN stored.declared_flow AS f ON f.runs = 'trace' AND coalesce(f.root_name = t.root.name, f.root_name IS NULL)
WHERE f.sequence_id IS NOT NULL OR t.root.kind = 'sequence'
