-- How often some handlers took how long under each build. A bin holds durations from 10^(bin / 10) ns up to the next, so
-- that ten of them make a factor of ten; 0 ns is in the first.
--
-- Parameters
--   $keys  UBIGINT[]  numbers of handlers (handler_key)
-- Columns
--   build       VARCHAR  service.version
--   bin         INTEGER
--   executions  BIGINT
SELECT
    service_version AS build, floor(10 * log10(greatest(duration_ns, 1)))::INTEGER AS bin, count(*) AS executions
FROM stored.handler_run
WHERE list_contains($keys::UBIGINT[], handler_key) AND duration_ns IS NOT NULL
GROUP BY build, bin
ORDER BY build, bin
