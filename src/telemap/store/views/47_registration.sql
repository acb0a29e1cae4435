-- The places in the indexed code that bind a function to what calls it from outside: a route, topic, task, command or event.
CREATE VIEW registration AS
SELECT
    root, commit_id, file_path, line_number, kind, framework, method, name, handler, handler_file_path,
    handler_line_number
FROM stored.registration
