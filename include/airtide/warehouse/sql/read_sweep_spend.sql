-- One row per bucket given whose site has a landed sweep: what the latest one drew from it, and how long it took; reads
-- only.
SELECT
    asked.bucket,
    COALESCE((latest.spend ->> asked.bucket)::BIGINT, 0) AS cost,
    latest.sampled_at,
    latest.finished_at - latest.started_at AS took
FROM UNNEST(%(buckets)s::TEXT[], %(platforms)s::live.platform[]) AS asked (bucket, platform)
CROSS JOIN LATERAL (
    SELECT sweep.*
    FROM ingest.sweep AS sweep
    WHERE sweep.platform = asked.platform
    ORDER BY
        sweep.sampled_at DESC,
        sweep.finished_at DESC,
        sweep.sweep_id
    LIMIT 1
) AS latest;
