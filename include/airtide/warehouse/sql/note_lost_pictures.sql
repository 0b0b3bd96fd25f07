-- Counts objects as not stored that the store does not hold, unless they were written again since; again it does nothing.
-- Locks are taken in the order of keys.
UPDATE live.picture_object AS object
SET stored_at = NULL
FROM (
    SELECT object_key
    FROM live.picture_object
    WHERE object_key = ANY(%(object_keys)s)
        AND stored_at <= %(stored_before)s
    ORDER BY object_key
    FOR UPDATE
) AS lost
WHERE object.object_key = lost.object_key
