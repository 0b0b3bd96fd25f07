-- One row per hour, broadcast and category of one platform, from the samples of that hour alone; reads only.
-- What reaches out of the hour's first and last sample of a broadcast is left open.
WITH stale AS (
    SELECT UNNEST(%(hours)s::TIMESTAMPTZ[]) AS hour
),
samples AS (
    SELECT
        stale.hour,
        sample.broadcast_key,
        sample.detail_key,
        COALESCE(detail.category_key, 0) AS category_key,
        sample.viewers,
        sample.cadence_s,
        EXTRACT(EPOCH FROM sample.sampled_at)::BIGINT AS at_s
    FROM stale
    INNER JOIN live.sample AS sample
        ON sample.platform = %(platform)s::live.platform
        AND sample.sampled_at >= stale.hour
        AND sample.sampled_at < stale.hour + INTERVAL '1 hour'
    LEFT JOIN live.broadcast_detail AS detail
        ON detail.detail_key = sample.detail_key
),
neighbours AS (
    SELECT
        samples.*,
        at_s - LAG(at_s) OVER by_time AS since_previous_s,
        LEAST(3 * LAG(cadence_s) OVER by_time, 3600) AS previous_max_gap_s,
        LEAD(at_s) OVER by_time - at_s AS until_next_s
    FROM samples
    WINDOW by_time AS (PARTITION BY hour, broadcast_key ORDER BY at_s)
),
-- half of a whole number of seconds is a whole number of milliseconds
parts AS (
    SELECT
        neighbours.*,
        CASE
            WHEN since_previous_s <= previous_max_gap_s THEN since_previous_s * 500
            ELSE 0
        END
        + CASE
            WHEN until_next_s IS NULL THEN 0
            WHEN until_next_s <= LEAST(3 * cadence_s, 3600) THEN until_next_s * 500
            ELSE cadence_s * 1000
        END AS inner_ms
    FROM neighbours
),
states AS (
    SELECT
        hour,
        broadcast_key,
        category_key,
        COUNT(*) AS samples,
        COUNT(viewers) AS known_samples,
        SUM(inner_ms) AS airtime_ms,
        COALESCE(SUM(inner_ms) FILTER (WHERE viewers IS NOT NULL), 0) AS known_airtime_ms,
        COALESCE(SUM(viewers * inner_ms), 0) AS viewer_ms,
        MAX(ARRAY[viewers, -at_s]) FILTER (WHERE viewers IS NOT NULL) AS peak,
        MIN(ARRAY[at_s, viewers, cadence_s, detail_key]) AS first,
        MAX(ARRAY[at_s, viewers, cadence_s, detail_key]) AS last
    FROM parts
    GROUP BY
        hour,
        broadcast_key,
        category_key
)
SELECT
    %(platform)s::live.platform AS platform,
    states.hour,
    states.broadcast_key,
    states.category_key,
    states.samples::INTEGER AS samples,
    states.known_samples::INTEGER AS known_samples,
    states.airtime_ms::BIGINT AS airtime_ms,
    states.known_airtime_ms::BIGINT AS known_airtime_ms,
    states.viewer_ms::BIGINT AS viewer_ms,
    states.peak[1]::INTEGER AS peak_viewers,
    TO_TIMESTAMP(-states.peak[2]) AS peak_at,
    TO_TIMESTAMP(states.first[1]) AS first_at,
    states.first[2]::INTEGER AS first_viewers,
    states.first[3]::INTEGER AS first_cadence_s,
    COALESCE(first_detail.language, '') AS first_language,
    TO_TIMESTAMP(states.last[1]) AS last_at,
    states.last[2]::INTEGER AS last_viewers,
    states.last[3]::INTEGER AS last_cadence_s,
    COALESCE(last_detail.language, '') AS last_language
FROM states
LEFT JOIN live.broadcast_detail AS first_detail
    ON first_detail.detail_key = states.first[4]
LEFT JOIN live.broadcast_detail AS last_detail
    ON last_detail.detail_key = states.last[4]
