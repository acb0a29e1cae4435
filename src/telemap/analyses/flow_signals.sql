-- What logs say of how topics, routes, subscriptions and plugins work together, counted. Signals are events by their
-- names, and what follows from several: plugin.rejected (offered, and neither mounted nor refused in words),
-- event.unheard-yet (a beat's event had no subscriber, and had one later), topic.eventless (without routes, named as the
-- event of a sequence that did not run then).
--
-- Parameters
--   $build  VARCHAR  service.version to look at; null for all
-- Columns
--   signal                VARCHAR
--   topic                 VARCHAR
--   routes                BIGINT   to how many a publication was delivered
--   target_plugin         VARCHAR
--   target_sequence       VARCHAR  id
--   target_event          VARCHAR
--   count                 BIGINT
--   first_time_unix_nano  BIGINT
--   last_time_unix_nano   BIGINT
--   examples              STRUCT(uri VARCHAR, line_number BIGINT)[]  the first three
WITH said AS (
    SELECT
        s.uri, r.source_id, r.line_number, r.time_unix_nano, r.event_name AS signal, r.span_id,
        r.attributes['topic'] AS topic, try_cast(r.attributes['routes'] AS BIGINT) AS routes,
        r.attributes['target_plugin'] AS target_plugin, r.attributes['target_sequence'] AS target_sequence,
        r.attributes['target_event'] AS target_event
    FROM record AS r
    JOIN source AS s USING (source_id)
    WHERE r.event_name IN (
            'topic.published', 'topic.routed', 'topic.unknown', 'sequence.missing', 'sequence.registered',
            'plugin.missing', 'plugin.offered', 'plugin.mounted', 'event.subscribed', 'event.unheard'
        )
        AND ($build IS NULL OR s.service_version = $build)
),
mounting AS (
    SELECT
        *, lead(signal) OVER (PARTITION BY source_id, target_plugin ORDER BY line_number) AS next_signal,
        max(line_number) OVER (PARTITION BY source_id) AS last_line
    FROM said
    WHERE signal IN ('plugin.offered', 'plugin.mounted')
),
subscribed AS (
    SELECT source_id, target_event, min(line_number) AS first_line FROM said WHERE signal = 'event.subscribed'
    GROUP BY source_id, target_event
),
-- What a sequence publishes itself while it runs starts nothing, and is not meant to.
own AS (
    SELECT p.source_id, p.line_number
    FROM said AS p
    JOIN declared_step AS d ON p.topic = d.event_name
    JOIN told_span AS s
        ON s.kind = 'sequence' AND p.source_id = s.source_id AND s.sequence_id = d.sequence_id
        AND p.line_number BETWEEN s.first_line AND s.last_line
    WHERE p.signal = 'topic.published' AND p.routes = 0
),
signal AS (
    SELECT uri, line_number, time_unix_nano, signal, topic, routes, target_plugin, target_sequence, target_event
    FROM said
    WHERE signal <> 'event.unheard'
    UNION ALL
    SELECT uri, line_number, time_unix_nano, 'plugin.rejected', NULL, NULL, target_plugin, NULL, NULL
    FROM mounting
    WHERE signal = 'plugin.offered' AND next_signal IS DISTINCT FROM 'plugin.mounted' AND line_number < last_line
    UNION ALL
    SELECT p.uri, p.line_number, p.time_unix_nano, 'topic.eventless', p.topic, p.routes, NULL, NULL, p.topic
    FROM said AS p
    SEMI JOIN declared_step AS d ON p.topic = d.event_name
    ANTI JOIN own AS o ON p.source_id = o.source_id AND p.line_number = o.line_number
    WHERE p.signal = 'topic.published' AND p.routes = 0
    UNION ALL
    SELECT u.uri, u.line_number, u.time_unix_nano, 'event.unheard-yet', NULL, NULL, NULL, b.sequence_id, b.event_name
    FROM said AS u
    JOIN told_span AS b USING (span_id)
    JOIN subscribed AS s ON u.source_id = s.source_id AND b.event_name = s.target_event
    WHERE u.signal = 'event.unheard' AND u.line_number < s.first_line
)
SELECT
    signal, topic, routes, target_plugin, target_sequence, target_event, count(*) AS count,
    min(time_unix_nano) AS first_time_unix_nano, max(time_unix_nano) AS last_time_unix_nano,
    min({'uri': uri, 'line_number': line_number}, 3) AS examples
FROM signal
GROUP BY signal, topic, routes, target_plugin, target_sequence, target_event
ORDER BY signal, topic, routes, target_plugin, target_sequence, target_event
