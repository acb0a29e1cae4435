-- Topics and interactions with the sequences that they start; sequence_id is null for a topic without routes.
CREATE VIEW declared_route AS
SELECT topic, plugin, sequence_id, file_path, line_number FROM stored.declared_route
