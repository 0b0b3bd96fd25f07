-- One row per platform with messages that were given up by an explicit accept-loss; reads only.
WITH asked AS (
    SELECT
        told.platform,
        told.topic
    FROM UNNEST(%(platforms)s::live.platform[], %(topics)s::TEXT[]) AS told (platform, topic)
)
SELECT
    asked.platform::TEXT AS platform,
    SUM(accepted.end_offset - accepted.start_offset)::BIGINT AS messages,
    MAX(accepted.accepted_at) AS last_accepted_at
FROM asked
INNER JOIN ingest.loss AS accepted ON accepted.topic = asked.topic
GROUP BY asked.platform
ORDER BY asked.platform;
