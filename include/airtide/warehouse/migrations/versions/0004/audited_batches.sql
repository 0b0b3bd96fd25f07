-- From when on the objects of a batch tell of samples: an audit that begins later cannot count its messages out.
ALTER TABLE ingest.batch ADD COLUMN min_sampled_at TIMESTAMPTZ;
COMMENT ON COLUMN ingest.batch.min_sampled_at IS
    'the earliest sampled_at in its objects, which the row outlives; NULL when it has none';
UPDATE ingest.batch
SET min_sampled_at = listed.min_sampled_at
FROM (
    SELECT
        batch_id,
        MIN(min_sampled_at) AS min_sampled_at
    FROM ingest.lake_object
    GROUP BY batch_id
) AS listed
WHERE listed.batch_id = batch.batch_id;
