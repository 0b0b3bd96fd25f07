-- The batch of a platform that was planned before an instant and still is, if there is one; reads only.
SELECT batch_id
FROM ingest.batch
WHERE platform = %(platform)s
    AND state = 'planned'
    AND planned_at < %(before)s
