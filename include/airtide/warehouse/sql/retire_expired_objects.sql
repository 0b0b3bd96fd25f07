-- Retires the objects of one platform whose last sample has expired; those that are retired stay as they are.
UPDATE ingest.lake_object
SET retired_at = %(now)s
WHERE platform = %(platform)s
    AND max_sampled_at < %(before)s
    AND retired_at IS NULL
