-- The sweeps of a platform whose messages have all landed by now, each returned once, with the latest tick of those that
-- had landed before.
UPDATE ingest.sweep
SET settled_at = %(now)s
WHERE platform = %(platform)s
    AND settled_at IS NULL
    AND NOT EXISTS (
        SELECT
        FROM JSONB_EACH_TEXT(sweep.end_offsets) AS ended (topic_partition, end_offset)
        LEFT JOIN ingest.position AS reached
            ON reached.topic = %(topic)s
            AND reached.topic_partition = ended.topic_partition::INTEGER
        WHERE
            reached.next_offset IS NULL
            OR reached.next_offset < ended.end_offset::BIGINT
    )
RETURNING
    sampled_at,
    (
        SELECT MAX(known.sampled_at)
        FROM ingest.sweep AS known
        WHERE known.platform = %(platform)s
            AND known.settled_at IS NOT NULL
    )
