-- The folders of the indexed code: as they are now (commit_id is null), and as they were at commits. head_commit_id is what was checked out, is_dirty whether source files differed from it; both are null outside of git checkouts.
CREATE VIEW code_index AS
SELECT root, commit_id, head_commit_id, is_dirty, indexed_unix_nano
FROM stored.code_index
