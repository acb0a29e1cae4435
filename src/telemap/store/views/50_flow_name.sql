-- The names of declared sequences that say which one is meant: no other has the same. Like what follows, it is a macro, and
-- not a view, for a view is planned whenever a store is opened.
CREATE MACRO flow_name() AS TABLE
SELECT sequence_name, min(sequence_id) AS sequence_id
FROM stored.declared_flow
WHERE runs = 'sequence'
GROUP BY sequence_name
HAVING count(*) = 1
