-- The platform's planned batch, if there is one; reads only.
SELECT
    batch_id,
    ranges,
    topic_ids,
    planned_at
FROM ingest.batch
WHERE platform = %(platform)s
    AND state = 'planned'
