-- One row per (platform, tick) asked for, also when nothing was live then; reads only.
WITH asked AS (
    SELECT
        told.platform,
        told.sampled_at
    FROM UNNEST(%(platforms)s::live.platform[], %(ticks)s::TIMESTAMPTZ[]) AS told (platform, sampled_at)
),
counted AS (
    SELECT
        sample.platform,
        sample.sampled_at,
        COUNT(*) AS broadcasts,
        COUNT(*) - COUNT(sample.viewers) AS hidden_counts,
        SUM(sample.viewers) AS viewers
    FROM live.sample AS sample
    WHERE
        sample.platform = ANY(%(platforms)s::live.platform[])
        AND sample.sampled_at = ANY(%(ticks)s::TIMESTAMPTZ[])
    GROUP BY
        sample.platform,
        sample.sampled_at
)
SELECT
    asked.platform::TEXT AS platform,
    asked.sampled_at,
    COALESCE(counted.broadcasts, 0) AS broadcasts,
    COALESCE(counted.hidden_counts, 0) AS hidden_counts,
    COALESCE(counted.viewers, 0)::BIGINT AS viewers
FROM asked
LEFT JOIN counted
    ON counted.platform = asked.platform
    AND counted.sampled_at = asked.sampled_at
ORDER BY asked.platform;
