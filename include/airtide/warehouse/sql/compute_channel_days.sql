-- One row per channel of one platform in one day of a zone: the sums over its broadcasts' rows; reads only.
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
    MAX(peak_viewers) AS peak_viewers,
    TO_TIMESTAMP(
        -(MAX(ARRAY[peak_viewers, -DATE_PART('epoch', peak_at)::BIGINT]) FILTER (WHERE peak_viewers IS NOT NULL))[2]
    ) AS peak_at
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
