-- The handlers that events of declared sequences mean, where only one is declared for an event.
CREATE VIEW stored.declared_handler AS
SELECT sequence_id, event_name, min(handler) AS handler
FROM stored.declared_step
GROUP BY sequence_id, event_name
HAVING count(DISTINCT handler) = 1
