-- How often each source tells of executions in the same words: all that their handler, their sequence and their place in
-- code are known by, and nothing else, so that of many executions few rows are left. attributes are those of code and HTTP.
CREATE VIEW stored.naming AS
SELECT
    source_id, service_version, kind, handler, handler_sequence, plugin, sequence_id, sequence_name, event_name,
    service_name, span_kind, CASE WHEN kind = 'span' THEN name END AS name,
    CASE WHEN cardinality(attributes) > 0 THEN MAP {
        'code.function.name': attributes['code.function.name'], 'code.function': attributes['code.function'],
        'code.namespace': attributes['code.namespace'], 'code.file.path': attributes['code.file.path'],
        'code.filepath': attributes['code.filepath'], 'code.line.number': attributes['code.line.number'],
        'code.lineno': attributes['code.lineno'], 'http.route': attributes['http.route'],
        'http.request.method': attributes['http.request.method'], 'http.method': attributes['http.method']
    } END AS attributes,
    coalesce(kind = 'sequence' AND inferred_by IN ('start-not-seen', 'implied-by-child'), false) AS lacks_start,
    count(*) AS executions, count(*) FILTER (status = 'error') AS errors,
    min(start_time_unix_nano) AS first_time_unix_nano, max(start_time_unix_nano) AS last_time_unix_nano
FROM told_span
WHERE kind IN ('sequence', 'beat', 'handler', 'span')
GROUP BY ALL
