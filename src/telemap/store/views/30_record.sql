-- One row a log entry as read. template_id is of the log statements that its message is from, and attributes are also
-- the values in the message, by what the code calls them: both as the code is known at the time of the question.
CREATE VIEW record AS
SELECT
    source_id, line_number, byte_offset, byte_length, time_unix_nano, severity_text, severity_number, logger_name,
    printed_location, NULL::VARCHAR AS template_id, event_name, body, attributes, trace_id, span_id, unparsed_reason
FROM stored.current_record
