-- The variants of sequences: which events the runs brought, in which order, and what was odd about their beats. Runs of
-- one variant are one row; only so few come out of a store of any size. Oddities are of beats and handler runs: failed,
-- other-handler, other-sequence (owner, whose handler answered), unheard; late, of runs in which something
-- took longer than a limit that holds for every run of a sequence (owner).
--
-- Parameters
--   $build     VARCHAR  service.version to look at; null for all
--   $examples  BIGINT   runs of each variant to name; ids rise in the order of a log
-- Columns
--   sequence              VARCHAR    id, or the name where neither log nor definitions tell an id; null if nothing does
--   sequence_name         VARCHAR
--   lacks_root            BOOLEAN    the root of the traces is not there
--   lacks_start           BOOLEAN    the log begins inside of the runs
--   lacks_end             BOOLEAN    the log ends inside of them, or they were cut off
--   is_failed             BOOLEAN    the log says that they failed
--   beats                 VARCHAR[]  events, in their order
--   oddities              STRUCT(kind VARCHAR, event_name VARCHAR, "handler" VARCHAR, "owner" VARCHAR)[]
--   runs                  BIGINT
--   timed_runs            BIGINT     of these, with a known duration
--   total_ns              HUGEINT    sum of the durations
--   first_time_unix_nano  BIGINT     earliest start
--   last_time_unix_nano   BIGINT     latest start
--   examples              VARCHAR[]  ids of traces
WITH declared AS (
    SELECT sequence, event_name, list(DISTINCT handler) AS handlers
    FROM (SELECT unnest([sequence_id, sequence_name]) AS sequence, event_name, handler FROM declared_step)
    WHERE handler IS NOT NULL
    GROUP BY sequence, event_name
),
beaten AS (
    SELECT coalesce(sequence_id, sequence_name) AS sequence, event_name, name, count(*) AS executions
    FROM told_span
    WHERE kind = 'beat'
    GROUP BY ALL
),
-- Of numbers in one column lists are made three times as fast as of texts that another column orders.
event AS (
    SELECT event_name, row_number() OVER (ORDER BY event_name) AS number
    FROM (
        SELECT coalesce(event_name, name, '') AS event_name FROM beaten
        UNION
        SELECT event_name FROM flow_event WHERE kind = 'span'
    )
),
course AS (
    SELECT
        f.trace_id,
        list_transform(list_sort(list((f.place << 24) + e.number)), lambda packed: packed & 16777215) AS numbers
    FROM flow_event AS f
    JOIN event AS e USING (event_name)
    GROUP BY f.trace_id
),
answer AS (
    SELECT
        s.trace_id, coalesce(s.sequence_id, s.sequence_name) AS sequence, s.event_name, s.handler, s.status,
        CASE WHEN s.handler_sequence <> s.sequence_name THEN s.handler_sequence END AS owner,
        list_contains(d.handlers, s.handler) AS is_declared
    FROM told_span AS s
    LEFT JOIN declared AS d ON coalesce(s.sequence_id, s.sequence_name) = d.sequence AND s.event_name = d.event_name
    WHERE s.kind = 'handler'
),
-- Where handlers of a beat are in the log at other times, one without any had none.
lacking AS (
    SELECT b.sequence, b.event_name
    FROM (SELECT sequence, event_name, sum(executions) AS executions FROM beaten GROUP BY ALL) AS b
    JOIN (
        SELECT coalesce(sequence_id, sequence_name) AS sequence, event_name, count(*) AS executions
        FROM told_span
        WHERE kind = 'handler' AND coalesce(handler_sequence = sequence_name, true)
        GROUP BY ALL
    ) AS h USING (sequence, event_name)
    WHERE b.executions > h.executions
    ORDER BY b.sequence, b.event_name
    LIMIT 100000  -- for the planner: mostly there are none, and it would take them for millions
),
unanswered AS (
    SELECT b.trace_id, b.event_name
    FROM told_span AS b
    JOIN lacking AS l ON coalesce(b.sequence_id, b.sequence_name) = l.sequence AND b.event_name = l.event_name
    ANTI JOIN (
        SELECT h.parent_span_id
        FROM told_span AS h
        JOIN lacking AS l ON coalesce(h.sequence_id, h.sequence_name) = l.sequence AND h.event_name = l.event_name
        WHERE h.kind = 'handler'
    ) AS c ON b.span_id = c.parent_span_id
    WHERE b.kind = 'beat' AND b.status = 'ok' AND b.inferred_by IS NULL
),
oddity AS (
    SELECT trace_id, 'failed' AS kind, event_name, NULL AS handler, NULL AS owner FROM flow_event WHERE status = 'error'
    UNION
    SELECT trace_id, 'late', NULL, NULL, sequence FROM limited_span WHERE quantile IS NULL AND is_over
    UNION
    SELECT
        trace_id,
        CASE WHEN status = 'error' THEN 'failed' WHEN owner IS NOT NULL THEN 'other-sequence' ELSE 'other-handler' END,
        event_name, handler, owner
    FROM answer
    WHERE status = 'error' OR owner IS NOT NULL OR NOT is_declared
    UNION
    SELECT b.trace_id, 'unheard', b.event_name, NULL, NULL
    FROM record AS r
    JOIN told_span AS b USING (span_id)
    WHERE r.event_name = 'event.unheard'
    UNION
    SELECT trace_id, 'unheard', event_name, NULL, NULL FROM unanswered
),
odd AS (
    SELECT
        trace_id,
        list_sort(list({'kind': kind, 'event_name': event_name, 'handler': handler, 'owner': owner})) AS oddities
    FROM oddity
    GROUP BY trace_id
),
variant AS (
    SELECT
        r.sequence, min(r.sequence_name) AS sequence_name, r.lacks_root, r.lacks_start, r.lacks_end,
        r.is_failed, c.numbers, o.oddities, count(*) AS runs, count(r.duration_ns) AS timed_runs,
        sum(r.duration_ns) AS total_ns,
        min(r.start_time_unix_nano) AS first_time_unix_nano, max(r.start_time_unix_nano) AS last_time_unix_nano,
        min(r.trace_id, $examples) AS examples
    FROM flow_run AS r
    LEFT JOIN course AS c USING (trace_id)
    LEFT JOIN odd AS o USING (trace_id)
    WHERE $build IS NULL OR r.service_version = $build
    GROUP BY r.sequence, r.lacks_root, r.lacks_start, r.lacks_end, r.is_failed, c.numbers, o.oddities
),
events AS (
    SELECT list(event_name ORDER BY number) AS names FROM event
)
SELECT
    v.sequence, v.sequence_name, v.lacks_root, v.lacks_start, v.lacks_end, v.is_failed,
    coalesce(list_transform(v.numbers, lambda number: e.names[number]), []) AS beats,
    coalesce(v.oddities, []) AS oddities, v.runs, v.timed_runs, v.total_ns, v.first_time_unix_nano,
    v.last_time_unix_nano, v.examples
FROM variant AS v
CROSS JOIN events AS e
ORDER BY ALL
