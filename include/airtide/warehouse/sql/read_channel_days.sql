-- One row per day of one zone in which one channel was live, newest first; reads only.
SELECT
    channel_day.day,
    channel_day.broadcasts,
    channel_day.viewer_ms::DOUBLE PRECISION / 3600000 AS hours_watched,
    channel_day.viewer_ms::DOUBLE PRECISION / NULLIF(channel_day.known_airtime_ms, 0) AS average_viewers,
    channel_day.peak_viewers,
    channel_day.peak_at,
    channel_day.airtime_ms::DOUBLE PRECISION / 3600000 AS airtime_hours,
    channel_day.airtime_ms::DOUBLE PRECISION / NULLIF(channel_day.live_ms, 0) AS coverage,
    channel_day.known_airtime_ms::DOUBLE PRECISION / NULLIF(channel_day.airtime_ms, 0) AS known_share,
    channel_day.airtime_ms < %(low_coverage)s::DOUBLE PRECISION * channel_day.live_ms AS has_low_coverage
FROM trends.channel_day AS channel_day
WHERE
    channel_day.channel_key = %(channel_key)s
    AND channel_day.zone = %(zone)s
ORDER BY channel_day.day DESC
LIMIT %(limit)s;
