-- Which handlers answered the events of sequences, those of other sequences left out.
--
-- Parameters
--   $build  VARCHAR  service.version to look at; null for all
-- Columns
--   sequence    VARCHAR  id, or the name where neither log nor definitions tell an id
--   event_name  VARCHAR
--   handler     VARCHAR
--   runs        BIGINT
WITH named AS (
    SELECT sequence_name, min(sequence_id) AS sequence_id FROM declared_flow GROUP BY sequence_name
    HAVING count(*) = 1
)
SELECT
    coalesce(s.sequence_id, n.sequence_id, s.sequence_name) AS sequence, s.event_name, s.handler,
    count(DISTINCT s.trace_id) AS runs
FROM told_span AS s
LEFT JOIN named AS n ON s.sequence_name = n.sequence_name
WHERE
    s.kind = 'handler' AND s.handler IS NOT NULL AND s.event_name IS NOT NULL
    AND coalesce(s.handler_sequence = s.sequence_name, true)
    AND ($build IS NULL OR s.service_version = $build)
GROUP BY ALL
ORDER BY ALL
