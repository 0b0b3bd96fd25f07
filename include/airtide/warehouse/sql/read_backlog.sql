-- One row per platform: messages that landed sweeps tell of and that have not landed, and the batch under way; reads only.
-- Sweep records are the only witness of the log here: what came after the last landed one is not counted.
WITH asked AS (
    SELECT
        told.platform,
        told.topic
    FROM UNNEST(%(platforms)s::live.platform[], %(topics)s::TEXT[]) AS told (platform, topic)
),
recent AS (
    SELECT
        asked.platform,
        asked.topic,
        latest.end_offsets
    FROM asked
    CROSS JOIN LATERAL (
        SELECT sweep.end_offsets
        FROM ingest.sweep AS sweep
        WHERE sweep.platform = asked.platform
        ORDER BY sweep.sampled_at DESC
        LIMIT 3
    ) AS latest
),
known_end AS (
    SELECT
        recent.platform,
        recent.topic,
        ended.topic_partition::INTEGER AS topic_partition,
        MAX(ended.end_offset::BIGINT) AS end_offset
    FROM recent
    CROSS JOIN LATERAL JSONB_EACH_TEXT(recent.end_offsets) AS ended (topic_partition, end_offset)
    GROUP BY
        recent.platform,
        recent.topic,
        ended.topic_partition
),
lag AS (
    SELECT
        known_end.platform,
        SUM(GREATEST(known_end.end_offset - COALESCE(reached.next_offset, 0), 0))::BIGINT AS messages
    FROM known_end
    LEFT JOIN ingest.position AS reached
        ON reached.topic = known_end.topic
        AND reached.topic_partition = known_end.topic_partition
    GROUP BY known_end.platform
)
SELECT
    asked.platform::TEXT AS platform,
    lag.messages AS known_lag,
    batch.planned_at AS batch_planned_at
FROM asked
LEFT JOIN lag ON lag.platform = asked.platform
LEFT JOIN ingest.batch AS batch
    ON batch.platform = asked.platform
    AND batch.state = 'planned'
ORDER BY asked.platform;
