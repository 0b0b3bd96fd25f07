-- One row per hour given that waits on one platform, with the marks that say so; reads only.
SELECT
    hour,
    BOOL_OR(with_state) AS with_state,
    ARRAY_AGG(dirty_id) AS dirty_ids
FROM trends.dirty_hour
WHERE
    platform = %(platform)s::live.platform
    AND hour = ANY(%(hours)s::TIMESTAMPTZ[])
GROUP BY hour
