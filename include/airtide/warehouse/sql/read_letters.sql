-- One row a dead letter of the query, in the order of its key, beyond the one given; reads only.
SELECT
    topic,
    topic_id,
    topic_partition,
    record_offset,
    reason,
    detail,
    headers,
    CASE WHEN %(with_raw)s THEN raw END AS raw,
    found_at,
    replayed_at
FROM ingest.dead_letter
WHERE
    topic = ANY(%(topics)s)
    AND (%(reason)s::TEXT IS NULL OR reason = %(reason)s)
    AND (%(found_from)s::TIMESTAMPTZ IS NULL OR found_at >= %(found_from)s)
    AND (%(found_until)s::TIMESTAMPTZ IS NULL OR found_at < %(found_until)s)
    AND (%(offset_from)s::BIGINT IS NULL OR record_offset >= %(offset_from)s)
    AND (%(offset_until)s::BIGINT IS NULL OR record_offset < %(offset_until)s)
    AND (%(with_replayed)s OR replayed_at IS NULL)
    AND (
        %(after_topic)s::TEXT IS NULL
        OR (topic, topic_id, topic_partition, record_offset)
        > (%(after_topic)s, %(after_topic_id)s::TEXT, %(after_partition)s::INTEGER, %(after_offset)s::BIGINT)
    )
ORDER BY
    topic,
    topic_id,
    topic_partition,
    record_offset
LIMIT %(limit)s
