-- One row per category: the sums over its parts of broadcasts, and its peak concurrent at the ticks of the platform.
WITH sums AS (
    SELECT
        category_part.category_key,
        COUNT(*) AS broadcasts,
        COUNT(DISTINCT CASE WHEN category_part.samples > 0 THEN broadcast_day.channel_key END) AS active_channels,
        CAST(SUM(category_part.samples) AS BIGINT) AS samples,
        CAST(SUM(category_part.known_samples) AS BIGINT) AS known_samples,
        CAST(SUM(category_part.airtime_ms) AS BIGINT) AS airtime_ms,
        CAST(SUM(category_part.known_airtime_ms) AS BIGINT) AS known_airtime_ms,
        CAST(SUM(category_part.viewer_ms) AS BIGINT) AS viewer_ms,
        MAX(category_part.peak_code) AS peak_code
    FROM category_part
    INNER JOIN broadcast_day
        ON broadcast_day.broadcast_key = category_part.broadcast_key
    GROUP BY category_part.category_key
),
-- a category that nobody watches has its peak at the first tick
changes AS (
    SELECT
        category_key,
        tick_number,
        SUM(viewers) AS viewers,
        SUM(hidden) AS hidden
    FROM (
        SELECT
            category_key,
            tick_number,
            viewers,
            hidden
        FROM step
        UNION ALL
        SELECT
            category_key,
            1 AS tick_number,
            0 AS viewers,
            0 AS hidden
        FROM sums
    ) AS both_kinds
    GROUP BY
        category_key,
        tick_number
),
running AS (
    SELECT
        category_key,
        tick_number,
        SUM(viewers) OVER by_time AS viewers,
        SUM(hidden) OVER by_time AS hidden
    FROM changes
    WINDOW by_time AS (
        PARTITION BY category_key
        ORDER BY tick_number
        ROWS BETWEEN UNBOUNDED PRECEDING AND CURRENT ROW
    )
),
placed AS (
    SELECT
        running.category_key,
        tick.at_s,
        running.viewers,
        running.hidden,
        ROW_NUMBER() OVER (PARTITION BY running.category_key ORDER BY running.viewers DESC, tick.at_s) AS place
    FROM running
    INNER JOIN tick
        ON tick.tick_number = running.tick_number
)
SELECT
    sums.category_key,
    sums.broadcasts,
    sums.active_channels,
    sums.samples,
    sums.known_samples,
    sums.airtime_ms,
    sums.known_airtime_ms,
    sums.viewer_ms,
    CAST((sums.peak_code - MOD(sums.peak_code, 131072)) / 131072 AS BIGINT) AS peak_viewers,
    zone_day.ends_s - MOD(sums.peak_code, 131072) AS peak_at,
    CAST(placed.viewers AS BIGINT) AS peak_concurrent,
    placed.at_s AS peak_concurrent_at,
    CAST(placed.hidden AS BIGINT) AS peak_concurrent_hidden
FROM sums
CROSS JOIN zone_day
LEFT JOIN placed
    ON placed.category_key = sums.category_key
    AND placed.place = 1
