-- One row a hole between landed offsets that is on record as lost by no other row; recorded once. Returns its width.
WITH landed AS (
    SELECT
        part.topic,
        batch.topic_ids ->> part.topic AS topic_id,
        part.topic_partition,
        RANGE_AGG(INT8RANGE(part.start_offset, part.end_offset)) AS offsets
    FROM ingest.batch
    CROSS JOIN JSONB_TO_RECORDSET(batch.ranges)
        AS part (topic TEXT, topic_partition INTEGER, start_offset BIGINT, end_offset BIGINT)
    WHERE batch.platform = %(platform)s
        AND batch.state = 'landed'
        AND part.start_offset < part.end_offset
    GROUP BY
        part.topic,
        topic_id,
        part.topic_partition
),
lost AS (
    SELECT
        topic,
        topic_id,
        topic_partition,
        RANGE_AGG(INT8RANGE(start_offset, end_offset)) AS offsets
    FROM ingest.loss
    GROUP BY
        topic,
        topic_id,
        topic_partition
)
INSERT INTO ingest.loss (topic, topic_id, topic_partition, start_offset, end_offset, reason, accepted_at)
SELECT
    landed.topic,
    landed.topic_id,
    landed.topic_partition,
    LOWER(span),
    UPPER(span),
    %(reason)s,
    %(now)s
FROM landed
LEFT JOIN lost USING (topic, topic_id, topic_partition)
CROSS JOIN UNNEST(
    INT8MULTIRANGE(INT8RANGE(LOWER(landed.offsets), UPPER(landed.offsets)))
    - landed.offsets
    - COALESCE(lost.offsets, '{}')
) AS span
ORDER BY
    landed.topic,
    landed.topic_id,
    landed.topic_partition,
    span
RETURNING end_offset - start_offset
