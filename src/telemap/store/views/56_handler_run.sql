-- The executions that stand for runs of handlers: of handlers, of the operations of traces, and of beats in sequences
-- whose logs name no handler runs. A duration below zero, of a clock that was set back, is none.
CREATE VIEW stored.handler_run AS
WITH run AS (
    SELECT *, false AS is_beat, handler AS known_as FROM stored.keyed_span WHERE kind = 'handler' AND handler IS NOT NULL
    UNION ALL
    SELECT *, false, coalesce(handler, name) FROM stored.keyed_span WHERE kind = 'span' AND coalesce(handler, name, '') <> ''
    UNION ALL
    SELECT b.* REPLACE (coalesce(b.handler, d.handler) AS handler), true, coalesce(b.handler, d.handler)
    FROM stored.keyed_span AS b
    ANTI JOIN stored.answered('told_span') AS a ON coalesce(b.sequence_id, b.sequence_name) = a.sequence
    LEFT JOIN stored.declared_handler AS d ON b.sequence_id = d.sequence_id AND b.event_name = d.event_name
    WHERE b.kind = 'beat' AND coalesce(b.handler, d.handler) IS NOT NULL
)
SELECT
    handler_key(
        kind, name, handler, handler_sequence, sequence_id, sequence_name, plugin, service_name, span_kind,
        service_version, attributes
    ) AS handler_key,
    trace_key, span_key, CASE WHEN kind = 'span' THEN parent_key END AS parent_key, kind = 'span' AS is_traced,
    start_time_unix_nano, CASE WHEN kind = 'span' THEN end_time_unix_nano END AS end_time_unix_nano,
    CASE WHEN duration_ns >= 0 THEN duration_ns END AS duration_ns, status = 'error' AS is_failed,
    hash(source_id) AS log_key, first_line, service_version, is_beat, known_as AS handler, trace_id, span_id, status,
    status_message
FROM run
