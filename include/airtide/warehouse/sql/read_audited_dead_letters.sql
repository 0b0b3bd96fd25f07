-- One row a topic partition of one platform with dead letters: their offsets; reads only.
SELECT
    topic,
    topic_id,
    topic_partition,
    ARRAY_AGG(record_offset) AS record_offsets
FROM ingest.dead_letter
WHERE SPLIT_PART(topic, '.', 3) = %(platform)s
GROUP BY
    topic,
    topic_id,
    topic_partition
