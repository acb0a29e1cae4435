-- What is known of each handler that ran: its names, where it belongs, its place in code. Runs with the same handler_key
-- have all of it in common, so that one of each is enough; a handler has as many rows as its runs have numbers.
--
-- Columns
--   handler_key         UBIGINT
--   handler             VARCHAR  as the log, the trace or the declaration names it
--   is_traced           BOOLEAN  an operation of a trace
--   plugin              VARCHAR
--   service             VARCHAR
--   sequence            VARCHAR  id, or the name where the log tells no id
--   code_file_path      VARCHAR
--   code_line_number    BIGINT
--   code_function_name  VARCHAR
--   code_confidence     DOUBLE
--   code_evidence       VARCHAR
SELECT DISTINCT
    handler_key(
        kind, name, handler, handler_sequence, sequence_id, sequence_name, plugin, service_name, span_kind,
        service_version, attributes
    ) AS handler_key,
    coalesce(handler, name) AS handler, kind = 'span' AS is_traced, plugin, service_name AS service,
    coalesce(sequence_id, sequence_name) AS sequence, code_file_path, code_line_number, code_function_name,
    code_confidence, code_evidence
FROM span
WHERE coalesce(handler, name, '') <> ''
ORDER BY ALL
