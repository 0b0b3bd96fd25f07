-- Empties a slice of the last counts whose samples have expired; none are left when no row is told.
UPDATE live.broadcast
SET
    last_viewers = NULL,
    unchanged_since = NULL,
    unchanged_samples = NULL
WHERE ctid = ANY(ARRAY(
    SELECT ctid
    FROM live.broadcast
    WHERE platform = %(platform)s
        AND last_sampled_at < %(before)s
        AND NUM_NONNULLS(last_viewers, unchanged_since, unchanged_samples) > 0
    LIMIT %(slice)s
))
