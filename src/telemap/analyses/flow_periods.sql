-- How long the runs of sequences took over time, in equal periods of all that is looked at, which took longest, and the
-- logs that they are in.
--
-- Parameters
--   $build    VARCHAR  service.version to look at; null for all
--   $periods  BIGINT   how many periods
--   $longest  BIGINT   runs of each sequence to name
--   $sources  BIGINT   logs of each sequence to name
-- Columns
--   sequence              VARCHAR  id, or the name where neither log nor definitions tell an id
--   start_time_unix_nano  BIGINT   of the first period
--   period_ns             BIGINT   length of one
--   periods               STRUCT(number BIGINT, runs BIGINT, errors BIGINT, percentiles_ns DOUBLE[])[]
--   longest               STRUCT(duration_ns BIGINT, start_time_unix_nano BIGINT, trace_id VARCHAR, is_failed BOOLEAN, uri VARCHAR, line BIGINT)[]
--   sources               STRUCT(runs BIGINT, uri VARCHAR, line BIGINT)[]
WITH run AS (
    SELECT
        r.sequence, r.trace_id, r.is_failed, r.start_time_unix_nano, r.source_id, r.first_line,
        CASE WHEN r.duration_ns >= 0 THEN r.duration_ns END AS duration_ns
    FROM flow_run AS r
    WHERE r.sequence IS NOT NULL AND r.start_time_unix_nano IS NOT NULL
        AND ($build IS NULL OR r.service_version = $build)
),
whole AS (
    SELECT
        min(start_time_unix_nano) AS start_time_unix_nano,
        (max(start_time_unix_nano) - min(start_time_unix_nano)) // $periods + 1 AS period_ns
    FROM run
),
period AS (
    SELECT
        r.sequence, (r.start_time_unix_nano - w.start_time_unix_nano) // w.period_ns AS number, count(*) AS runs,
        count(*) FILTER (r.is_failed) AS errors, quantile_cont(r.duration_ns, [0.5, 0.95]) AS percentiles_ns
    FROM run AS r
    CROSS JOIN whole AS w
    GROUP BY ALL
),
over_time AS (
    SELECT
        sequence,
        list({'number': number, 'runs': runs, 'errors': errors, 'percentiles_ns': percentiles_ns} ORDER BY number)
            AS periods
    FROM period
    GROUP BY sequence
),
long AS (
    SELECT
        r.sequence,
        max(
            {
                'duration_ns': r.duration_ns, 'start_time_unix_nano': r.start_time_unix_nano, 'trace_id': r.trace_id,
                'is_failed': r.is_failed, 'uri': s.uri, 'line': r.first_line
            },
            $longest
        ) AS longest
    FROM run AS r
    LEFT JOIN source AS s USING (source_id)
    WHERE r.duration_ns IS NOT NULL
    GROUP BY r.sequence
),
found AS (
    SELECT sequence, source_id, count(*) AS runs, min(first_line) AS line
    FROM run
    WHERE first_line IS NOT NULL
    GROUP BY sequence, source_id
),
place AS (
    SELECT f.sequence, max({'runs': f.runs, 'uri': s.uri, 'line': f.line}, $sources) AS sources
    FROM found AS f
    JOIN source AS s USING (source_id)
    GROUP BY f.sequence
)
SELECT
    o.sequence, w.start_time_unix_nano, w.period_ns, o.periods, coalesce(l.longest, []) AS longest,
    coalesce(p.sources, []) AS sources
FROM over_time AS o
CROSS JOIN whole AS w
LEFT JOIN long AS l USING (sequence)
LEFT JOIN place AS p USING (sequence)
ORDER BY o.sequence
