-- What the files of the indexed code import; names pairs each name in the module with the one it has in the file.
CREATE VIEW code_import AS
SELECT root, commit_id, file_path, line_number, module, names
FROM stored.code_import
