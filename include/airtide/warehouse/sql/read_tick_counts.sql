-- One row per platform: its ticks since the instant given by their best outcome, and its first tick of all; reads only.
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
    asked.platform::TEXT AS platform,
    COUNT(*) FILTER (WHERE tick.is_complete) AS complete,
    COUNT(*) FILTER (WHERE tick.is_partial AND NOT tick.is_complete) AS partial,
    COUNT(*) FILTER (WHERE NOT tick.is_partial AND NOT tick.is_complete) AS failed,
    (
        SELECT MIN(sweep.sampled_at)
        FROM ingest.sweep AS sweep
        WHERE sweep.platform = asked.platform
    ) AS first_sampled_at
FROM UNNEST(%(platforms)s::live.platform[]) AS asked (platform)
LEFT JOIN tick ON tick.platform = asked.platform
GROUP BY asked.platform
ORDER BY asked.platform;
