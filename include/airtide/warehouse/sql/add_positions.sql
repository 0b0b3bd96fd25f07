-- One row a topic partition that was never planned, where its topic begins now; the others stay as they are.
INSERT INTO ingest.position (topic, topic_partition, topic_id, first_offset, next_offset, updated_at)
SELECT
    seen.topic,
    seen.topic_partition,
    seen.topic_id,
    seen.low_offset,
    seen.low_offset,
    %(now)s
FROM JSONB_TO_RECORDSET(%(seen)s) AS seen (topic TEXT, topic_partition INTEGER, topic_id TEXT, low_offset BIGINT)
ORDER BY
    seen.topic,
    seen.topic_partition
ON CONFLICT (topic, topic_partition) DO NOTHING
