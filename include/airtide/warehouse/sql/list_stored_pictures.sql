-- One row per object of a platform that has been in the store since before an instant, by key from one key on, a slice of
-- them; reads only.
SELECT object_key
FROM live.picture_object
WHERE platform = %(platform)s
    AND object_key > %(after)s
    AND stored_at <= %(stored_before)s
ORDER BY object_key
LIMIT %(slice)s
