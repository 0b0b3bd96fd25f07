-- One row: one channel in the days of a zone from the first to the last one given; no row when it has none; reads only.
-- A broadcast over midnight counts once.
SELECT
    COUNT(*) AS days,
    (
        SELECT COUNT(DISTINCT broadcast_day.broadcast_key)
        FROM trends.broadcast_day AS broadcast_day
        WHERE
            broadcast_day.channel_key = %(channel_key)s
            AND broadcast_day.zone = %(zone)s
            AND broadcast_day.day BETWEEN %(first_day)s::DATE AND %(last_day)s::DATE
    ) AS broadcasts,
    SUM(viewer_ms)::DOUBLE PRECISION / 3600000 AS hours_watched,
    SUM(viewer_ms)::DOUBLE PRECISION / NULLIF(SUM(known_airtime_ms), 0) AS average_viewers,
    MAX(peak_viewers) AS peak_viewers,
    (ARRAY_AGG(peak_at ORDER BY peak_viewers DESC NULLS LAST, peak_at))[1] AS peak_at,
    SUM(airtime_ms)::DOUBLE PRECISION / 3600000 AS airtime_hours,
    SUM(airtime_ms)::DOUBLE PRECISION / NULLIF(SUM(live_ms), 0) AS coverage,
    SUM(known_airtime_ms)::DOUBLE PRECISION / NULLIF(SUM(airtime_ms), 0) AS known_share
FROM trends.channel_day
WHERE
    channel_key = %(channel_key)s
    AND zone = %(zone)s
    AND day BETWEEN %(first_day)s::DATE AND %(last_day)s::DATE
HAVING COUNT(*) > 0;
