-- How often each sequence ran, and how often its handlers did.
--
-- Columns
--   sequence  VARCHAR  id, or name where nothing tells an id
--   build     VARCHAR  service.version
--   runs      BIGINT
--   handlers  BIGINT   different handlers, or events of beats where the log names no handlers
--   answers   BIGINT   executions of these
--   is_named  BOOLEAN  whether the log names handlers
SELECT
    coalesce(s.sequence_id, n.sequence_id, s.sequence_name) AS sequence, s.service_version AS build,
    coalesce(sum(s.executions) FILTER (s.kind = 'sequence'), 0)::BIGINT AS runs,
    CASE WHEN bool_or(s.kind = 'handler') THEN count(DISTINCT s.handler) FILTER (s.kind = 'handler')
        ELSE count(DISTINCT s.event_name) FILTER (s.kind = 'beat') END AS handlers,
    coalesce(
        CASE WHEN bool_or(s.kind = 'handler') THEN sum(s.executions) FILTER (s.kind = 'handler')
            ELSE sum(s.executions) FILTER (s.kind = 'beat') END,
        0
    )::BIGINT AS answers,
    bool_or(s.handler IS NOT NULL) AS is_named
FROM stored.naming AS s
LEFT JOIN flow_name AS n USING (sequence_name)
WHERE s.kind <> 'span' AND coalesce(s.sequence_id, s.sequence_name) IS NOT NULL
GROUP BY sequence, build
ORDER BY sequence, build
