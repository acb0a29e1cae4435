-- A record of each key: by the shapes of messages, or where these tell no template, by the messages themselves.
--
-- Parameters
--   $is_shape  BOOLEAN
-- Columns
--   message_key       VARCHAR
--   build             VARCHAR  where that has code of its own
--   body              VARCHAR
--   logger_name       VARCHAR
--   severity_text     VARCHAR
--   printed_location  VARCHAR
--   attributes        MAP(VARCHAR, VARCHAR)
WITH keyed AS (
    SELECT
        *,
        stored.message_key(true, build, logger_name, severity_text, printed_location, attributes, body) AS shape_key
    FROM stored.current_record
    LEFT JOIN stored.source_build USING (source_id)
)
SELECT
    CASE WHEN $is_shape THEN shape_key
        ELSE stored.message_key(false, build, logger_name, severity_text, printed_location, attributes, body) END
        AS message_key,
    any_value(build) AS build, any_value(body) AS body, any_value(logger_name) AS logger_name,
    any_value(severity_text) AS severity_text, any_value(printed_location) AS printed_location,
    any_value(attributes) AS attributes
FROM keyed
WHERE shape_key IS NOT NULL AND ($is_shape OR shape_key IN (SELECT message_key FROM stored.told_by_digits))
GROUP BY ALL
