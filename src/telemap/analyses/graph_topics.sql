-- Which node published a topic that began a run of a sequence, and the node that ran first in it.
--
-- Parameters
--   $keys   UBIGINT[]  numbers of handlers (handler_key)
--   $nodes  INTEGER[]  the node that each of them belongs to
-- Columns
--   source          INTEGER
--   target          INTEGER
--   count           BIGINT     runs that were begun
--   sources         BIGINT     runs of the source that began them
--   errors          BIGINT     failed runs of the target in them
--   percentiles_ns  DOUBLE[]   of the target's durations in them, 50th and 95th
--   log_key         UBIGINT   the log (hash of its source_id) of the first such run of the target
--   line_number     BIGINT     its line there
--   through         VARCHAR    the topic
WITH said AS (
    SELECT
        hash(span_id) AS span_key, event_name, attributes['topic'] AS topic,
        attributes['target_sequence'] AS target_sequence
    FROM record
    WHERE event_name IN ('topic.published', 'topic.routed') AND span_id IS NOT NULL
),
route AS (
    SELECT topic, sequence_id AS sequence FROM declared_route WHERE sequence_id IS NOT NULL
    UNION
    SELECT topic, target_sequence FROM said WHERE event_name = 'topic.routed' AND target_sequence IS NOT NULL
),
run AS (
    SELECT * FROM stored.node_run($keys::UBIGINT[], $nodes::INTEGER[])
),
published AS (
    SELECT DISTINCT r.span_key, r.node, p.topic
    FROM said AS p
    JOIN run AS r USING (span_key)
    WHERE p.event_name = 'topic.published'
),
begun AS (
    SELECT p.node AS source, p.span_key AS source_key, p.topic, s.trace_key
    FROM published AS p
    JOIN stored.keyed_span AS s ON p.span_key = s.parent_key AND s.kind = 'sequence'
    JOIN route AS r ON p.topic = r.topic AND coalesce(s.sequence_id, s.sequence_name) = r.sequence
),
first AS (
    SELECT
        trace_key,
        arg_min(
            {
                'node': node, 'duration_ns': duration_ns, 'is_failed': is_failed, 'log_key': log_key,
                'first_line': first_line
            },
            first_line
        ) AS run
    FROM run
    WHERE trace_key IN (SELECT trace_key FROM begun)
    GROUP BY trace_key
)
SELECT
    b.source, f.run.node AS target, count(*) AS count, count(DISTINCT b.source_key) AS sources,
    count(*) FILTER (f.run.is_failed) AS errors, quantile_cont(f.run.duration_ns, [0.5, 0.95]) AS percentiles_ns,
    arg_min(f.run.log_key, f.run.first_line) AS log_key, min(f.run.first_line) AS line_number, b.topic AS through
FROM begun AS b
JOIN first AS f USING (trace_key)
GROUP BY b.source, f.run.node, b.topic
ORDER BY b.source, target, through
