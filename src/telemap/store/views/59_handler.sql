-- One row a handler, declared, registered or seen running: a function of the indexed code, or where that is not known, a
-- name and a plugin. registered says for which routes, topics, tasks, commands and events; of its body, measured_lines
-- are those that reports of tests tell of, executed_lines those that tests ran.
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
),
known AS (
    SELECT
        handler, min(plugin) AS plugin,
        list_sort(list(DISTINCT sequence_id) FILTER (sequence_id IS NOT NULL)) AS sequences, code_file_path,
        code_line_number, min(code_function_name) AS code_function_name, max(code_confidence) AS code_confidence,
        min(code_evidence) AS code_evidence, min(declared_file_path) AS declared_file_path,
        arg_min(declared_line_number, (declared_file_path, declared_line_number)) AS declared_line_number,
        sum(executions)::BIGINT AS executions, sum(errors)::BIGINT AS errors,
        min(time_unix_nano) AS first_time_unix_nano, max(time_unix_nano) AS last_time_unix_nano
    FROM mention
    GROUP BY handler, code_file_path, code_line_number, CASE WHEN code_file_path IS NULL THEN plugin END
)
SELECT
    coalesce(k.handler, r.code_function_name) AS handler, k.plugin, coalesce(k.sequences, []) AS sequences,
    coalesce(r.registered, []) AS registered, coalesce(k.code_file_path, r.code_file_path) AS code_file_path,
    coalesce(k.code_line_number, r.code_line_number) AS code_line_number,
    coalesce(k.code_function_name, r.code_function_name) AS code_function_name,
    CASE WHEN k.handler IS NULL THEN 1.0 ELSE k.code_confidence END AS code_confidence,
    CASE WHEN k.handler IS NULL THEN 'route' ELSE k.code_evidence END AS code_evidence, k.declared_file_path,
    k.declared_line_number, coalesce(k.executions, 0) AS executions, coalesce(k.errors, 0) AS errors,
    k.first_time_unix_nano, k.last_time_unix_nano, t.measured_lines, t.executed_lines, t.tests
FROM known AS k
FULL JOIN stored.registered_function AS r
    ON k.code_file_path = r.code_file_path AND k.code_line_number = r.code_line_number
LEFT JOIN (
    SELECT
        file_path, line_number, max(measured_lines) AS measured_lines, max(executed_lines) AS executed_lines,
        list_sort(list_distinct(flatten(list(tests)))) AS tests
    FROM function_test
    GROUP BY file_path, line_number
) AS t
    ON coalesce(k.code_file_path, r.code_file_path) = t.file_path
    AND coalesce(k.code_line_number, r.code_line_number) = t.line_number
