-- One row per topic partition and life of its topic: the offsets that have landed, as joined spans in order; reads only.
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
)
SELECT
    topic,
    topic_id,
    topic_partition,
    ARRAY(SELECT LOWER(span) FROM UNNEST(offsets) AS span ORDER BY span) AS starts,
    ARRAY(SELECT UPPER(span) FROM UNNEST(offsets) AS span ORDER BY span) AS ends
FROM landed
