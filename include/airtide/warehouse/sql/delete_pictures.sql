-- Deletes a slice of the rows of pictures that are older than their platform's policy allows; deleted again, the next.
DELETE FROM live.thumbnail
WHERE (broadcast_key, captured_at) IN (
    SELECT
        old.broadcast_key,
        old.captured_at
    FROM live.thumbnail AS old
    WHERE old.platform = %(platform)s
        AND old.captured_at < %(now)s::TIMESTAMPTZ - (
            SELECT policy.picture_age
            FROM policy.platform_policy AS policy
            WHERE policy.platform = %(platform)s
        )
    LIMIT %(slice)s
)
