-- The functions of the code as it is now that are registered for routes, topics, tasks, commands or events, and for which.
CREATE VIEW stored.registered_function AS
SELECT
    root, file_path AS code_file_path, line_number AS code_line_number, qualified_name AS code_function_name,
    list_sort(list(DISTINCT concat_ws(' ', kind, framework, nullif(method, ''), name))) AS registered
FROM (
    SELECT r.kind, r.framework, r.method, r.name, s.root, s.file_path, s.line_number, s.qualified_name
    FROM registration AS r
    JOIN code_symbol AS s
        ON r.root = s.root
        AND r.handler_file_path = s.file_path
        AND r.handler_line_number BETWEEN s.line_number AND s.end_line_number
    WHERE r.commit_id IS NULL AND s.commit_id IS NULL
    QUALIFY row_number() OVER (
        PARTITION BY r.root, r.file_path, r.line_number, r.method, r.name, r.handler ORDER BY s.line_number DESC
    ) = 1
)
GROUP BY ALL
