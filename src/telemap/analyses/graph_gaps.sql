-- What there is to make edges of, and what of the traces cannot be put into a graph, counted.
--
-- Parameters
--   $build  VARCHAR  service.version to look at; null for all
-- Columns
--   caused     BIGINT  executions that something above them began
--   published  BIGINT  publications of topics
--   orphans    BIGINT  spans whose parent is not there
--   circular   BIGINT  spans of traces in which every span has a parent: they go round in circles
--   nameless   BIGINT  spans that have no name, and are passed
--   negative   BIGINT  executions that ended before they began
WITH told AS (
    SELECT * FROM stored.keyed_span WHERE $build IS NULL OR service_version = $build
),
traced AS (
    SELECT
        trace_key, parent_span_id IS NOT NULL AS has_parent,
        parent_key IN (SELECT span_key FROM stored.keyed_span WHERE kind = 'span') AS is_there
    FROM told
    WHERE kind = 'span'
),
closed AS (
    SELECT trace_key, count(*) AS spans FROM traced GROUP BY trace_key HAVING bool_and(has_parent AND is_there)
)
SELECT
    (SELECT count(*) FROM told WHERE kind IN ('sequence', 'span') AND parent_key IS NOT NULL) AS caused,
    (SELECT count(*) FROM record WHERE event_name = 'topic.published') AS published,
    (SELECT count(*) FROM traced WHERE has_parent AND NOT is_there) AS orphans,
    (SELECT coalesce(sum(spans), 0)::BIGINT FROM closed) AS circular,
    (SELECT count(*) FROM told WHERE kind = 'span' AND coalesce(handler, name, '') = '') AS nameless,
    (SELECT count(*) FROM told WHERE duration_ns < 0) AS negative
ORDER BY ALL
