-- The sessions: what was going on in each source, when nothing was, and what failed.
--
-- Parameters
--   $build  VARCHAR  service.version to look at; null for all
-- Columns
--   source_id              VARCHAR
--   uri                    VARCHAR  the source as it was given
--   service                VARCHAR  service.name
--   build                  VARCHAR  service.version
--   start_time_unix_nano   BIGINT   earliest start of a run
--   end_time_unix_nano     BIGINT   latest end
--   runs                   BIGINT   of sequences, and traces
--   errors                 BIGINT   of these, failed
--   incomplete             BIGINT   of these, cut off
--   busy_ns                HUGEINT  time in which at least one of them was going on
--   pauses                 STRUCT("start" BIGINT, "end" BIGINT)[]  the five longest times in which none was
WITH run AS (
    SELECT
        source_id, service_name, service_version, start_time_unix_nano AS start_time,
        greatest(start_time_unix_nano, end_time_unix_nano) AS end_time, status
    FROM told_span
    WHERE (kind = 'sequence' OR (kind = 'span' AND parent_span_id IS NULL)) AND start_time_unix_nano IS NOT NULL
        AND ($build IS NULL OR service_version = $build)
),
-- Runs may overlap each other: of each, only what goes beyond all that began before it counts.
advance AS (
    SELECT
        source_id, start_time, end_time,
        max(end_time) OVER (
            PARTITION BY source_id ORDER BY start_time, end_time ROWS BETWEEN UNBOUNDED PRECEDING AND 1 PRECEDING
        ) AS reached
    FROM run
),
pause AS (
    SELECT
        source_id,
        list({'start': reached, 'end': start_time} ORDER BY reached - start_time, reached)[:5] AS pauses
    FROM advance
    WHERE start_time > reached
    GROUP BY source_id
),
busy AS (
    SELECT source_id, sum(end_time - greatest(start_time, coalesce(reached, start_time))) AS busy_ns
    FROM advance
    WHERE reached IS NULL OR end_time > reached
    GROUP BY source_id
)
SELECT
    r.source_id, s.uri, min(r.service_name) AS service, min(r.service_version) AS build,
    min(r.start_time) AS start_time_unix_nano, max(r.end_time) AS end_time_unix_nano, count(*) AS runs,
    count(*) FILTER (r.status = 'error') AS errors, count(*) FILTER (r.status = 'incomplete') AS incomplete,
    coalesce(any_value(b.busy_ns), 0)::HUGEINT AS busy_ns, coalesce(any_value(p.pauses), []) AS pauses
FROM run AS r
JOIN source AS s USING (source_id)
LEFT JOIN busy AS b USING (source_id)
LEFT JOIN pause AS p USING (source_id)
GROUP BY r.source_id, s.uri
ORDER BY start_time_unix_nano, s.uri
