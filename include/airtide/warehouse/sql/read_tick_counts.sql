-- One row per platform with sweeps since the instant given: its ticks by their best outcome; reads only.
WITH tick AS (
    SELECT
        sweep.platform,
        sweep.sampled_at,
        BOOL_OR(sweep.outcome = 'complete') AS is_complete,
        BOOL_OR(sweep.outcome = 'partial') AS is_partial
    FROM ingest.sweep AS sweep
    WHERE
        sweep.platform = ANY(%(platforms)s::live.platform[])
        AND sweep.sampled_at >= %(from_at)s
    GROUP BY
        sweep.platform,
        sweep.sampled_at
)
SELECT
    tick.platform::TEXT AS platform,
    COUNT(*) FILTER (WHERE tick.is_complete) AS complete,
    COUNT(*) FILTER (WHERE tick.is_partial AND NOT tick.is_complete) AS partial,
    COUNT(*) FILTER (WHERE NOT tick.is_partial AND NOT tick.is_complete) AS failed
FROM tick
GROUP BY tick.platform
ORDER BY tick.platform;
