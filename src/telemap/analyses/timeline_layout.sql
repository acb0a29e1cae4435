-- All executions with the lane that each is drawn in.
--
-- Parameters
--   $by  VARCHAR  what a lane is: session, sequence, handler or service
-- Columns
--   span_key              UBIGINT  of this very row
--   own_key               UBIGINT  of what a child names it by
--   parent_key            UBIGINT  the same of its parent; 0 if it has none
--   start_time_unix_nano  BIGINT
--   end_time_unix_nano    BIGINT   null if it is not known
--   name                  VARCHAR  what it is called in a picture
--   lane                  VARCHAR  null if nothing tells it, or it runs no handler and lanes are handlers
--   is_drawn              BOOLEAN  false if it belongs into no lane
--   is_error              BOOLEAN
--   is_inferred           BOOLEAN  a rule decided what it belongs to
-- A trace without a declared sequence is a run of what its first span does.
WITH root AS (
    SELECT trace_id, arg_min(name, start_time_unix_nano) AS name
    FROM told_span
    WHERE kind = 'span' AND parent_span_id IS NULL AND $by = 'sequence'
    GROUP BY trace_id
),
placed AS (
    SELECT
        s.*, o.uri, t.name AS root_name,
        CASE s.kind WHEN 'handler' THEN s.handler WHEN 'span' THEN coalesce(s.handler, s.name)
            WHEN 'beat' THEN CASE WHEN a.sequence IS NULL THEN coalesce(s.handler, d.handler) END END AS run_handler
    FROM stored.keyed_span AS s
    JOIN source AS o USING (source_id)
    LEFT JOIN stored.answered('told_span') AS a
        ON $by = 'handler' AND coalesce(s.sequence_id, s.sequence_name) = a.sequence
    LEFT JOIN stored.declared_handler AS d
        ON $by = 'handler' AND s.sequence_id = d.sequence_id AND s.event_name = d.event_name
    LEFT JOIN root AS t ON s.trace_id = t.trace_id AND s.kind = 'span'
)
SELECT
    hash(span_key, source_id, first_line) AS span_key, span_key AS own_key, coalesce(parent_key, 0) AS parent_key,
    start_time_unix_nano, end_time_unix_nano,
    CASE kind WHEN 'sequence' THEN coalesce(sequence_name, sequence_id, name)
        WHEN 'movement' THEN coalesce(movement, name) WHEN 'handler' THEN handler
        ELSE coalesce(name, title, event_name) END AS name,
    CASE $by WHEN 'session' THEN uri WHEN 'sequence' THEN coalesce(sequence_name, sequence_id, root_name)
        WHEN 'handler' THEN run_handler WHEN 'service' THEN service_name END AS lane,
    $by <> 'handler' OR run_handler IS NOT NULL AS is_drawn, coalesce(status = 'error', false) AS is_error,
    inferred_by IS NOT NULL AS is_inferred
FROM placed
