-- One row per platform: the latest tick of which every message has landed; reads only.
WITH asked AS (
    SELECT
        told.platform,
        told.topic
    FROM UNNEST(%(platforms)s::live.platform[], %(topics)s::TEXT[]) AS told (platform, topic)
)
SELECT
    asked.platform::TEXT AS platform,
    landed.sampled_at,
    landed.outcome,
    landed.scope
FROM asked
CROSS JOIN LATERAL (
    SELECT
        sweep.sampled_at,
        sweep.outcome,
        sweep.scope
    FROM ingest.sweep AS sweep
    WHERE
        sweep.platform = asked.platform
        AND sweep.outcome <> 'failed'
        AND NOT EXISTS (
            SELECT
            FROM JSONB_EACH_TEXT(sweep.end_offsets) AS ended (topic_partition, end_offset)
            LEFT JOIN ingest.position AS reached
                ON reached.topic = asked.topic
                AND reached.topic_partition = ended.topic_partition::INTEGER
            WHERE
                reached.next_offset IS NULL
                OR reached.next_offset < ended.end_offset::BIGINT
        )
    ORDER BY
        sweep.sampled_at DESC,
        sweep.outcome
    LIMIT 1
) AS landed
ORDER BY asked.platform;
