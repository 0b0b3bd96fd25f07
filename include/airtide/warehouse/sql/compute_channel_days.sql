-- One row per channel of one platform in one day of a zone: the sums over its broadcasts' rows; reads only.
WITH totals AS (
    SELECT
        zone,
        day,
        platform,
        channel_key,
        COUNT(*)::INTEGER AS broadcasts,
        SUM(samples)::INTEGER AS samples,
        SUM(known_samples)::INTEGER AS known_samples,
        SUM(airtime_ms)::BIGINT AS airtime_ms,
        SUM(known_airtime_ms)::BIGINT AS known_airtime_ms,
        SUM(live_ms)::BIGINT AS live_ms,
        SUM(viewer_ms)::BIGINT AS viewer_ms,
        MAX(peak_viewers * 4294967296 + 4294967295 - DATE_PART('epoch', peak_at)::BIGINT) AS peak
    FROM trends.broadcast_day
    WHERE
        zone = %(zone)s
        AND day = %(day)s
        AND platform = %(platform)s::live.platform
    GROUP BY
        zone,
        day,
        platform,
        channel_key
)
SELECT
    *,
    (peak >> 32)::INTEGER AS peak_viewers,
    TO_TIMESTAMP(4294967295 - (peak & 4294967295)) AS peak_at
FROM totals
