-- One row a broadcast of one platform that may have a row in one day of a zone: its bounds, the end only where the site
-- told it, and the language that it had in the day before; reads only.
WITH day_before AS (
    SELECT
        told.broadcast_key,
        told.language
    FROM trends.zone_day AS calendar
    INNER JOIN trends.broadcast_day AS told
        ON told.zone = calendar.zone
        AND told.day = calendar.day
    WHERE
        calendar.zone = %(zone)s
        AND calendar.ends_at = %(starts_at)s
        AND told.platform = %(platform)s::live.platform
)
SELECT
    broadcast.broadcast_key,
    broadcast.channel_key,
    FLOOR(EXTRACT(EPOCH FROM broadcast.started_at) * 1000)::BIGINT AS started_ms,
    CASE
        WHEN broadcast.ended_by = 'site' THEN FLOOR(EXTRACT(EPOCH FROM broadcast.ended_at) * 1000)::BIGINT
    END AS ended_ms,
    EXTRACT(EPOCH FROM broadcast.first_sampled_at)::BIGINT AS first_s,
    EXTRACT(EPOCH FROM broadcast.last_sampled_at)::BIGINT AS last_s,
    day_before.language AS language_before
FROM live.broadcast AS broadcast
LEFT JOIN day_before
    ON day_before.broadcast_key = broadcast.broadcast_key
WHERE
    broadcast.platform = %(platform)s::live.platform
    AND broadcast.first_sampled_at < %(ends_at)s::TIMESTAMPTZ + INTERVAL '1 hour'
    AND (
        broadcast.last_sampled_at >= %(starts_at)s::TIMESTAMPTZ - INTERVAL '1 hour'
        OR (broadcast.ended_by = 'site' AND broadcast.ended_at > %(starts_at)s)
    )
