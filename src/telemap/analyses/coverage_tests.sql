-- What tests are known to run: functions of the indexed code by their lines, and cases by their names.
--
-- Columns
--   kind            VARCHAR    function or case
--   root            VARCHAR    of the function
--   file_path       VARCHAR    of the function, or of the test as its report names it
--   line_number     BIGINT     of the function
--   name            VARCHAR    of the function or the case
--   measured_lines  BIGINT     of the function's body
--   executed_lines  BIGINT
--   tests           VARCHAR[]  that executed them, where reports tell
--   status          VARCHAR    of the case
SELECT
    'function' AS kind, root, file_path, line_number, qualified_name AS name, measured_lines, executed_lines, tests,
    NULL AS status
FROM function_test
UNION ALL
SELECT 'case', NULL, file, NULL, name, NULL, NULL, NULL, status
FROM test_case
ORDER BY ALL
