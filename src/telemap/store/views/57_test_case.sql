-- The tests of reports, with the file and the class as they are told; status is passed, skipped, failed or errored.
CREATE VIEW test_case AS
SELECT report_path, name, class_name, file, status, duration_ns
FROM stored.test_case
