-- One row a log entry as read. A row with a revision holds until its source is read on (the last record may go on).
CREATE VIEW record AS
WITH current_record AS (
    SELECT * FROM stored.record WHERE revision IS NULL
    UNION ALL
    SELECT r.* FROM stored.record AS r JOIN stored.source_state AS s USING (source_id, revision)
)
SELECT
    source_id, line_number, byte_offset, byte_length, time_unix_nano, severity_text, severity_number, logger_name,
    printed_location, NULL::VARCHAR AS template_id, event_name, coalesce(try(decode(body)), replaced(body)) AS body,
    attributes,
    coalesce(trace_id, source_id || printf('%016x', run_ordinal)) AS trace_id,
    coalesce(span_id, left(source_id, 8) || printf('%08x', span_ordinal)) AS span_id,
    unparsed_reason
FROM current_record
