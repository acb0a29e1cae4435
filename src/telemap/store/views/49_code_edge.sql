-- Which function can call which in the indexed code as it is now, with how sure that is (0…1) and what it rests on. line_number is of the first such call; function_line_number, where its function begins, is null outside of all functions.
CREATE VIEW code_edge AS
SELECT
    root, file_path, line_number, function_line_number, callee_file_path, callee_line_number, confidence, evidence
FROM stored.code_edge
