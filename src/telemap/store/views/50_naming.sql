-- How often each source tells of executions in the same words: all that their handler, their sequence and their place in
-- code are known by, and nothing else, so that of many executions few rows are left. attributes are those of one of them;
-- linking_attributes are the same in all.
CREATE VIEW stored.naming AS
SELECT
    source_id, service_version, kind, handler, handler_sequence, plugin, sequence_id, sequence_name, event_name,
    service_name, span_kind, CASE WHEN kind = 'span' THEN name END AS name,
    CASE WHEN cardinality(attributes) > 0 THEN hash(stored.linking_attributes(attributes)) END AS attributes_key,
    any_value(attributes) AS attributes,
    coalesce(kind = 'sequence' AND inferred_by IN ('start-not-seen', 'implied-by-child'), false) AS lacks_start,
    count(*) AS executions, count(*) FILTER (status = 'error') AS errors,
    min(start_time_unix_nano) AS first_time_unix_nano, max(start_time_unix_nano) AS last_time_unix_nano
FROM told_span
WHERE kind IN ('sequence', 'beat', 'handler', 'span')
GROUP BY ALL
