-- One row an execution as its source tells it, without what it links to: enough for counting, and fast.
CREATE VIEW told_span AS
SELECT * EXCLUDE (revision) FROM stored.span WHERE revision IS NULL
UNION ALL
SELECT p.* EXCLUDE (revision) FROM stored.span AS p JOIN stored.source_state AS s USING (source_id, revision)
