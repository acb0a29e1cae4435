-- The files of the indexed code; content_hash is git's name of the content, null for what was not read; source_map_path the source map that has its text, for a file that is not there itself. problems say why, and what in a file is not understood.
CREATE VIEW code_file AS
SELECT
    root, commit_id, file_path, language, size_bytes, modified_unix_nano, content_hash, line_count,
    list_transform(problems, lambda p: {line_number: p.line_number, summary: p.summary, reason: p.reason, help: p.help})
        AS problems,
    source_map_path
FROM stored.code_file
