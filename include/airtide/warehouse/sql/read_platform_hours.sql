-- One row per platform and hour that has been rolled up; reads only.
SELECT
    platform_hour.platform::TEXT AS platform,
    platform_hour.hour,
    platform_hour.broadcasts,
    platform_hour.active_channels,
    platform_hour.viewer_ms::DOUBLE PRECISION / 3600000 AS hours_watched,
    platform_hour.viewer_ms::DOUBLE PRECISION / NULLIF(platform_hour.known_airtime_ms, 0) AS average_viewers,
    platform_hour.known_airtime_ms::DOUBLE PRECISION / NULLIF(platform_hour.airtime_ms, 0) AS known_share,
    platform_hour.peak_concurrent,
    platform_hour.peak_concurrent_at,
    platform_hour.peak_concurrent_hidden
FROM trends.platform_hour AS platform_hour
WHERE
    platform_hour.platform = ANY(%(platforms)s::live.platform[])
    AND platform_hour.hour >= %(from_at)s
    AND platform_hour.hour < %(to_at)s
ORDER BY
    platform_hour.platform,
    platform_hour.hour;
