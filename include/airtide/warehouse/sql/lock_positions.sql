-- The positions of some topics, locked in one order by everybody who moves them.
SELECT
    topic,
    topic_partition,
    topic_id,
    next_offset
FROM ingest.position
WHERE topic = ANY(%(topics)s)
ORDER BY
    topic,
    topic_partition
FOR UPDATE
