-- One row a handler, declared or seen running: a function of the indexed code, or where that is not known, a name and a plugin.
CREATE VIEW handler AS
WITH mention AS (
    SELECT
        handler, plugin, sequence_id, code_file_path, code_line_number, code_function_name, code_confidence,
        code_evidence, file_path AS declared_file_path, line_number AS declared_line_number, 0 AS executions,
        0 AS errors, NULL AS time_unix_nano
    FROM declared_step
    WHERE handler IS NOT NULL
    UNION ALL
    SELECT
        handler, plugin, coalesce(sequence_id, sequence_name), code_file_path, code_line_number, code_function_name,
        code_confidence, code_evidence, NULL, NULL, 1, (status = 'error')::INTEGER, start_time_unix_nano
    FROM span
    WHERE kind IN ('handler', 'span') AND handler IS NOT NULL
)
SELECT
    handler, min(plugin) AS plugin, list_sort(list(DISTINCT sequence_id) FILTER (sequence_id IS NOT NULL)) AS sequences,
    code_file_path, code_line_number, min(code_function_name) AS code_function_name,
    max(code_confidence) AS code_confidence, min(code_evidence) AS code_evidence,
    min(declared_file_path) AS declared_file_path,
    arg_min(declared_line_number, (declared_file_path, declared_line_number)) AS declared_line_number,
    sum(executions)::BIGINT AS executions, sum(errors)::BIGINT AS errors,
    min(time_unix_nano) AS first_time_unix_nano, max(time_unix_nano) AS last_time_unix_nano
FROM mention
GROUP BY handler, code_file_path, code_line_number, CASE WHEN code_file_path IS NULL THEN plugin END
