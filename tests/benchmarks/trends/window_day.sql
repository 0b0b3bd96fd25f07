-- One row per broadcast: a day's numbers by one window query over its samples, as they are commonly computed.
WITH neighbours AS (
    SELECT
        broadcast_key,
        viewers,
        cadence_s,
        EXTRACT(EPOCH FROM sampled_at)::BIGINT AS at_s,
        LAG(EXTRACT(EPOCH FROM sampled_at)::BIGINT) OVER by_time AS previous_s,
        LEAD(EXTRACT(EPOCH FROM sampled_at)::BIGINT) OVER by_time AS next_s
    FROM live.sample
    WHERE platform = %(platform)s
        AND sampled_at >= %(starts_at)s
        AND sampled_at < %(ends_at)s
    WINDOW by_time AS (PARTITION BY broadcast_key ORDER BY sampled_at)
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
    COUNT(*) AS samples,
    COUNT(viewers) AS known_samples,
    SUM(airtime_ms) AS airtime_ms,
    SUM(viewers * airtime_ms) AS viewer_ms,
    MAX(ARRAY[viewers, -at_s]) FILTER (WHERE viewers IS NOT NULL) AS peak
FROM parts
GROUP BY broadcast_key
