-- The executions as their sources tell them, with numbers in place of ids: of the trace, the span, and the span above.
-- Ids of spans are unique in a trace only; a run that a handler has caused is a trace of its own, but its ids are ours.
CREATE VIEW stored.keyed_span AS
SELECT
    *, hash(trace_id) AS trace_key,
    CASE WHEN kind = 'span' THEN hash(trace_id, span_id) ELSE hash(span_id) END AS span_key,
    CASE WHEN parent_span_id IS NULL THEN NULL WHEN kind = 'span' THEN hash(trace_id, parent_span_id)
        ELSE hash(parent_span_id) END AS parent_key
FROM told_span
