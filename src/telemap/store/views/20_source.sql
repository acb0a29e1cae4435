-- Every file or stream that was read, how far, and what was found in it.
CREATE VIEW source AS
SELECT
    source_id, uri, log_format, service_name, service_version, size_bytes, read_bytes, line_count, record_count,
    unparsed_count, event_count, span_count, ambiguous_count, assumed_time_zone, out_of_order_count,
    clock_step_count, redacted, first_time_unix_nano, last_time_unix_nano, skipped
FROM stored.source_state
