-- The executions as their sources tell them, with numbers in place of ids: of the trace, the span, and the span above.
-- Ids of spans are unique in a trace only; a run that a handler has caused is a trace of its own, but its ids are ours.
-- Above a span without a parent is what it links to first: what it follows from, or the sender of the message.
CREATE VIEW stored.keyed_span AS
SELECT
    *, hash(trace_id) AS trace_key,
    CASE WHEN kind = 'span' THEN hash(trace_id, span_id) ELSE hash(span_id) END AS span_key,
    CASE
        WHEN parent_span_id IS NOT NULL AND kind = 'span' THEN hash(trace_id, parent_span_id)
        WHEN parent_span_id IS NOT NULL THEN hash(parent_span_id)
        WHEN kind = 'span' AND len(links) > 0 THEN hash(links[1].trace_id, links[1].span_id)
    END AS parent_key
FROM told_span
