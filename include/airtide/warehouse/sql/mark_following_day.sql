-- Marks the day after one zone day of one platform when a broadcast goes on there unseen in another language than this
-- day's rows tell: such a day has its language from the day before. Returns the marked day.
INSERT INTO trends.dirty_day (
    platform,
    zone,
    day
)
SELECT DISTINCT
    following.platform,
    following.zone,
    following.day
FROM trends.broadcast_day AS told
INNER JOIN trends.zone_day AS calendar
    ON calendar.zone = told.zone
    AND calendar.starts_at = %(ends_at)s
INNER JOIN trends.broadcast_day AS following
    ON following.zone = told.zone
    AND following.day = calendar.day
    AND following.platform = told.platform
    AND following.broadcast_key = told.broadcast_key
WHERE
    told.zone = %(zone)s
    AND told.day = %(day)s
    AND told.platform = %(platform)s::live.platform
    AND following.samples = 0
    AND following.language <> told.language
RETURNING day
