-- One row a topic partition: it begins at the first and goes on behind the last offset that has landed. A position of an
-- earlier life of its topic gives way; one of another life stays as it is.
INSERT INTO ingest.position AS known (topic, topic_partition, topic_id, first_offset, next_offset, updated_at)
SELECT
    part.topic,
    part.topic_partition,
    %(topic_ids)s::JSONB ->> part.topic,
    MIN(part.start_offset),
    MAX(part.end_offset),
    %(now)s
FROM JSONB_TO_RECORDSET(%(ranges)s) AS part (topic TEXT, topic_partition INTEGER, start_offset BIGINT, end_offset BIGINT)
GROUP BY
    part.topic,
    part.topic_partition
ORDER BY
    part.topic,
    part.topic_partition
ON CONFLICT (topic, topic_partition) DO UPDATE SET
    topic_id = EXCLUDED.topic_id,
    first_offset = CASE
        WHEN known.topic_id = EXCLUDED.topic_id THEN LEAST(known.first_offset, EXCLUDED.first_offset)
        ELSE EXCLUDED.first_offset
    END,
    next_offset = CASE
        WHEN known.topic_id = EXCLUDED.topic_id THEN GREATEST(known.next_offset, EXCLUDED.next_offset)
        ELSE EXCLUDED.next_offset
    END,
    updated_at = EXCLUDED.updated_at
WHERE known.topic_id = EXCLUDED.topic_id
    OR known.topic_id = ANY(%(earlier_ids)s)
