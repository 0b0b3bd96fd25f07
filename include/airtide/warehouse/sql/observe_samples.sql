-- One row per hour given of one platform and check that its samples answer; reads only, of live.sample these hours alone.
WITH asked AS (
    SELECT UNNEST(%(hours)s::TIMESTAMPTZ[]) AS hour
),
samples AS (
    SELECT
        asked.hour,
        sample.broadcast_key,
        sample.sampled_at
    FROM asked
    INNER JOIN live.sample AS sample
        ON sample.platform = %(platform)s::live.platform
        AND sample.sampled_at >= asked.hour
        AND sample.sampled_at < asked.hour + INTERVAL '1 hour'
),
distinct_samples AS (
    SELECT
        hour,
        sampled_at,
        COUNT(*) AS samples,
        COUNT(DISTINCT broadcast_key) AS broadcasts
    FROM samples
    GROUP BY
        hour,
        sampled_at
),
counted AS (
    SELECT
        hour,
        SUM(samples) AS samples,
        SUM(samples - broadcasts) AS duplicates
    FROM distinct_samples
    GROUP BY hour
),
states AS (
    SELECT
        state.hour,
        SUM(state.samples) AS samples
    FROM trends.broadcast_hour AS state
    INNER JOIN asked
        ON asked.hour = state.hour
    WHERE state.platform = %(platform)s::live.platform
    GROUP BY state.hour
),
ticks AS (
    SELECT
        hour,
        sampled_at AS tick
    FROM distinct_samples
    UNION ALL
    SELECT
        hour,
        edge AS tick
    FROM asked
    CROSS JOIN LATERAL (VALUES (asked.hour), (asked.hour + INTERVAL '1 hour')) AS edges (edge)
),
waits AS (
    SELECT
        hour,
        tick - LAG(tick) OVER (PARTITION BY hour ORDER BY tick) AS wait
    FROM ticks
)
SELECT
    asked.hour,
    observation.check_name,
    observation.observed::DOUBLE PRECISION AS observed
FROM asked
LEFT JOIN counted USING (hour)
LEFT JOIN states USING (hour)
CROSS JOIN LATERAL (
    VALUES
        ('duplicates', COALESCE(counted.duplicates, 0)),
        ('uncounted_samples', ABS(COALESCE(counted.samples, 0) - COALESCE(states.samples, 0)))
) AS observation (check_name, observed)
UNION ALL
SELECT
    waits.hour,
    'silent_minutes',
    MAX(EXTRACT(EPOCH FROM waits.wait)) / 60
FROM waits
GROUP BY waits.hour
