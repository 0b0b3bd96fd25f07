-- One row a batch of one platform that was not superseded, in the order of planning; reads only.
SELECT
    batch_id,
    state,
    planned_at,
    min_sampled_at,
    ranges,
    topic_ids,
    COALESCE(snapshots, 0) AS snapshots,
    COALESCE(dead_letters, 0) AS dead_letters,
    COALESCE(expired, 0) AS expired
FROM ingest.batch
WHERE platform = %(platform)s
    AND state <> 'superseded'
ORDER BY batch_id
