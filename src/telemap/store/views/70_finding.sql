-- What the analyses find in the store as it is, with the first examples; times in ns since 1970.
CREATE VIEW finding AS
SELECT
    finding_id, analysis, kind, severity, title, handler, code_file_path, code_line_number, first_seen, last_seen,
    count, evidence
FROM stored.finding
