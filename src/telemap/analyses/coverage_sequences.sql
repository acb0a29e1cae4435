-- How often each sequence ran, and how often its handlers did.
--
-- Columns
--   sequence  VARCHAR  id, or name where nothing tells an id
--   build     VARCHAR  service.version
--   runs      BIGINT
--   handlers  BIGINT   different handlers, or events of beats where the log names no handlers
--   answers   BIGINT   executions of these
SELECT
    coalesce(s.sequence_id, n.sequence_id, s.sequence_name) AS sequence, s.service_version AS build,
    count(*) FILTER (kind = 'sequence') AS runs,
    CASE WHEN bool_or(kind = 'handler') THEN count(DISTINCT handler) FILTER (kind = 'handler')
        ELSE count(DISTINCT event_name) FILTER (kind = 'beat') END AS handlers,
    CASE WHEN bool_or(kind = 'handler') THEN count(*) FILTER (kind = 'handler')
        ELSE count(*) FILTER (kind = 'beat') END AS answers
FROM told_span AS s
LEFT JOIN flow_name AS n USING (sequence_name)
WHERE s.kind IN ('sequence', 'beat', 'handler') AND coalesce(s.sequence_id, s.sequence_name) IS NOT NULL
GROUP BY sequence, build
ORDER BY sequence, build
