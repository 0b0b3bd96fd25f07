-- Moves every range of a batch, or fewer where another landing was first: the caller counts the rows.
UPDATE ingest.position
SET
    next_offset = part.end_offset,
    updated_at = %(now)s
FROM JSONB_TO_RECORDSET(%(ranges)s) AS part (topic TEXT, topic_partition INTEGER, start_offset BIGINT, end_offset BIGINT)
WHERE position.topic = part.topic
    AND position.topic_partition = part.topic_partition
    AND position.next_offset = part.start_offset
    AND position.topic_id = %(topic_ids)s::JSONB ->> part.topic
