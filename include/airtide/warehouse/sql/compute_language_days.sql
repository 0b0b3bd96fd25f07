-- One row per language of one platform in one day of a zone: the sums over the rows of the broadcasts that count for it
-- that day; reads only.
SELECT
    zone,
    day,
    platform,
    language,
    COUNT(*)::INTEGER AS broadcasts,
    (COUNT(DISTINCT channel_key) FILTER (WHERE samples > 0))::INTEGER AS active_channels,
    SUM(samples)::INTEGER AS samples,
    SUM(known_samples)::INTEGER AS known_samples,
    SUM(airtime_ms)::BIGINT AS airtime_ms,
    SUM(known_airtime_ms)::BIGINT AS known_airtime_ms,
    SUM(live_ms)::BIGINT AS live_ms,
    SUM(viewer_ms)::BIGINT AS viewer_ms,
    MAX(peak_viewers) AS peak_viewers,
    (ARRAY_AGG(peak_at ORDER BY peak_viewers DESC NULLS LAST, peak_at))[1] AS peak_at
FROM trends.broadcast_day
WHERE
    zone = %(zone)s
    AND day = %(day)s
    AND platform = %(platform)s::live.platform
GROUP BY
    zone,
    day,
    platform,
    language
