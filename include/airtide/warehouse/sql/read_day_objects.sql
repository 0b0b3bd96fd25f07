-- One row an object of a platform's day that counts; reads only.
SELECT
    object_key,
    hour,
    rows,
    bytes,
    sha256,
    min_sampled_at,
    max_sampled_at
FROM ingest.lake_object
WHERE platform = %(platform)s
    AND day = %(day)s
    AND kind = %(kind)s
    AND retired_at IS NULL
ORDER BY object_key
