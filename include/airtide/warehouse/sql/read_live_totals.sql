-- One row per (platform, tick) asked for, also when nothing was live then; reads only. Live is what was sampled when it was
-- last due, as in read_live_broadcasts; unseen what was not, and is not known to be over.
WITH asked AS (
    SELECT
        told.platform,
        told.sampled_at,
        told.scope = 'by_id' AS is_by_id,
        told.sampled_at - CASE WHEN told.scope = 'by_id' THEN INTERVAL '30 minutes' ELSE INTERVAL '0' END AS from_at,
        CASE WHEN told.scope = 'by_id' THEN 'infinity' ELSE told.sampled_at END AS until_at
    FROM UNNEST(%(platforms)s::live.platform[], %(ticks)s::TIMESTAMPTZ[], %(scopes)s::TEXT[])
        AS told (platform, sampled_at, scope)
),
seen AS MATERIALIZED (
    SELECT
        sample.platform,
        sample.broadcast_key,
        sample.viewers
    FROM asked
    INNER JOIN live.sample AS sample
        ON sample.platform = asked.platform
        AND sample.sampled_at BETWEEN asked.from_at AND asked.until_at
        AND sample.sampled_at + MAKE_INTERVAL(secs => sample.cadence_s) > asked.sampled_at
    INNER JOIN live.broadcast AS broadcast
        ON broadcast.broadcast_key = sample.broadcast_key
        AND broadcast.ended_at IS NULL
        AND (NOT asked.is_by_id OR broadcast.last_sampled_at = sample.sampled_at)
    WHERE
        sample.platform = ANY(%(platforms)s::live.platform[])
        AND sample.sampled_at >= (SELECT MIN(from_at) FROM asked)
),
counted AS (
    SELECT
        platform,
        COUNT(*) AS broadcasts,
        COUNT(*) - COUNT(viewers) AS hidden_counts,
        SUM(viewers) AS viewers
    FROM seen
    GROUP BY platform
),
unseen AS (
    SELECT
        broadcast.platform,
        COUNT(*) AS broadcasts
    FROM live.broadcast AS broadcast
    INNER JOIN asked ON asked.platform = broadcast.platform
    WHERE
        broadcast.ended_by IS DISTINCT FROM 'site'
        AND broadcast.ended_at IS NULL
        AND broadcast.last_sampled_at <= asked.sampled_at
        AND NOT EXISTS (
            SELECT
            FROM seen
            WHERE seen.broadcast_key = broadcast.broadcast_key
        )
    GROUP BY broadcast.platform
)
SELECT
    asked.platform::TEXT AS platform,
    asked.sampled_at,
    COALESCE(counted.broadcasts, 0) AS broadcasts,
    COALESCE(counted.hidden_counts, 0) AS hidden_counts,
    COALESCE(counted.viewers, 0)::BIGINT AS viewers,
    COALESCE(unseen.broadcasts, 0) AS unseen
FROM asked
LEFT JOIN counted ON counted.platform = asked.platform
LEFT JOIN unseen ON unseen.platform = asked.platform
ORDER BY asked.platform;
