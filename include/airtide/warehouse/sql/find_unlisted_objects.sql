-- Those of the names that have no row, retired or not; reads only.
SELECT told.object_key
FROM UNNEST(%(object_keys)s::TEXT[]) AS told (object_key)
WHERE NOT EXISTS (
    SELECT FROM ingest.lake_object
    WHERE lake_object.object_key = told.object_key
)
