-- Positions at the first offset that their topics still hold; under another id (a topic that was made anew or cut
-- short) landing begins there.
UPDATE ingest.position
SET
    first_offset = CASE WHEN position.topic_id = restart.topic_id THEN position.first_offset ELSE restart.next_offset END,
    next_offset = restart.next_offset,
    topic_id = restart.topic_id,
    updated_at = %(now)s
FROM JSONB_TO_RECORDSET(%(restarts)s) AS restart (topic TEXT, topic_partition INTEGER, topic_id TEXT, next_offset BIGINT)
WHERE position.topic = restart.topic
    AND position.topic_partition = restart.topic_partition
