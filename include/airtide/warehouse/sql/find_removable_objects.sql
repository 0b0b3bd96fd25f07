-- Retired objects that nobody may read any more, or has been reading for long enough; reads only.
SELECT object_key
FROM ingest.lake_object
WHERE platform = %(platform)s
    AND retired_at IS NOT NULL
    AND (max_sampled_at < %(before)s OR retired_at <= %(retired_before)s)
ORDER BY object_key
LIMIT %(limit)s
