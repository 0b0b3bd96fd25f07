-- Takes condemned objects for removal, leaving those that somebody claims or removes right now.
SELECT object_key
FROM live.picture_object
WHERE platform = %(platform)s
    AND condemned_at IS NOT NULL
ORDER BY object_key
LIMIT %(most)s
FOR UPDATE SKIP LOCKED
