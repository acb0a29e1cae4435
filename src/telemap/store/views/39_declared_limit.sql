-- How long declared sequences and steps may take at most, a row a limit. step_number is null for a whole run, quantile
-- (0.95: P95) for a limit that holds for each; sequence_id is null for a budget of telemap.toml (is_setting) on an event
-- that no sequence declares.
CREATE VIEW declared_limit AS
SELECT sequence_id, step_number, event_name, quantile, limit_ns, text, is_setting, file_path, line_number
FROM stored.declared_limit
