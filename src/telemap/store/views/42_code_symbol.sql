-- The functions and methods of the indexed code; commit_id is null for the code as it is now. body_line_number is the
-- first line that holds nothing but the body.
CREATE VIEW code_symbol AS
SELECT
    root, commit_id, file_path, line_number, end_line_number, name, qualified_name, kind, language, is_exported,
    body_hash, body_line_number
FROM stored.code_symbol
