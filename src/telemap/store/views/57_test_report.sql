-- The reports of tests that were read, by the path of the file; made_unix_nano is when the report says that it was made,
-- or else the time of the file. problems are what in it could not be used.
CREATE VIEW test_report AS
SELECT report_path, format, tool, tool_version, made_unix_nano, problems
FROM stored.test_report
