-- One row a life of one platform's snapshots topic, in the order in which they began to land; reads only.
SELECT life.topic_id
FROM ingest.batch
CROSS JOIN LATERAL JSONB_EACH_TEXT(batch.topic_ids) AS life (topic, topic_id)
WHERE batch.platform = %(platform)s
    AND SPLIT_PART(life.topic, '.', 2) = 'snapshots'
GROUP BY life.topic_id
ORDER BY MIN(batch.batch_id)
