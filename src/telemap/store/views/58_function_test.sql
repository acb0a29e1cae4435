-- The functions of the code as it is now that reports of tests measured: how many lines of the body were measured and
-- executed, and the names of the tests that did, as far as they are told. What is in functions within it is not counted.
CREATE VIEW function_test AS
WITH told AS (
    SELECT report_path, told_path, root, file_path, unnest(functions) AS f
    FROM stored.test_coverage
    WHERE problem IS NULL
),
measured AS (
    SELECT
        root, file_path, f.qualified_name, f.body_hash,
        list_transform(f.measured_lines, lambda line: line - f.line_number) AS measured_lines,
        list_transform(f.executed_lines, lambda line: line - f.line_number) AS executed_lines,
        f.tests,
        row_number() OVER (
            PARTITION BY report_path, told_path, root, file_path, f.qualified_name, f.body_hash ORDER BY f.line_number
        ) AS ordinal
    FROM told
),
present AS (
    SELECT
        root, file_path, line_number, qualified_name, body_hash,
        row_number() OVER (PARTITION BY root, file_path, qualified_name, body_hash ORDER BY line_number) AS ordinal
    FROM stored.code_symbol
    WHERE commit_id IS NULL
)
SELECT
    root, file_path, p.line_number, qualified_name,
    len(list_distinct(flatten(list(m.measured_lines)))) AS measured_lines,
    len(list_distinct(flatten(list(m.executed_lines)))) AS executed_lines,
    list_sort(list_distinct(flatten(list(m.tests)))) AS tests
FROM present AS p
JOIN measured AS m USING (root, file_path, qualified_name, body_hash, ordinal)
GROUP BY root, file_path, p.line_number, qualified_name
