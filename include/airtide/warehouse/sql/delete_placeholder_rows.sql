-- Deletes the rows of pictures that stand for none; deleted again, there are none.
DELETE FROM live.thumbnail
WHERE platform = %(platform)s
    AND sha256 = ANY(%(sha256s)s)
