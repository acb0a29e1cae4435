-- The runs of handlers with the nodes that they belong to: of each of some numbers of handlers (handler_key), a node.
CREATE MACRO stored.node_run(keys, nodes) AS TABLE
SELECT r.*, m.node
FROM stored.handler_run AS r
JOIN (SELECT unnest(keys) AS handler_key, unnest(nodes) AS node) AS m USING (handler_key)
