-- Marks the day after one zone day of one platform when a broadcast goes on there unseen in another language than this
-- day's rows tell: such a day has its language from the day before. Returns the marked day.
INSERT INTO trends.dirty_day (
    platform,
    zone,
    day
)
WITH unseen AS MATERIALIZED (
    SELECT
        following.platform,
        following.zone,
        following.day,
        following.broadcast_key,
        following.language
    FROM trends.zone_day AS calendar
    INNER JOIN trends.broadcast_day AS following
        ON following.zone = calendar.zone
        AND following.day = calendar.day
    WHERE
        calendar.zone = %(zone)s
        AND calendar.starts_at = %(ends_at)s
        AND following.platform = %(platform)s::live.platform
        AND following.samples = 0
)
SELECT DISTINCT
    unseen.platform,
    unseen.zone,
    unseen.day
FROM unseen
INNER JOIN trends.broadcast_day AS told
    ON told.zone = unseen.zone
    AND told.day = %(day)s
    AND told.platform = unseen.platform
    AND told.broadcast_key = unseen.broadcast_key
WHERE told.language <> unseen.language
RETURNING day
