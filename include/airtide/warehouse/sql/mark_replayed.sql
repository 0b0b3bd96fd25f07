-- One row a dead letter that was sent back; one that is marked already keeps its first mark.
UPDATE ingest.dead_letter AS letter
SET replayed_at = %(replayed_at)s
FROM UNNEST(
    %(topics)s::TEXT[],
    %(topic_ids)s::TEXT[],
    %(topic_partitions)s::INTEGER[],
    %(record_offsets)s::BIGINT[]
) AS sent (topic, topic_id, topic_partition, record_offset)
WHERE
    letter.topic = sent.topic
    AND letter.topic_id = sent.topic_id
    AND letter.topic_partition = sent.topic_partition
    AND letter.record_offset = sent.record_offset
    AND letter.replayed_at IS NULL
