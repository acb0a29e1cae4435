-- What tells which template a record is of. text is its body, or the shape of that: templates rarely mind which digits
-- stand in a message. So long a body is none that a template was filled to.
--
-- Parameters
--   $hint_names  VARCHAR[]  attributes that can tell where a record was written
CREATE MACRO stored.message_key(build, logger_name, severity_text, printed_location, attributes, body, text) AS
CASE WHEN strlen(body) < 1000000 THEN
    concat_ws(
        chr(31), coalesce(build, ''), coalesce(logger_name, ''), coalesce(severity_text, ''),
        coalesce(printed_location, ''),
        coalesce(
            list_filter(map_entries(attributes), lambda e: list_contains($hint_names, e.key))::VARCHAR,
            '[]'
        ),
        text
    )
END
