-- The declared sequences, a row each, with the place of the declaration; root is the folder that files are relative to.
-- Its runs are the sequences of this id or name (runs is 'sequence'), or the traces with a root span of root_name, or of
-- any name where that is null ('trace'). net is the order of their steps: a Petri net as JSON (places, transitions of
-- event name, input, output and step number, start, ends).
CREATE VIEW declared_flow AS
SELECT sequence_id, sequence_name, declared_in, runs, root_name, root, file_path, line_number, net
FROM stored.declared_flow
