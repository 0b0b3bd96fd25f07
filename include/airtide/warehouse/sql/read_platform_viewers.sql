-- One row per platform and bucket of step_s seconds that holds a tick; a bucket without a row is a hole; reads only.
-- Viewers are summed over a tick and averaged over the ticks of a bucket. A complete sweep that met nobody counts as 0.
WITH sampled AS (
    SELECT
        sample.platform,
        sample.sampled_at,
        SUM(sample.viewers) AS viewers,
        COUNT(*) AS broadcasts
    FROM live.sample AS sample
    WHERE
        sample.platform = ANY(%(platforms)s::live.platform[])
        AND sample.sampled_at >= %(from_at)s
        AND sample.sampled_at < %(to_at)s
    GROUP BY
        sample.platform,
        sample.sampled_at
),
swept AS (
    SELECT
        sweep.platform,
        sweep.sampled_at,
        BOOL_OR(sweep.outcome = 'complete') AS is_complete,
        MAX(sweep.snapshots) AS snapshots
    FROM ingest.sweep AS sweep
    WHERE
        sweep.platform = ANY(%(platforms)s::live.platform[])
        AND sweep.sampled_at >= %(from_at)s
        AND sweep.sampled_at < %(to_at)s
    GROUP BY
        sweep.platform,
        sweep.sampled_at
),
tick AS (
    SELECT
        platform,
        sampled_at,
        CASE WHEN swept.is_complete AND swept.snapshots = 0 THEN 0 ELSE sampled.viewers END AS viewers,
        COALESCE(sampled.broadcasts, 0) AS broadcasts,
        COALESCE(swept.is_complete, FALSE) AS is_complete
    FROM sampled
    FULL JOIN swept USING (platform, sampled_at)
    WHERE
        sampled.broadcasts > 0
        OR (swept.is_complete AND swept.snapshots = 0)
)
SELECT
    tick.platform::TEXT AS platform,
    DATE_BIN(MAKE_INTERVAL(secs => %(step_s)s), tick.sampled_at, TIMESTAMPTZ '1970-01-01 00:00:00+00') AS bucket_at,
    ROUND(AVG(tick.viewers))::BIGINT AS viewers,
    ROUND(AVG(tick.broadcasts))::BIGINT AS broadcasts,
    BOOL_AND(tick.is_complete) AS is_complete
FROM tick
GROUP BY
    tick.platform,
    bucket_at
ORDER BY
    tick.platform,
    bucket_at;
