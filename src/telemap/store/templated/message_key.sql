-- What tells which template a record is of, by its body, or by the shape of that: templates rarely mind which digits
-- stand in a message. The one never is the other, whatever the bodies are. So long a body is none that a template was
-- filled to.
--
-- Parameters
--   $hint_names  VARCHAR[]  attributes that can tell where a record was written
CREATE MACRO stored.message_key(is_shape, build, logger_name, severity_text, printed_location, attributes, body) AS
CASE WHEN strlen(body) < 1000000 THEN
    concat_ws(
        chr(31), is_shape::VARCHAR, coalesce(build, ''), coalesce(logger_name, ''), coalesce(severity_text, ''),
        coalesce(printed_location, ''),
        coalesce(
            list_filter(map_entries(attributes), lambda e: list_contains($hint_names, e.key))::VARCHAR,
            '[]'
        ),
        CASE WHEN is_shape THEN regexp_replace(body, '[0-9]+', '0', 'g') ELSE body END
    )
END
