-- One row per broadcast found live; known ones stay as they are, so a second run adds nothing.
INSERT INTO ingest.candidate (platform, broadcast_id, next_due_at, last_seen_at)
SELECT
    %(platform)s,
    found.broadcast_id,
    %(found_at)s,
    %(found_at)s
FROM UNNEST(%(broadcast_ids)s::TEXT[]) AS found (broadcast_id)
ON CONFLICT (platform, broadcast_id) DO NOTHING;
