-- The records as they were logged, each once: a row with a revision holds until its source is read on.
CREATE VIEW stored.current_record AS
WITH read AS (
    SELECT * FROM stored.record WHERE revision IS NULL
    UNION ALL
    SELECT r.* FROM stored.record AS r JOIN stored.source_state AS s USING (source_id, revision)
)
SELECT
    source_id, line_number, byte_offset, byte_length, time_unix_nano, severity_text, severity_number, logger_name,
    printed_location, event_name, coalesce(try(decode(body)), replaced(body)) AS body, attributes,
    coalesce(trace_id, source_id || printf('%016x', run_ordinal)) AS trace_id,
    coalesce(span_id, left(source_id, 8) || printf('%08x', span_ordinal)) AS span_id,
    unparsed_reason
FROM read
