-- The events of declared sequences whose beats are to come later: nobody has to wait for these.
CREATE VIEW stored.scheduled_event AS
SELECT DISTINCT sequence_id, event_name
FROM stored.declared_step
WHERE timing IN ('after-beat', 'next-measure', 'delayed')
