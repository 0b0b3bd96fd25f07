-- One row per category of one platform that has a sample or a part of a cell in one day of a zone, from the states of
-- the day's hours, the edges of these and of the hours beside them (table hour_edge), and the largest of its hours' peak
-- concurrents; reads only.
WITH day AS (
    SELECT
        %(starts_at)s::TIMESTAMPTZ AS starts_at,
        %(ends_at)s::TIMESTAMPTZ AS ends_at,
        (EXTRACT(EPOCH FROM %(starts_at)s::TIMESTAMPTZ) * 1000)::BIGINT AS starts_ms,
        (EXTRACT(EPOCH FROM %(ends_at)s::TIMESTAMPTZ) * 1000)::BIGINT AS ends_ms
),
edges AS (
    SELECT
        broadcast_key,
        first_category_key AS category_key,
        first_viewers AS viewers,
        from_ms AS starts_ms,
        first_ms AS ends_ms
    FROM hour_edge
    UNION ALL
    SELECT
        broadcast_key,
        last_category_key AS category_key,
        last_viewers AS viewers,
        last_ms AS starts_ms,
        until_ms AS ends_ms
    FROM hour_edge
),
states AS (
    SELECT
        state.hour,
        state.category_key,
        state.broadcast_key,
        state.samples,
        state.known_samples,
        state.airtime_ms,
        state.known_airtime_ms,
        state.viewer_ms,
        state.peak_viewers,
        state.peak_at,
        state.first_at
    FROM trends.broadcast_hour AS state
    CROSS JOIN day
    WHERE
        state.platform = %(platform)s::live.platform
        AND state.hour >= day.starts_at
        AND state.hour < day.ends_at
),
parts AS (
    SELECT
        category_key,
        broadcast_key,
        samples,
        known_samples,
        airtime_ms,
        known_airtime_ms,
        viewer_ms,
        peak_viewers,
        peak_at
    FROM states
    UNION ALL
    SELECT
        edges.category_key,
        edges.broadcast_key,
        0 AS samples,
        0 AS known_samples,
        inside.ms AS airtime_ms,
        CASE WHEN edges.viewers IS NULL THEN 0 ELSE inside.ms END AS known_airtime_ms,
        COALESCE(edges.viewers * inside.ms, 0) AS viewer_ms,
        NULL AS peak_viewers,
        NULL AS peak_at
    FROM edges
    CROSS JOIN day
    CROSS JOIN LATERAL (
        SELECT LEAST(edges.ends_ms, day.ends_ms) - GREATEST(edges.starts_ms, day.starts_ms) AS ms
    ) AS inside
    WHERE inside.ms > 0
),
-- first by broadcast: so there is little left to be told apart
broadcasts AS (
    SELECT
        category_key,
        broadcast_key,
        SUM(samples) AS samples,
        SUM(known_samples) AS known_samples,
        SUM(airtime_ms)::BIGINT AS airtime_ms,
        SUM(known_airtime_ms)::BIGINT AS known_airtime_ms,
        SUM(viewer_ms)::BIGINT AS viewer_ms,
        MAX(ARRAY[peak_viewers, -DATE_PART('epoch', peak_at)::BIGINT]) FILTER (WHERE peak_viewers IS NOT NULL) AS peak
    FROM parts
    GROUP BY
        category_key,
        broadcast_key
),
totals AS (
    SELECT
        broadcasts.category_key,
        COUNT(*)::INTEGER AS broadcasts,
        (COUNT(DISTINCT broadcast.channel_key) FILTER (WHERE broadcasts.samples > 0))::INTEGER AS active_channels,
        SUM(broadcasts.samples)::INTEGER AS samples,
        SUM(broadcasts.known_samples)::INTEGER AS known_samples,
        SUM(broadcasts.airtime_ms)::BIGINT AS airtime_ms,
        SUM(broadcasts.known_airtime_ms)::BIGINT AS known_airtime_ms,
        SUM(broadcasts.viewer_ms)::BIGINT AS viewer_ms,
        MAX(broadcasts.peak) AS peak
    FROM broadcasts
    INNER JOIN live.broadcast AS broadcast USING (broadcast_key)
    GROUP BY broadcasts.category_key
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
    totals.peak[1]::INTEGER AS peak_viewers,
    TO_TIMESTAMP(-totals.peak[2]) AS peak_at,
    concurrents.peak_concurrent,
    concurrents.peak_concurrent_at,
    concurrents.peak_concurrent_hidden
FROM totals
LEFT JOIN concurrents USING (category_key)
