-- One row: the bounds of one zone day, whether it or an hour that it is merged from waits to be rolled up on one
-- platform, and how long samples of that platform are kept; no row when the calendar lacks the day; reads only.
SELECT
    calendar.starts_at,
    calendar.ends_at,
    EXISTS (
        SELECT
        FROM trends.dirty_hour AS waiting
        WHERE
            waiting.platform = %(platform)s::live.platform
            AND waiting.hour >= calendar.starts_at - INTERVAL '1 hour'
            AND waiting.hour < calendar.ends_at + INTERVAL '1 hour'
    )
    OR EXISTS (
        SELECT
        FROM trends.dirty_day AS mark
        WHERE
            mark.platform = %(platform)s::live.platform
            AND mark.zone = calendar.zone
            AND mark.day = calendar.day
    ) AS waits
FROM trends.zone_day AS calendar
WHERE
    calendar.zone = %(zone)s
    AND calendar.day = %(day)s
