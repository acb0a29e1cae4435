-- Where a handler is declared, and the functions that it can be, best first.
--
-- Parameters
--   $handler      VARCHAR  its name
--   $sequence_id  VARCHAR  only as this sequence declares it, NULL for every sequence
-- Columns
--   sequence_id         VARCHAR  NULL for a handler that was seen running where no sequence declares it
--   plugin              VARCHAR
--   event_name          VARCHAR
--   handlers_path       VARCHAR  the module that the declaration names
--   file_path           VARCHAR  the definition
--   line_number         BIGINT
--   rank                BIGINT   1 for the likeliest, NULL where no function is known
--   code_file_path      VARCHAR
--   code_line_number    BIGINT
--   code_function_name  VARCHAR
--   code_confidence     DOUBLE
--   code_evidence       VARCHAR
--   code_reason         VARCHAR
WITH step AS (
    SELECT sequence_id, plugin, event_name, handlers_path, file_path, line_number
    FROM declared_step
    WHERE handler = $handler AND ($sequence_id IS NULL OR sequence_id = $sequence_id)
    QUALIFY row_number() OVER (PARTITION BY sequence_id ORDER BY step_number) = 1
)
SELECT
    coalesce(d.sequence_id, l.sequence_id) AS sequence_id, d.plugin, d.event_name, d.handlers_path, d.file_path,
    d.line_number, l.rank, l.code_file_path, l.code_line_number, l.code_function_name, l.code_confidence,
    l.code_evidence, l.code_reason
FROM step AS d
FULL JOIN (
    SELECT *
    FROM code_link
    WHERE handler = $handler AND ($sequence_id IS NULL OR sequence_id IS NULL OR sequence_id = $sequence_id)
) AS l USING (sequence_id)
ORDER BY d.file_path IS NULL, d.file_path, d.line_number, sequence_id, l.rank
