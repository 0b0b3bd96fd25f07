-- One row per language: the sums over the rows of the broadcasts that count for it in the day.
SELECT
    broadcast_day.language,
    COUNT(*) AS broadcasts,
    COUNT(DISTINCT CASE WHEN broadcast_day.samples > 0 THEN broadcast_day.channel_key END) AS active_channels,
    CAST(SUM(broadcast_day.samples) AS BIGINT) AS samples,
    CAST(SUM(broadcast_day.known_samples) AS BIGINT) AS known_samples,
    CAST(SUM(broadcast_day.airtime_ms) AS BIGINT) AS airtime_ms,
    CAST(SUM(broadcast_day.known_airtime_ms) AS BIGINT) AS known_airtime_ms,
    CAST(SUM(broadcast_day.live_ms) AS BIGINT) AS live_ms,
    CAST(SUM(broadcast_day.viewer_ms) AS BIGINT) AS viewer_ms,
    CAST(
        (MAX(broadcast_day.peak_code) - MOD(MAX(broadcast_day.peak_code), 131072)) / 131072 AS BIGINT
    ) AS peak_viewers,
    MAX(zone_day.ends_s) - MOD(MAX(broadcast_day.peak_code), 131072) AS peak_at
FROM broadcast_day
CROSS JOIN zone_day
GROUP BY broadcast_day.language
