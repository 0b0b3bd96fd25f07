-- The positions of some topics and where their landing began; reads only.
SELECT
    topic,
    topic_id,
    topic_partition,
    first_offset,
    next_offset
FROM ingest.position
WHERE SPLIT_PART(topic, '.', 3) = %(platform)s
ORDER BY
    topic,
    topic_partition
