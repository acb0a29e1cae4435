-- The newest row of every source, with all that is needed to go on reading it.
CREATE VIEW stored.source_state AS
SELECT *
FROM stored.source
QUALIFY row_number() OVER (PARTITION BY source_id ORDER BY revision DESC) = 1
