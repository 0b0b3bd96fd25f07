-- One row a topic partition whose messages are given up.
INSERT INTO ingest.loss (topic, topic_id, topic_partition, start_offset, end_offset, reason, accepted_at)
SELECT
    lost.topic,
    lost.topic_id,
    lost.topic_partition,
    lost.start_offset,
    lost.end_offset,
    lost.reason,
    %(now)s
FROM JSONB_TO_RECORDSET(%(lost)s) AS lost (
    topic TEXT,
    topic_id TEXT,
    topic_partition INTEGER,
    start_offset BIGINT,
    end_offset BIGINT,
    reason TEXT
)
