-- A number that all runs have in common which stand for one handler and link to one place in code; runs with different
-- numbers can be of one handler, too. Numbers are grouped and joined several times as fast as the texts.
CREATE MACRO handler_key(
    kind, name, handler, handler_sequence, sequence_id, sequence_name, plugin, service_name, span_kind, service_version,
    attributes
) AS hash(
    kind, handler, handler_sequence, sequence_id, sequence_name, plugin, service_name,
    CASE WHEN kind = 'span' THEN hash(name, span_kind, service_version) END,
    CASE WHEN attributes IS NOT NULL THEN hash(stored.linking_attributes(attributes)) END
)
