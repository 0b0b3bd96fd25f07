-- One row a message that can never be landed; found again it changes nothing.
INSERT INTO ingest.dead_letter (
    topic,
    topic_id,
    topic_partition,
    record_offset,
    reason,
    detail,
    headers,
    raw,
    found_at
)
SELECT
    told.topic,
    told.topic_id,
    told.topic_partition,
    told.record_offset,
    told.reason,
    told.detail,
    told.headers::JSONB,
    told.raw,
    %(now)s
FROM UNNEST(
    %(topics)s::TEXT[],
    %(topic_ids)s::TEXT[],
    %(topic_partitions)s::INTEGER[],
    %(record_offsets)s::BIGINT[],
    %(reasons)s::TEXT[],
    %(details)s::TEXT[],
    %(headers)s::TEXT[],
    %(raws)s::BYTEA[]
) AS told (topic, topic_id, topic_partition, record_offset, reason, detail, headers, raw)
ON CONFLICT (topic, topic_id, topic_partition, record_offset) DO NOTHING
