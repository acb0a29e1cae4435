-- One row a change of a key of the state that handlers share.
CREATE VIEW state_change AS
SELECT c.span_id, c.key, c.operation, c.before, c.after, c.time_unix_nano, c.source_id
FROM stored.state_change AS c
WHERE c.revision IS NULL OR (c.source_id, c.revision) IN (SELECT (source_id, revision) FROM stored.source_state)
