-- One row per category of one platform that has a sample or a part of a cell in one day of a zone, from the parts of its
-- broadcasts (table day_part), and the largest of its hours' peak concurrents; reads only.
WITH day AS (
    SELECT
        %(starts_at)s::TIMESTAMPTZ AS starts_at,
        %(ends_at)s::TIMESTAMPTZ AS ends_at
),
states AS (
    SELECT
        state.hour,
        state.category_key,
        MIN(state.first_at) AS first_at
    FROM trends.broadcast_hour AS state
    CROSS JOIN day
    WHERE
        state.platform = %(platform)s::live.platform
        AND state.hour >= day.starts_at
        AND state.hour < day.ends_at
    GROUP BY
        state.hour,
        state.category_key
),
totals AS (
    SELECT
        part.category_key,
        COUNT(*)::INTEGER AS broadcasts,
        (COUNT(DISTINCT broadcast.channel_key) FILTER (WHERE part.samples > 0))::INTEGER AS active_channels,
        SUM(part.samples)::INTEGER AS samples,
        SUM(part.known_samples)::INTEGER AS known_samples,
        SUM(part.airtime_ms)::BIGINT AS airtime_ms,
        SUM(part.known_airtime_ms)::BIGINT AS known_airtime_ms,
        SUM(part.viewer_ms)::BIGINT AS viewer_ms,
        MAX(part.peak) AS peak
    FROM day_part AS part
    INNER JOIN live.broadcast AS broadcast USING (broadcast_key)
    GROUP BY part.category_key
),
hours AS (
    SELECT
        told.hour,
        told.category_key,
        told.peak_concurrent,
        told.peak_concurrent_at,
        told.peak_concurrent_hidden
    FROM trends.category_hour AS told
    CROSS JOIN day
    WHERE
        told.platform = %(platform)s::live.platform
        AND told.hour >= day.starts_at
        AND told.hour < day.ends_at
),
-- hours that were sealed before they had categories: nobody knows how many were watching at once
untold AS (
    SELECT DISTINCT states.category_key
    FROM states
    LEFT JOIN hours USING (hour, category_key)
    WHERE hours.hour IS NULL
),
-- a category that nobody watched at any tick has its peak, none, at the first tick of the platform's day
concurrents AS (
    SELECT DISTINCT ON (category_key)
        category_key,
        peak_concurrent,
        peak_concurrent_at,
        peak_concurrent_hidden
    FROM (
        SELECT
            category_key,
            peak_concurrent,
            peak_concurrent_at,
            peak_concurrent_hidden
        FROM hours
        UNION ALL
        SELECT
            totals.category_key,
            0 AS peak_concurrent,
            first_tick.at AS peak_concurrent_at,
            0 AS peak_concurrent_hidden
        FROM totals
        CROSS JOIN (SELECT MIN(first_at) AS at FROM states) AS first_tick
    ) AS told
    WHERE
        peak_concurrent_at IS NOT NULL
        AND category_key NOT IN (SELECT category_key FROM untold)
    ORDER BY
        category_key,
        peak_concurrent DESC,
        peak_concurrent_at,
        peak_concurrent_hidden DESC
)
SELECT
    %(zone)s::TEXT AS zone,
    %(day)s::DATE AS day,
    %(platform)s::live.platform AS platform,
    totals.category_key,
    totals.broadcasts,
    totals.active_channels,
    totals.samples,
    totals.known_samples,
    totals.airtime_ms,
    totals.known_airtime_ms,
    totals.viewer_ms,
    (totals.peak >> 32)::INTEGER AS peak_viewers,
    TO_TIMESTAMP(4294967295 - (totals.peak & 4294967295)) AS peak_at,
    concurrents.peak_concurrent,
    concurrents.peak_concurrent_at,
    concurrents.peak_concurrent_hidden
FROM totals
LEFT JOIN concurrents USING (category_key)
