-- One row an execution: of a sequence, movement, beat or handler. A beat whose log names no handler has the declared one.
CREATE VIEW span AS
SELECT
    span_id, parent_span_id, trace_id, kind, name, sequence_id, sequence_name, movement, beat, event_name, title,
    handler, handler_sequence, plugin, request_id, start_time_unix_nano, end_time_unix_nano, duration_ns,
    reported_duration_ns, status, status_message, inferred_by, source_id, first_line, last_line, service_name,
    service_version, span_kind, scope_name, attributes, links, code_function_name, code_file_path, code_line_number,
    code_confidence, code_evidence, code_reason
FROM stored.linked('told_span')
