-- The names of declared sequences that say which one is meant: no other has the same.
CREATE VIEW flow_name AS
SELECT sequence_name, min(sequence_id) AS sequence_id
FROM stored.declared_flow
WHERE runs = 'sequence'
GROUP BY sequence_name
HAVING count(*) = 1
