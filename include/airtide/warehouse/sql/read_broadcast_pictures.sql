-- One row per broadcast of those asked for that has something to show: the newest picture that was captured of it, or where
-- its platform's policy only links, the address of the site's own; reads only.
SELECT
    asked.broadcast_key AS of_key,
    kept.sha256,
    kept.captured_at,
    kept.width,
    kept.height,
    told.thumbnail_url AS link
FROM UNNEST(%(keys)s::BIGINT[]) AS asked (broadcast_key)
INNER JOIN live.broadcast AS broadcast ON broadcast.broadcast_key = asked.broadcast_key
INNER JOIN policy.platform_policy AS policy ON policy.platform = broadcast.platform
LEFT JOIN LATERAL (
    SELECT
        thumbnail.sha256,
        thumbnail.captured_at,
        thumbnail.width,
        thumbnail.height
    FROM live.thumbnail AS thumbnail
    WHERE
        policy.pictures = 'capture'
        AND thumbnail.broadcast_key = asked.broadcast_key
        AND thumbnail.captured_at >= %(now)s - policy.picture_age
    ORDER BY thumbnail.captured_at DESC
    LIMIT 1
) AS kept ON TRUE
LEFT JOIN LATERAL (
    SELECT detail.thumbnail_url
    FROM live.broadcast_detail AS detail
    WHERE
        policy.pictures = 'link'
        AND detail.broadcast_key = asked.broadcast_key
        AND detail.thumbnail_url IS NOT NULL
    ORDER BY
        detail.observed_from DESC,
        detail.detail_key
    LIMIT 1
) AS told ON TRUE
WHERE kept.sha256 IS NOT NULL OR told.thumbnail_url IS NOT NULL;
