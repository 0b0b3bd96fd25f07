-- Drops the rows of objects that are in the store no longer; one that is gone changes nothing.
DELETE FROM live.picture_object
WHERE object_key = ANY(%(object_keys)s)
