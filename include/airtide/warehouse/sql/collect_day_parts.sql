-- One row per broadcast of one platform and category that has a sample or a part of a cell in one day of a zone, from the
-- states of the day's hours, the edges of these and of the hours beside them (table hour_edge); makes a table that is gone
-- with the transaction.
-- `peak` holds the largest known count above its lower 32 bits, and in them how long before the year 2106 it was taken, in
-- seconds: so the larger of two peaks is the higher one, and of two as high the earlier.
CREATE TEMPORARY TABLE day_part ON COMMIT DROP AS
WITH day AS (
    SELECT
        %(starts_at)s::TIMESTAMPTZ AS starts_at,
        %(ends_at)s::TIMESTAMPTZ AS ends_at,
        (EXTRACT(EPOCH FROM %(starts_at)s::TIMESTAMPTZ) * 1000)::BIGINT AS starts_ms,
        (EXTRACT(EPOCH FROM %(ends_at)s::TIMESTAMPTZ) * 1000)::BIGINT AS ends_ms
),
edges AS (
    SELECT
        hour_edge.broadcast_key,
        hour_edge.first_category_key,
        hour_edge.first_viewers,
        GREATEST(
            LEAST(hour_edge.first_ms, day.ends_ms) - GREATEST(hour_edge.from_ms, day.starts_ms),
            0
        ) AS before_ms,
        hour_edge.last_category_key,
        hour_edge.last_viewers,
        GREATEST(
            LEAST(hour_edge.until_ms, day.ends_ms) - GREATEST(hour_edge.last_ms, day.starts_ms),
            0
        ) AS after_ms
    FROM hour_edge
    CROSS JOIN day
),
parts AS (
    SELECT
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
    CROSS JOIN day
    WHERE
        state.platform = %(platform)s::live.platform
        AND state.hour >= day.starts_at
        AND state.hour < day.ends_at
    UNION ALL
    SELECT
        first_category_key AS category_key,
        broadcast_key,
        0 AS samples,
        0 AS known_samples,
        before_ms + same.after_ms AS airtime_ms,
        CASE WHEN first_viewers IS NULL THEN 0 ELSE before_ms END
        + CASE WHEN last_viewers IS NULL THEN 0 ELSE same.after_ms END AS known_airtime_ms,
        COALESCE(first_viewers * before_ms, 0) + COALESCE(last_viewers * same.after_ms, 0) AS viewer_ms,
        NULL AS peak_viewers,
        NULL AS peak_at
    FROM edges
    CROSS JOIN LATERAL (
        SELECT CASE WHEN first_category_key = last_category_key THEN edges.after_ms ELSE 0 END AS after_ms
    ) AS same
    WHERE before_ms + same.after_ms > 0
    UNION ALL
    SELECT
        last_category_key AS category_key,
        broadcast_key,
        0 AS samples,
        0 AS known_samples,
        after_ms AS airtime_ms,
        CASE WHEN last_viewers IS NULL THEN 0 ELSE after_ms END AS known_airtime_ms,
        COALESCE(last_viewers * after_ms, 0) AS viewer_ms,
        NULL AS peak_viewers,
        NULL AS peak_at
    FROM edges
    WHERE
        after_ms > 0
        AND first_category_key <> last_category_key
)
SELECT
    broadcast_key,
    category_key,
    SUM(samples)::INTEGER AS samples,
    SUM(known_samples)::INTEGER AS known_samples,
    SUM(airtime_ms)::BIGINT AS airtime_ms,
    SUM(known_airtime_ms)::BIGINT AS known_airtime_ms,
    SUM(viewer_ms)::BIGINT AS viewer_ms,
    MAX(peak_viewers * 4294967296 + 4294967295 - DATE_PART('epoch', peak_at)::BIGINT) AS peak
FROM parts
GROUP BY
    broadcast_key,
    category_key
