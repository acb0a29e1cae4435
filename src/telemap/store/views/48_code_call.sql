-- The calls in the indexed code, each on the line of the name that it calls; callee is as written.
CREATE VIEW code_call AS
SELECT root, commit_id, file_path, line_number, function_name, callee, name
FROM stored.code_call
