-- One row per hour and category of one platform that has a sample or a part of a cell, from its states, the edges of the
-- hours beside it (table hour_edge) and the peak concurrents (table hour_concurrent); reads only.
WITH stale AS (
    SELECT
        hour,
        (EXTRACT(EPOCH FROM hour) * 1000)::BIGINT AS starts_ms,
        (EXTRACT(EPOCH FROM hour) * 1000)::BIGINT + 3600000 AS ends_ms
    FROM UNNEST(%(hours)s::TIMESTAMPTZ[]) AS hour
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
parts AS (
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
        state.peak_at
    FROM trends.broadcast_hour AS state
    INNER JOIN stale
        ON stale.hour = state.hour
    WHERE state.platform = %(platform)s::live.platform
    UNION ALL
    SELECT
        stale.hour,
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
    INNER JOIN stale
        ON edges.starts_ms < stale.ends_ms
        AND edges.ends_ms > stale.starts_ms
    CROSS JOIN LATERAL (
        SELECT LEAST(edges.ends_ms, stale.ends_ms) - GREATEST(edges.starts_ms, stale.starts_ms) AS ms
    ) AS inside
    WHERE inside.ms > 0
),
-- first by broadcast: so there is little left to be told apart
broadcasts AS (
    SELECT
        hour,
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
        hour,
        category_key,
        broadcast_key
),
totals AS (
    SELECT
        broadcasts.hour,
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
    GROUP BY
        broadcasts.hour,
        broadcasts.category_key
)
SELECT
    %(platform)s::live.platform AS platform,
    totals.hour,
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
    concurrent.viewers AS peak_concurrent,
    TO_TIMESTAMP(concurrent.at_ms / 1000) AS peak_concurrent_at,
    concurrent.hidden_broadcasts AS peak_concurrent_hidden
FROM totals
LEFT JOIN hour_concurrent AS concurrent USING (hour, category_key)
