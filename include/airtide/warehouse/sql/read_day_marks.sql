-- One row: the bounds of one zone day, the marks that say that it waits on one platform, and whether hours that it is
-- merged from wait themselves; no row when the calendar lacks the day; reads only.
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
    ) AS hours_wait,
    ARRAY(
        SELECT mark.dirty_id
        FROM trends.dirty_day AS mark
        WHERE
            mark.platform = %(platform)s::live.platform
            AND mark.zone = calendar.zone
            AND mark.day = calendar.day
    ) AS dirty_ids
FROM trends.zone_day AS calendar
WHERE
    calendar.zone = %(zone)s
    AND calendar.day = %(day)s
