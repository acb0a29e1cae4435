-- Which of its handlers answered each event of a sequence most often.
--
-- Parameters
--   $build  VARCHAR  service.version to look at; null for all
-- Columns
--   sequence    VARCHAR  id, and in a row of its own name
--   event_name  VARCHAR
--   handler     VARCHAR
WITH answer AS (
    SELECT unnest([sequence_id, sequence_name]) AS sequence, event_name, handler
    FROM told_span
    WHERE kind = 'handler' AND handler IS NOT NULL
        AND (handler_sequence IS NULL OR handler_sequence = sequence_name)
        AND ($build IS NULL OR service_version = $build)
)
SELECT sequence, event_name, mode(handler ORDER BY handler) AS handler
FROM answer
WHERE sequence IS NOT NULL
GROUP BY ALL
ORDER BY ALL
