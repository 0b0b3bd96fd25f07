-- One row a listed object of one platform, retired ones among them; reads only.
SELECT
    object_key,
    kind,
    batch_id,
    (day + MAKE_INTERVAL(hours => COALESCE(hour, 0)::INTEGER)) AT TIME ZONE 'UTC' AS starts_at,
    hour IS NULL AS is_of_day,
    rows,
    sha256,
    retired_at IS NOT NULL AS is_retired
FROM ingest.lake_object
WHERE platform = %(platform)s
ORDER BY
    starts_at,
    batch_id,
    object_key
