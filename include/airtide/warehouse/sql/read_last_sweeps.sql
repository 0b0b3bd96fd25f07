-- One row per platform: its latest landed sweep record, whatever its outcome; reads only.
SELECT
    asked.platform::TEXT AS platform,
    latest.sampled_at,
    latest.started_at,
    latest.finished_at,
    latest.landed_at,
    latest.outcome,
    latest.scope,
    latest.pages,
    latest.requests,
    latest.snapshots,
    latest.duplicates,
    latest.rejects,
    CARDINALITY(latest.absent) AS absent,
    latest.viewer_floor,
    latest.is_filtered,
    latest.unknown_fields,
    latest.spend,
    latest.error
FROM UNNEST(%(platforms)s::live.platform[]) AS asked (platform)
CROSS JOIN LATERAL (
    SELECT sweep.*
    FROM ingest.sweep AS sweep
    WHERE sweep.platform = asked.platform
    ORDER BY
        sweep.sampled_at DESC,
        sweep.finished_at DESC,
        sweep.sweep_id
    LIMIT 1
) AS latest
ORDER BY asked.platform;
