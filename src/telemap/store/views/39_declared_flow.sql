-- The declared sequences, a row each, with the place of the declaration. net is the order of their steps: a Petri net as
-- JSON (places, transitions of event name, input, output and step number, start, ends).
CREATE VIEW declared_flow AS
SELECT sequence_id, sequence_name, declared_in, file_path, line_number, net FROM stored.declared_flow
