-- The place in code of each handler that has one.
--
-- Columns
--   handler             VARCHAR
--   code_file_path      VARCHAR
--   code_line_number    BIGINT
--   code_function_name  VARCHAR
--   code_confidence     DOUBLE
--   code_evidence       VARCHAR
WITH naming AS (
    SELECT * FROM stored.naming
),
run AS (
    SELECT
        CASE WHEN kind = 'span' THEN coalesce(handler, name) ELSE handler END AS handler, code_file_path,
        code_line_number, code_function_name, code_confidence, code_evidence
    FROM stored.linked('naming')
    WHERE kind IN ('handler', 'beat', 'span')
)
SELECT
    handler, any_value(code_file_path) AS code_file_path, any_value(code_line_number) AS code_line_number,
    min(code_function_name) AS code_function_name, min(code_confidence) AS code_confidence,
    min(code_evidence) AS code_evidence
FROM run
WHERE handler IS NOT NULL
GROUP BY handler
HAVING count(DISTINCT (code_file_path, code_line_number)) = 1 AND count(code_file_path) = count(*)
ORDER BY handler
