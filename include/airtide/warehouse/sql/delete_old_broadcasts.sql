-- Deletes a slice of the broadcasts of one platform that no number tells of any more, with their attributes: they were over
-- a day, of 25 hours at most, before an instant; none are left when no row is told.
WITH gone AS (
    DELETE FROM live.broadcast
    WHERE broadcast_key = ANY(ARRAY(
        SELECT broadcast_key
        FROM live.broadcast
        WHERE
            platform = %(platform)s::live.platform
            AND GREATEST(last_sampled_at, ended_at) < %(before)s::TIMESTAMPTZ - INTERVAL '25 hours'
        LIMIT %(slice)s
    ))
    RETURNING broadcast_key
),
attributes AS (
    DELETE FROM live.broadcast_detail
    WHERE broadcast_key IN (SELECT broadcast_key FROM gone)
)
SELECT broadcast_key
FROM gone
