-- The sequences, by id or name, of which the log shows runs of handlers; in all others a beat stands for its handler.
-- spans names a table or a CTE with the columns of told_span that are used here.
CREATE MACRO stored.answered(spans) AS TABLE
SELECT DISTINCT coalesce(sequence_id, sequence_name) AS sequence FROM query_table(spans) WHERE kind = 'handler'
