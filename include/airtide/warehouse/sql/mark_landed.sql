-- The planned batch with what came of its messages: snapshots are rows of the lake, known samples and ends among them.
-- No row when it is not planned any more.
UPDATE ingest.batch
SET
    state = 'landed',
    landed_at = %(now)s,
    snapshots = %(snapshots)s,
    dead_letters = %(dead_letters)s,
    expired = %(expired)s,
    min_sampled_at = %(min_sampled_at)s
WHERE batch_id = %(batch_id)s
    AND state = 'planned'
