-- One row a loss of one platform's topics; reads only.
SELECT
    topic,
    topic_id,
    topic_partition,
    start_offset,
    end_offset
FROM ingest.loss
WHERE SPLIT_PART(topic, '.', 3) = %(platform)s
ORDER BY loss_id
