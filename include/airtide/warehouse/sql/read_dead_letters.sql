-- One row per platform and reason: dead letters found since the instant given and not sent back; reads only.
WITH asked AS (
    SELECT
        told.platform,
        told.topic
    FROM UNNEST(%(platforms)s::live.platform[], %(topics)s::TEXT[]) AS told (platform, topic)
)
SELECT
    asked.platform::TEXT AS platform,
    letter.reason,
    COUNT(*) AS letters,
    MAX(letter.found_at) AS last_found_at
FROM asked
INNER JOIN ingest.dead_letter AS letter ON letter.topic = asked.topic
WHERE
    letter.found_at >= %(from_at)s
    AND letter.replayed_at IS NULL
GROUP BY
    asked.platform,
    letter.reason
ORDER BY
    letters DESC,
    asked.platform,
    letter.reason;
