-- One row per language of one platform in one day of a zone: the sums over the rows of the broadcasts that count for it
-- that day; reads only.
WITH channels AS (
    SELECT
        language,
        COUNT(*) AS broadcasts,
        SUM(samples) AS samples,
        SUM(known_samples) AS known_samples,
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
        language,
        channel_key
)
SELECT
    %(zone)s::TEXT AS zone,
    %(day)s::DATE AS day,
    %(platform)s::live.platform AS platform,
    language,
    SUM(broadcasts)::INTEGER AS broadcasts,
    (COUNT(*) FILTER (WHERE samples > 0))::INTEGER AS active_channels,
    SUM(samples)::INTEGER AS samples,
    SUM(known_samples)::INTEGER AS known_samples,
    SUM(airtime_ms)::BIGINT AS airtime_ms,
    SUM(known_airtime_ms)::BIGINT AS known_airtime_ms,
    SUM(live_ms)::BIGINT AS live_ms,
    SUM(viewer_ms)::BIGINT AS viewer_ms,
    (MAX(peak) >> 32)::INTEGER AS peak_viewers,
    TO_TIMESTAMP(4294967295 - (MAX(peak) & 4294967295)) AS peak_at
FROM channels
GROUP BY language
