-- One row: what one day of a zone holds over the platforms asked for; reads only.
SELECT
    COUNT(*) AS channels,
    COALESCE(SUM(channel_day.viewer_ms), 0)::DOUBLE PRECISION / 3600000 AS hours_watched,
    SUM(channel_day.airtime_ms)::DOUBLE PRECISION / NULLIF(SUM(channel_day.live_ms), 0) AS coverage,
    SUM(channel_day.known_airtime_ms)::DOUBLE PRECISION / NULLIF(SUM(channel_day.airtime_ms), 0) AS known_share
FROM trends.channel_day AS channel_day
WHERE
    channel_day.zone = %(zone)s
    AND channel_day.day = %(day)s
    AND channel_day.platform = ANY(%(platforms)s::live.platform[]);
