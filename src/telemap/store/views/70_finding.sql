-- What the analyses have found.
CREATE VIEW finding AS
SELECT
    finding_id, analysis, kind, severity, title, handler, code_file_path, code_line_number, first_seen, last_seen,
    count, evidence
FROM stored.finding
