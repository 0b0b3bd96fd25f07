-- Those of the pictures that stand for none; reads only.
SELECT sha256
FROM live.placeholder
WHERE platform = %(platform)s
    AND sha256 = ANY(%(sha256s)s)
