-- Those of the names that have no row; reads only.
SELECT told.object_key
FROM UNNEST(%(object_keys)s::TEXT[]) AS told (object_key)
WHERE NOT EXISTS (
    SELECT FROM live.picture_object
    WHERE picture_object.object_key = told.object_key
)
