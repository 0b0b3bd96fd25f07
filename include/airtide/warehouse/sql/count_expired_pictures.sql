-- One row: how many rows of a platform's pictures are too old, and how many objects no younger row needs; reads only.
WITH expired_before AS (
    SELECT
        %(now)s::TIMESTAMPTZ
        - CASE WHEN policy.pictures = 'capture' THEN policy.picture_age ELSE INTERVAL '0' END AS instant
    FROM policy.platform_policy AS policy
    WHERE policy.platform = %(platform)s
)
SELECT
    (
        SELECT COUNT(*)
        FROM live.thumbnail
        CROSS JOIN expired_before
        WHERE thumbnail.platform = %(platform)s
            AND thumbnail.captured_at < expired_before.instant
    ) AS rows,
    (
        SELECT COUNT(*)
        FROM live.picture_object AS object
        WHERE object.platform = %(platform)s
            AND (object.condemned_at IS NOT NULL OR object.claimed_at <= %(claimed_before)s)
            AND NOT EXISTS (
                SELECT FROM live.thumbnail
                CROSS JOIN expired_before
                WHERE thumbnail.object_key = object.object_key
                    AND thumbnail.captured_at >= expired_before.instant
            )
    ) AS objects
