-- The calls in the indexed code that log or print, or raise an error with a message; template is the message, with the names of its variables in braces, that is the literals around the variables. template_id is that of all calls with this message, and of the records that have it.
CREATE VIEW log_statement AS
WITH written AS (
    SELECT
        *,
        template.literals[1] || array_to_string(
            list_transform(
                list_zip(template.variables, template.literals[2:]), lambda p: '{' || p[1].name || '}' || p[2]
            ),
            ''
        ) AS message
    FROM stored.log_statement
)
SELECT
    root, commit_id, file_path, line_number, end_line_number, function_name, kind, severity_text, logger_name,
    message AS template, left(md5(message), 16) AS template_id, template.literals AS literals,
    template.variables AS variables, attributes, language
FROM written
