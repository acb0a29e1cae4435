-- The functions and methods of the indexed code; commit_id is null for the code as it is now.
CREATE VIEW code_symbol AS
SELECT
    root, commit_id, file_path, line_number, end_line_number, name, qualified_name, kind, language, is_exported,
    body_hash
FROM stored.code_symbol
