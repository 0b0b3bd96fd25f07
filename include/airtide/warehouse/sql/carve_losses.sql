-- Losses without the offsets that have landed since: such a row gives way to what is left of it, or to nothing.
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
    GROUP BY
        part.topic,
        topic_id,
        part.topic_partition
),
found AS (
    DELETE FROM ingest.loss
    USING landed
    WHERE loss.topic = landed.topic
        AND loss.topic_id = landed.topic_id
        AND loss.topic_partition = landed.topic_partition
        AND INT8RANGE(loss.start_offset, loss.end_offset) && landed.offsets
    RETURNING
        loss.*,
        landed.offsets
)
INSERT INTO ingest.loss (topic, topic_id, topic_partition, start_offset, end_offset, reason, accepted_at)
SELECT
    topic,
    topic_id,
    topic_partition,
    LOWER(span),
    UPPER(span),
    reason,
    accepted_at
FROM found
CROSS JOIN UNNEST(INT8MULTIRANGE(INT8RANGE(start_offset, end_offset)) - offsets) AS span
ORDER BY
    loss_id,
    span
