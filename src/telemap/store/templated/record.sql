-- The view of records with what the code tells of their messages, in place of the one without.
CREATE OR REPLACE VIEW record AS
WITH keyed AS (
    SELECT
        *,
        stored.message_key(true, build, logger_name, severity_text, printed_location, attributes, body) AS shape_key,
        stored.message_key(false, build, logger_name, severity_text, printed_location, attributes, body) AS body_key
    FROM stored.current_record
    LEFT JOIN stored.source_build USING (source_id)
)
SELECT
    k.source_id, k.line_number, k.byte_offset, k.byte_length, k.time_unix_nano, k.severity_text, k.severity_number,
    k.logger_name, k.printed_location, coalesce(t.template_id, u.template_id) AS template_id, k.event_name, k.body,
    CASE WHEN coalesce(t.template, u.template) IS NULL THEN k.attributes
        ELSE map_concat(captured(k.body, coalesce(t.template, u.template)), k.attributes) END AS attributes,
    k.trace_id, k.span_id, k.unparsed_reason
FROM keyed AS k
LEFT JOIN stored.message_template AS t ON k.shape_key = t.message_key
LEFT JOIN stored.message_template AS u ON k.body_key = u.message_key
