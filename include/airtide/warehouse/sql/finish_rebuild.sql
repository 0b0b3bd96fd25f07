-- The ranges of one rebuilt batch; told again they stay the same.
UPDATE ingest.batch
SET
    ranges = %(ranges)s,
    snapshots = %(snapshots)s,
    min_sampled_at = %(min_sampled_at)s
WHERE batch_id = %(batch_id)s
