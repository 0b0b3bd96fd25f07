-- One row per broadcast that has not ended and is due until then, in the order of the ids; reads only.
SELECT
    broadcast_id,
    next_due_at,
    last_asked_at,
    last_seen_at,
    is_resting,
    volatility,
    viewers,
    counted_at
FROM ingest.candidate
WHERE
    platform = %(platform)s
    AND ended_at IS NULL
    AND next_due_at <= %(due_until)s
ORDER BY broadcast_id;
