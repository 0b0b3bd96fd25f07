-- One row per channel: the sums over its broadcasts' rows.
SELECT
    broadcast_day.channel_key,
    COUNT(*) AS broadcasts,
    CAST(SUM(broadcast_day.samples) AS BIGINT) AS samples,
    CAST(SUM(broadcast_day.known_samples) AS BIGINT) AS known_samples,
    CAST(SUM(broadcast_day.airtime_ms) AS BIGINT) AS airtime_ms,
    CAST(SUM(broadcast_day.known_airtime_ms) AS BIGINT) AS known_airtime_ms,
    CAST(SUM(broadcast_day.live_ms) AS BIGINT) AS live_ms,
    CAST(SUM(broadcast_day.viewer_ms) AS BIGINT) AS viewer_ms,
    MAX(broadcast_day.peak_code) AS peak_code,
    CAST(
        (MAX(broadcast_day.peak_code) - MOD(MAX(broadcast_day.peak_code), 131072)) / 131072 AS BIGINT
    ) AS peak_viewers,
    MAX(zone_day.ends_s) - MOD(MAX(broadcast_day.peak_code), 131072) AS peak_at
FROM broadcast_day
CROSS JOIN zone_day
GROUP BY broadcast_day.channel_key
