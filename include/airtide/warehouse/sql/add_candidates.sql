-- One row per broadcast found, with whether it is new; of known ones only the finding is noted. A second run adds nothing.
INSERT INTO ingest.candidate AS known (platform, broadcast_id, next_due_at, last_seen_at, last_found_at)
SELECT
    %(platform)s,
    found.broadcast_id,
    %(found_at)s,
    %(found_at)s,
    %(found_at)s
FROM UNNEST(%(broadcast_ids)s::TEXT[]) AS found (broadcast_id)
ON CONFLICT (platform, broadcast_id) DO UPDATE SET
    last_found_at = GREATEST(known.last_found_at, EXCLUDED.last_found_at)
RETURNING (xmax = 0) AS is_new;
