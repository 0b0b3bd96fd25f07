-- One row per broadcast that was sampled: its bounds as they are on record, widened by what the day's snapshots tell.
WITH told AS (
    SELECT
        broadcast_key,
        channel_key,
        CAST(NULL AS BIGINT) AS told_channel_key,
        started_ms,
        ended_ms,
        first_s,
        last_s,
        language_before
    FROM bound
    UNION ALL
    SELECT
        broadcast_key,
        CAST(NULL AS BIGINT) AS channel_key,
        MIN(channel_key) AS told_channel_key,
        MIN(started_ms) AS started_ms,
        MAX(ended_ms) AS ended_ms,
        MIN(CASE WHEN ended_ms IS NULL THEN at_s END) AS first_s,
        MAX(CASE WHEN ended_ms IS NULL THEN at_s END) AS last_s,
        CAST(NULL AS VARCHAR(35)) AS language_before
    FROM snapshot
    GROUP BY broadcast_key
)
SELECT
    broadcast_key,
    COALESCE(MIN(channel_key), MIN(told_channel_key)) AS channel_key,
    MIN(started_ms) AS started_ms,
    MAX(ended_ms) AS ended_ms,
    MIN(first_s) AS first_s,
    MAX(last_s) AS last_s,
    MIN(language_before) AS language_before
FROM told
GROUP BY broadcast_key
HAVING MIN(first_s) IS NOT NULL
