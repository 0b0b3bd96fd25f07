-- One row per broadcast, per channel, and for the platform: what closing a day publishes, by one window query over the
-- day's samples, as it is commonly written.
WITH neighbours AS (
    SELECT
        sample.broadcast_key,
        broadcast.channel_key,
        detail.language,
        sample.viewers,
        sample.cadence_s,
        EXTRACT(EPOCH FROM sample.sampled_at)::BIGINT AS at_s,
        LAG(EXTRACT(EPOCH FROM sample.sampled_at)::BIGINT) OVER by_time AS previous_s,
        LEAD(EXTRACT(EPOCH FROM sample.sampled_at)::BIGINT) OVER by_time AS next_s,
        SUM(sample.viewers) OVER (PARTITION BY sample.sampled_at) AS concurrent
    FROM live.sample AS sample
    INNER JOIN live.broadcast AS broadcast USING (broadcast_key)
    LEFT JOIN live.broadcast_detail AS detail USING (detail_key)
    WHERE sample.platform = %(platform)s
        AND sample.sampled_at >= %(starts_at)s
        AND sample.sampled_at < %(ends_at)s
    WINDOW by_time AS (PARTITION BY sample.broadcast_key ORDER BY sample.sampled_at)
),
parts AS (
    SELECT
        *,
        CASE
            WHEN previous_s IS NULL THEN cadence_s * 500
            WHEN at_s - previous_s <= 3 * cadence_s THEN (at_s - previous_s) * 500
            ELSE 0
        END
        + CASE
            WHEN next_s IS NULL THEN cadence_s * 500
            WHEN next_s - at_s <= 3 * cadence_s THEN (next_s - at_s) * 500
            ELSE cadence_s * 1000
        END AS airtime_ms
    FROM neighbours
)
SELECT
    broadcast_key,
    channel_key,
    MAX(language) AS language,
    COUNT(*) AS samples,
    COUNT(viewers) AS known_samples,
    SUM(airtime_ms) AS airtime_ms,
    SUM(airtime_ms) FILTER (WHERE viewers IS NOT NULL) AS known_airtime_ms,
    SUM(viewers * airtime_ms) AS viewer_ms,
    MAX(ARRAY[viewers, -at_s]) FILTER (WHERE viewers IS NOT NULL) AS peak,
    MAX(ARRAY[concurrent, -at_s]) AS peak_concurrent
FROM parts
GROUP BY GROUPING SETS (
    (broadcast_key, channel_key),
    (channel_key),
    ()
)
