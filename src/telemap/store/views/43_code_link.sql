-- The ranked places in code of each handler: declared (with its sequence) or only seen in telemetry.
CREATE VIEW code_link AS
SELECT
    sequence_id, handler, rank, code_root, code_file_path, code_line_number, code_function_name, code_confidence,
    code_evidence, code_reason
FROM stored.code_link
