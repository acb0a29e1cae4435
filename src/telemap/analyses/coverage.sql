-- The handlers that there are, and what production shows of each. A handler is a function of the indexed code, or where
-- that is not known, a name and a plugin; of a trace that names no function, an operation and its service. It is there
-- because a sequence declares it, because code registers it for routes, topics, tasks, commands or events, or because it
-- was seen running. In sequences whose logs name no handler runs, a beat stands for its handler.
--
-- Columns
--   handler                VARCHAR    as the log, the trace, the declaration or the code names it
--   plugin                 VARCHAR    the first by name, where several share the function
--   service                VARCHAR    likewise; service.name
--   steps                  STRUCT(sequence_id VARCHAR, step_number BIGINT, test_file VARCHAR, test_case VARCHAR, has_own_event BOOLEAN)[]  declared
--   sequences              VARCHAR[]  ids, or names where the log tells no id
--   registered             VARCHAR[]  what it is registered for: kind, framework, method and name
--   builds                 STRUCT(build VARCHAR, service VARCHAR, executions BIGINT, errors BIGINT, "first" BIGINT, "last" BIGINT)[]  starts
--   declared_file_path     VARCHAR
--   declared_line_number   BIGINT
--   code_root              VARCHAR
--   code_file_path         VARCHAR
--   code_line_number       BIGINT
--   code_function_name     VARCHAR
--   code_confidence        DOUBLE
--   code_evidence          VARCHAR
WITH naming AS (
    SELECT * FROM stored.naming WHERE kind IN ('handler', 'beat', 'span')
),
-- Logs that name no plugin mean the one that declares the sequence.
owner AS (
    SELECT sequence, min(plugin) AS plugin
    FROM (SELECT unnest([sequence_id, sequence_name]) AS sequence, plugin FROM declared_step)
    GROUP BY sequence
    HAVING count(DISTINCT plugin) = 1
),
-- Spans within that of a request, for the layers of a framework, tell its route too: they are no more executions.
served AS (
    SELECT DISTINCT service_name, attributes['http.route'] AS http_route
    FROM naming
    WHERE kind = 'span' AND span_kind = 'server' AND attributes['http.route'] IS NOT NULL
),
mention AS (
    SELECT
        coalesce(n.handler, n.name) AS handler, coalesce(n.plugin, o.plugin) AS plugin, n.service_name AS service,
        CASE WHEN n.kind = 'span' THEN n.service_name ELSE coalesce(n.plugin, o.plugin) END AS owner,
        coalesce(n.sequence_id, f.sequence_id, n.sequence_name) AS sequence, NULL AS step, n.service_version AS build,
        n.executions, n.errors, n.first_time_unix_nano, n.last_time_unix_nano, NULL AS declared_file_path,
        NULL AS declared_line_number, NULL AS code_root, n.code_file_path, n.code_line_number, n.code_function_name,
        n.code_confidence, n.code_evidence
    FROM stored.linked('naming') AS n
    LEFT JOIN stored.answered('naming') AS a ON coalesce(n.sequence_id, n.sequence_name) = a.sequence
    LEFT JOIN flow_name AS f ON n.sequence_name = f.sequence_name
    LEFT JOIN owner AS o ON coalesce(n.handler_sequence, n.sequence_id, n.sequence_name) = o.sequence
    LEFT JOIN served AS v ON n.service_name IS NOT DISTINCT FROM v.service_name AND n.http_route = v.http_route
    WHERE coalesce(n.handler, n.name) IS NOT NULL
        AND (
            n.span_kind IS NOT DISTINCT FROM 'server' OR v.http_route IS NULL
            OR n.code_evidence IS DISTINCT FROM 'route'
        )
        AND (n.kind <> 'beat' OR (n.handler IS NOT NULL AND a.sequence IS NULL))
    UNION ALL
    SELECT
        d.handler, d.plugin, NULL, d.plugin, d.sequence_id,
        {
            'sequence_id': d.sequence_id, 'step_number': d.step_number, 'test_file': d.test_file,
            'test_case': d.test_case,
            'has_own_event': d.event_name IS NOT NULL
                AND count(DISTINCT d.handler) OVER (PARTITION BY d.sequence_id, d.event_name) = 1
        },
        NULL, 0, 0, NULL, NULL, d.file_path, d.line_number, l.code_root, l.code_file_path, l.code_line_number,
        l.code_function_name, l.code_confidence, l.code_evidence
    FROM declared_step AS d
    LEFT JOIN stored.code_link AS l
        ON d.sequence_id IS NOT DISTINCT FROM l.sequence_id AND d.handler = l.handler AND l.rank = 1
    WHERE d.handler IS NOT NULL
),
-- Functions are told apart by their place, also where several names stand for one, as routes do. What is linked without
-- being sure of it keeps its name.
keyed AS (
    SELECT
        *, hash(
            code_file_path, code_line_number,
            CASE WHEN code_confidence >= 0.8 THEN code_function_name ELSE handler END,
            CASE WHEN code_file_path IS NULL THEN owner END
        ) AS key
    FROM mention
),
known AS (
    SELECT
        key, CASE WHEN count(DISTINCT handler) = 1 THEN min(handler) ELSE min(code_function_name) END AS handler,
        min(plugin) AS plugin, min(service) AS service,
        list_sort(list(DISTINCT step) FILTER (step IS NOT NULL)) AS steps,
        list_sort(list(DISTINCT sequence) FILTER (sequence IS NOT NULL)) AS sequences,
        min(declared_file_path) AS declared_file_path,
        arg_min(declared_line_number, (declared_file_path, declared_line_number)) AS declared_line_number,
        min(code_root) AS code_root, min(code_file_path) AS code_file_path, min(code_line_number) AS code_line_number,
        min(code_function_name) AS code_function_name, max(code_confidence) AS code_confidence,
        min(code_evidence) AS code_evidence
    FROM keyed
    GROUP BY key
),
build AS (
    SELECT
        key,
        list(
            {
                'build': build, 'service': service, 'executions': executions, 'errors': errors, 'first': first,
                'last': last
            }
            ORDER BY first, build, service
        ) AS builds
    FROM (
        SELECT
            key, build, service, sum(executions)::BIGINT AS executions, sum(errors)::BIGINT AS errors,
            min(first_time_unix_nano) AS first, max(last_time_unix_nano) AS last
        FROM keyed
        WHERE executions > 0
        GROUP BY key, build, service
    )
    GROUP BY key
),
-- Links do not tell the root: functions that stand in the same place of several are one.
registered AS (
    SELECT
        min(root) AS root, code_file_path, code_line_number, code_function_name,
        list_sort(list_distinct(flatten(list(registered)))) AS registered
    FROM stored.registered_function
    GROUP BY code_file_path, code_line_number, code_function_name
)
SELECT
    coalesce(k.handler, r.code_function_name) AS handler, k.plugin, k.service, coalesce(k.steps, []) AS steps,
    coalesce(k.sequences, []) AS sequences, coalesce(r.registered, []) AS registered,
    coalesce(b.builds, []) AS builds, k.declared_file_path, k.declared_line_number,
    coalesce(k.code_root, r.root) AS code_root, coalesce(k.code_file_path, r.code_file_path) AS code_file_path,
    coalesce(k.code_line_number, r.code_line_number) AS code_line_number,
    coalesce(k.code_function_name, r.code_function_name) AS code_function_name,
    CASE WHEN k.code_file_path IS NULL AND r.code_file_path IS NOT NULL THEN 1.0 ELSE k.code_confidence END
        AS code_confidence,
    CASE WHEN k.code_file_path IS NULL AND r.code_file_path IS NOT NULL THEN 'route' ELSE k.code_evidence END
        AS code_evidence
FROM known AS k
FULL JOIN registered AS r
    ON k.code_file_path = r.code_file_path
    AND k.code_line_number = r.code_line_number
    AND k.code_function_name = r.code_function_name
LEFT JOIN build AS b ON k.key = b.key
ORDER BY ALL
