-- What each source can show and what it cannot: when it was recorded, where it is silent, and what is missing in it.
--
-- Columns
--   uri                    VARCHAR  the source as it was given
--   log_format             VARCHAR
--   builds                 VARCHAR[]  service.version of the source, and of what is in it
--   first_time_unix_nano   BIGINT
--   last_time_unix_nano    BIGINT
--   sequences              BIGINT   runs of sequences
--   calls                  BIGINT   runs of handlers, beats and spans
--   lacks_start            BIGINT   runs that the log begins inside of
--   spans                  BIGINT   spans of traces
--   orphans                BIGINT   of these, whose parent is nowhere
--   least_severity         VARCHAR  of its records
--   least_severity_number  INTEGER
--   silences               STRUCT("start" BIGINT, "end" BIGINT)[]  of at least a minute, longest first: times in seconds
WITH execution AS (
    SELECT
        source_id, coalesce(sum(executions) FILTER (kind = 'sequence'), 0)::BIGINT AS sequences,
        coalesce(sum(executions) FILTER (kind <> 'sequence'), 0)::BIGINT AS calls,
        coalesce(sum(executions) FILTER (lacks_start), 0)::BIGINT AS lacks_start,
        coalesce(sum(executions) FILTER (kind = 'span'), 0)::BIGINT AS spans,
        list(DISTINCT service_version) FILTER (service_version IS NOT NULL) AS builds
    FROM stored.naming
    GROUP BY source_id
),
orphan AS (
    SELECT c.source_id, count(*) AS orphans
    FROM told_span AS c
    ANTI JOIN (SELECT trace_id, span_id FROM told_span WHERE kind = 'span') AS p
        ON c.trace_id = p.trace_id AND c.parent_span_id = p.span_id
    WHERE c.kind = 'span' AND c.parent_span_id IS NOT NULL
    GROUP BY c.source_id
),
severity AS (
    SELECT
        source_id, min(severity_number) AS least_severity_number,
        arg_min(severity_text, severity_number) AS least_severity
    FROM record
    GROUP BY source_id
),
second AS (
    SELECT DISTINCT source_id, time_unix_nano // 1000000000 AS second
    FROM record
    WHERE time_unix_nano IS NOT NULL
    UNION
    SELECT DISTINCT source_id, start_time_unix_nano // 1000000000 FROM told_span WHERE start_time_unix_nano IS NOT NULL
    UNION
    SELECT DISTINCT source_id, end_time_unix_nano // 1000000000 FROM told_span WHERE end_time_unix_nano IS NOT NULL
),
step AS (
    SELECT
        source_id, lag(second) OVER (PARTITION BY source_id ORDER BY second) AS start, second AS "end", "end" - start AS length
    FROM second
),
-- Where quiet is usual, a minute of it tells nothing: ten times what only one in a hundred pauses exceeds does.
silence AS (
    SELECT s.source_id, list({'start': s.start, 'end': s."end"} ORDER BY s.length DESC, s.start) AS silences
    FROM step AS s
    LEFT JOIN (
        SELECT source_id, quantile_cont(length, 0.99) AS usual FROM step WHERE length < 60 GROUP BY source_id
    ) AS u USING (source_id)
    WHERE s.length >= greatest(60, 10 * coalesce(u.usual, 0))
    GROUP BY s.source_id
)
SELECT
    o.uri, o.log_format, list_append(e.builds, o.service_version) AS builds, o.first_time_unix_nano, o.last_time_unix_nano,
    coalesce(e.sequences, 0) AS sequences, coalesce(e.calls, 0) AS calls, coalesce(e.lacks_start, 0) AS lacks_start,
    coalesce(e.spans, 0) AS spans, coalesce(p.orphans, 0) AS orphans, v.least_severity, v.least_severity_number,
    coalesce(q.silences, []) AS silences
FROM source AS o
LEFT JOIN execution AS e USING (source_id)
LEFT JOIN orphan AS p USING (source_id)
LEFT JOIN severity AS v USING (source_id)
LEFT JOIN silence AS q USING (source_id)
ORDER BY o.first_time_unix_nano, o.uri
