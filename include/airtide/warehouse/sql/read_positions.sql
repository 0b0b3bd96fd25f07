-- The positions of one platform's topics; reads only.
SELECT
    topic,
    topic_partition,
    next_offset
FROM ingest.position
WHERE SPLIT_PART(topic, '.', 3) = %(platform)s
ORDER BY
    topic,
    topic_partition
