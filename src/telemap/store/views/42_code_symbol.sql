-- The functions and methods of the indexed code.
CREATE VIEW code_symbol AS
SELECT root, file_path, line_number, end_line_number, name, qualified_name, kind, language, is_exported, body_hash
FROM stored.code_symbol
