-- What tests ran of a file, a row a file of a report: root and file_path are null where told_path is none of the indexed
-- files, missed_lines where the report does not tell. Lines of another commit (carried_from) are those of the functions
-- that are still the same, where they are now; problem says why a row counts for nothing. functions holds what is told
-- of each function, hits how often it was called, where the report counts that.
CREATE VIEW test_coverage AS
SELECT
    report_path, told_path, root, file_path, executed_lines, missed_lines, tests, functions, carried_from, problem
FROM stored.test_coverage
