-- The declared sequences, a row a beat, with the place of the declaration, the test that is declared for it, and the code
-- that the handler links to.
CREATE VIEW declared_step AS
SELECT
    d.sequence_id, d.sequence_name, d.plugin, d.movement, d.movement_number, d.beat, d.step_number, d.event_name,
    d.title, d.handler, d.timing, d.kind, d.handlers_path, d.file_path, d.line_number, d.sequence_line_number,
    d.test_file, d.test_case, l.code_function_name, l.code_file_path, l.code_line_number, l.code_confidence, l.code_evidence
FROM stored.declared_step AS d
LEFT JOIN stored.code_link AS l
    ON d.sequence_id IS NOT DISTINCT FROM l.sequence_id AND d.handler = l.handler AND l.rank = 1
