-- One row per platform and quota bucket: what sweeps spent since the instant given; reads only.
SELECT
    sweep.platform::TEXT AS platform,
    spent.bucket,
    SUM(spent.cost::BIGINT)::BIGINT AS cost
FROM ingest.sweep AS sweep
CROSS JOIN LATERAL JSONB_EACH_TEXT(sweep.spend) AS spent (bucket, cost)
WHERE
    sweep.platform = ANY(%(platforms)s::live.platform[])
    AND sweep.sampled_at >= %(from_at)s
GROUP BY
    sweep.platform,
    spent.bucket
ORDER BY
    sweep.platform,
    spent.bucket;
