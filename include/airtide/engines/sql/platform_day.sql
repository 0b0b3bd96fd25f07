-- One row, when any channel has one: the sums over its channels' rows, over the 10 and the 100 that were watched most, and
-- the peak concurrent.
WITH placed AS (
    SELECT
        viewer_ms,
        ROW_NUMBER() OVER (ORDER BY viewer_ms DESC, channel_key) AS place
    FROM channel_day
),
tops AS (
    SELECT
        COALESCE(SUM(CASE WHEN place <= 10 THEN viewer_ms END), 0) AS top_10_viewer_ms,
        COALESCE(SUM(CASE WHEN place <= 100 THEN viewer_ms END), 0) AS top_100_viewer_ms
    FROM placed
),
sums AS (
    SELECT
        SUM(channel_day.broadcasts) AS broadcasts,
        SUM(CASE WHEN channel_day.samples > 0 THEN 1 ELSE 0 END) AS active_channels,
        SUM(channel_day.samples) AS samples,
        SUM(channel_day.known_samples) AS known_samples,
        SUM(channel_day.airtime_ms) AS airtime_ms,
        SUM(channel_day.known_airtime_ms) AS known_airtime_ms,
        SUM(channel_day.live_ms) AS live_ms,
        SUM(channel_day.viewer_ms) AS viewer_ms,
        MAX(channel_day.peak_code) AS peak_code
    FROM channel_day
    HAVING COUNT(*) > 0
)
SELECT
    CAST(sums.broadcasts AS BIGINT) AS broadcasts,
    CAST(sums.active_channels AS BIGINT) AS active_channels,
    CAST(sums.samples AS BIGINT) AS samples,
    CAST(sums.known_samples AS BIGINT) AS known_samples,
    CAST(sums.airtime_ms AS BIGINT) AS airtime_ms,
    CAST(sums.known_airtime_ms AS BIGINT) AS known_airtime_ms,
    CAST(sums.live_ms AS BIGINT) AS live_ms,
    CAST(sums.viewer_ms AS BIGINT) AS viewer_ms,
    CAST((sums.peak_code - MOD(sums.peak_code, 131072)) / 131072 AS BIGINT) AS peak_viewers,
    zone_day.ends_s - MOD(sums.peak_code, 131072) AS peak_at,
    CAST(tops.top_10_viewer_ms AS BIGINT) AS top_10_viewer_ms,
    CAST(tops.top_100_viewer_ms AS BIGINT) AS top_100_viewer_ms,
    concurrent.peak_concurrent,
    concurrent.peak_concurrent_at,
    concurrent.peak_concurrent_hidden
FROM sums
CROSS JOIN zone_day
CROSS JOIN tops
LEFT JOIN concurrent
    ON 1 = 1
