-- Every execution as a node of the tree of its trace, in the order of the store.
--
-- Parameters
--   $build  VARCHAR  service.version to count; null for all
-- Columns
--   own_hash              UBIGINT   of what a child names it by
--   parent_hash           UBIGINT   the same of its parent; 0 if it has none
--   start_time_unix_nano  BIGINT
--   end_time_unix_nano    BIGINT
--   duration_ns           BIGINT    null where not known, or of a clock that was set back
--   is_handler            BOOLEAN   it is an execution of a handler, in the sense of heatmap.sql
--   is_counted            BOOLEAN   it is of the build
--   is_scheduled          BOOLEAN   a run that a handler asked for, or a beat that is declared to come later
--   is_consumer           BOOLEAN   it takes a message; of its parent it is asynchronous if that is_producer
--   is_producer           BOOLEAN   it sends one
--   handler               VARCHAR   as the log, the trace or the declaration names it
--   plugin                VARCHAR   where that tells handlers of one name apart: of logs, without a place in code
--   service               VARCHAR   likewise, of traces: service.name
--   code_file_path        VARCHAR
--   code_line_number      BIGINT
--   clock                 VARCHAR   service.name: spans of it are on one clock
SELECT
    -- Ids of spans are unique in a trace only. A run that a handler has caused is a trace of its own, but its ids are ours.
    hash(s.span_id, CASE WHEN s.kind = 'span' THEN s.trace_id END) AS own_hash,
    CASE WHEN s.parent_span_id IS NULL THEN 0
        ELSE hash(s.parent_span_id, CASE WHEN s.kind = 'span' THEN s.trace_id END) END AS parent_hash,
    s.start_time_unix_nano, s.end_time_unix_nano,
    CASE WHEN s.duration_ns >= 0 THEN s.duration_ns END AS duration_ns,
    (s.kind = 'handler' AND s.handler IS NOT NULL)
    OR (s.kind = 'beat' AND s.handler IS NOT NULL AND a.sequence IS NULL)
    OR (s.kind = 'span' AND coalesce(s.handler, s.name) IS NOT NULL) AS is_handler,
    $build IS NULL OR coalesce(s.service_version = $build, false) AS is_counted,
    s.kind = 'sequence' OR (s.kind = 'beat' AND l.event_name IS NOT NULL) AS is_scheduled,
    coalesce(s.span_kind = 'consumer', false) AS is_consumer,
    coalesce(s.span_kind = 'producer', false) AS is_producer,
    CASE WHEN s.kind = 'span' THEN coalesce(s.handler, s.name) ELSE s.handler END AS handler,
    CASE WHEN s.kind <> 'span' AND s.code_file_path IS NULL THEN s.plugin END AS plugin,
    CASE WHEN s.kind = 'span' AND s.code_file_path IS NULL THEN s.service_name END AS service, s.code_file_path,
    s.code_line_number, s.service_name AS clock
FROM span AS s
LEFT JOIN stored.answered('told_span') AS a ON coalesce(s.sequence_id, s.sequence_name) = a.sequence
LEFT JOIN stored.scheduled_event AS l ON s.sequence_id = l.sequence_id AND s.event_name = l.event_name
