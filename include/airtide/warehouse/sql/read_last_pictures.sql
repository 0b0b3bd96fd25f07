-- One row per broadcast that has a picture, its newest; without what its host is asked with for changes when the picture
-- itself was lost, so that it comes again whole; reads only.
SELECT
    last.platform::TEXT AS platform,
    asked.broadcast_key,
    last.channel_key,
    last.captured_at,
    last.sha256,
    last.object_key,
    last.bytes,
    last.width,
    last.height,
    last.picture_url,
    CASE WHEN last.stored_at IS NOT NULL THEN last.etag END AS etag,
    CASE WHEN last.stored_at IS NOT NULL THEN last.last_modified END AS last_modified
FROM UNNEST(%(broadcast_keys)s::BIGINT[]) AS asked (broadcast_key)
CROSS JOIN LATERAL (
    SELECT
        thumbnail.*,
        object.bytes,
        object.stored_at
    FROM live.thumbnail
    INNER JOIN live.picture_object AS object ON object.object_key = thumbnail.object_key
    WHERE thumbnail.broadcast_key = asked.broadcast_key
    ORDER BY thumbnail.captured_at DESC
    LIMIT 1
) AS last
