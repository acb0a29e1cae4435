-- Executions, or groups of them, with the place in code that they link to. A beat whose log names no handler has the
-- declared one. spans names a table or a CTE with the columns of told_span that are used here, attributes among them.
CREATE MACRO stored.linked(spans) AS TABLE
WITH named AS (
    SELECT
        c.* EXCLUDE (handler),
        coalesce(c.attributes['code.function.name'], c.attributes['code.function']) AS told_function_name,
        c.attributes['code.namespace'] AS told_namespace,
        coalesce(c.attributes['code.file.path'], c.attributes['code.filepath']) AS told_file_path,
        coalesce(c.attributes['code.line.number'], c.attributes['code.lineno']) AS told_line_number,
        coalesce(told_file_path IS NOT NULL AND try_cast(told_line_number AS BIGINT) IS NOT NULL, false) AS is_told,
        c.attributes['http.route'] AS http_route,
        coalesce(c.attributes['http.request.method'], c.attributes['http.method']) AS http_method,
        CASE WHEN c.kind = 'beat' THEN coalesce(c.handler, d.handler) ELSE c.handler END AS handler
    FROM query_table(spans) AS c
    LEFT JOIN stored.declared_handler AS d USING (sequence_id, event_name)
),
declared_name AS (
    SELECT sequence_name, min(sequence_id) AS sequence_id FROM stored.declared_step GROUP BY sequence_name
    HAVING count(DISTINCT sequence_id) = 1
)
SELECT
    n.*,
    CASE WHEN r.name IS NOT NULL THEN r.code_function_name WHEN n.is_told THEN n.handler
        ELSE coalesce(l.code_function_name, m.code_function_name) END AS code_function_name,
    CASE WHEN r.name IS NOT NULL THEN r.code_file_path WHEN n.is_told THEN n.told_file_path
        ELSE coalesce(l.code_file_path, m.code_file_path) END AS code_file_path,
    CASE WHEN r.name IS NOT NULL THEN r.code_line_number WHEN n.is_told THEN try_cast(n.told_line_number AS BIGINT)
        ELSE coalesce(l.code_line_number, m.code_line_number) END AS code_line_number,
    CASE WHEN r.name IS NOT NULL THEN r.code_confidence WHEN n.is_told THEN 1.0
        ELSE coalesce(l.code_confidence, m.code_confidence) END AS code_confidence,
    CASE WHEN r.name IS NOT NULL THEN r.code_evidence WHEN n.is_told THEN 'attribute'
        ELSE coalesce(l.code_evidence, m.code_evidence) END AS code_evidence,
    CASE WHEN r.name IS NOT NULL THEN r.code_reason WHEN NOT n.is_told THEN coalesce(l.code_reason, m.code_reason) END
        AS code_reason
FROM named AS n
LEFT JOIN declared_name AS h ON n.handler_sequence = h.sequence_name
LEFT JOIN stored.code_link AS l
    ON n.handler = l.handler
    AND coalesce(h.sequence_id, n.sequence_id) = l.sequence_id
    AND l.rank = 1
LEFT JOIN stored.code_link AS m ON n.handler = m.handler AND m.sequence_id IS NULL AND m.rank = 1
LEFT JOIN stored.span_link AS r
    ON n.kind = 'span'
    AND n.name = r.name
    AND n.service_name IS NOT DISTINCT FROM r.service_name
    AND n.span_kind IS NOT DISTINCT FROM r.span_kind
    AND n.http_route IS NOT DISTINCT FROM r.http_route
    AND n.http_method IS NOT DISTINCT FROM r.http_method
    AND n.service_version IS NOT DISTINCT FROM r.service_version
    AND n.told_function_name IS NOT DISTINCT FROM r.told_function_name
    AND n.told_namespace IS NOT DISTINCT FROM r.told_namespace
    AND n.told_file_path IS NOT DISTINCT FROM r.told_file_path
    AND n.told_line_number IS NOT DISTINCT FROM r.told_line_number
