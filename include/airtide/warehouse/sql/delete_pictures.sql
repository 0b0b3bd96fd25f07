-- Deletes a slice of the rows of pictures that are older than their platform's policy allows, or of a platform whose pictures
-- are captured no longer; deleted again, the next.
DELETE FROM live.thumbnail
WHERE (broadcast_key, captured_at) IN (
    SELECT
        old.broadcast_key,
        old.captured_at
    FROM live.thumbnail AS old
    WHERE old.platform = %(platform)s
        AND old.captured_at < %(now)s::TIMESTAMPTZ - (
            SELECT CASE WHEN policy.pictures = 'capture' THEN policy.picture_age ELSE INTERVAL '0' END
            FROM policy.platform_policy AS policy
            WHERE policy.platform = %(platform)s
        )
    LIMIT %(slice)s
)
