-- The records that no pattern of the format fits, kept with their place and the reason.
CREATE VIEW unparsed AS
SELECT * FROM record WHERE unparsed_reason IS NOT NULL
