-- One row: one platform in one day of a zone, the sums over its channels' rows, over the 10 and the 100 largest of them,
-- and the largest of its hours' peak concurrents; no row when no channel has one; reads only.
WITH ranked AS (
    SELECT
        *,
        ROW_NUMBER() OVER (ORDER BY viewer_ms DESC) AS place
    FROM trends.channel_day
    WHERE
        zone = %(zone)s
        AND day = %(day)s
        AND platform = %(platform)s::live.platform
),
channels AS (
    SELECT
        zone,
        day,
        platform,
        SUM(broadcasts)::INTEGER AS broadcasts,
        (COUNT(*) FILTER (WHERE samples > 0))::INTEGER AS active_channels,
        SUM(samples)::INTEGER AS samples,
        SUM(known_samples)::INTEGER AS known_samples,
        SUM(airtime_ms)::BIGINT AS airtime_ms,
        SUM(known_airtime_ms)::BIGINT AS known_airtime_ms,
        SUM(live_ms)::BIGINT AS live_ms,
        SUM(viewer_ms)::BIGINT AS viewer_ms,
        (SUM(viewer_ms) FILTER (WHERE place <= 10))::BIGINT AS top_10_viewer_ms,
        (SUM(viewer_ms) FILTER (WHERE place <= 100))::BIGINT AS top_100_viewer_ms,
        MAX(peak_viewers * 4294967296 + 4294967295 - DATE_PART('epoch', peak_at)::BIGINT) AS peak
    FROM ranked
    GROUP BY
        zone,
        day,
        platform
),
hours AS (
    SELECT
        peak_concurrent,
        peak_concurrent_at,
        peak_concurrent_hidden
    FROM trends.platform_hour
    WHERE
        platform = %(platform)s::live.platform
        AND hour >= %(starts_at)s
        AND hour < %(ends_at)s
        AND peak_concurrent IS NOT NULL
    ORDER BY
        peak_concurrent DESC,
        peak_concurrent_at
    LIMIT 1
)
SELECT
    channels.*,
    (channels.peak >> 32)::INTEGER AS peak_viewers,
    TO_TIMESTAMP(4294967295 - (channels.peak & 4294967295)) AS peak_at,
    hours.peak_concurrent,
    hours.peak_concurrent_at,
    hours.peak_concurrent_hidden
FROM channels
LEFT JOIN hours ON TRUE
