-- One row, or none where no broadcast has such a picture that may be kept still: where it lies, and how large it is; reads
-- only.
SELECT
    stored.object_key,
    stored.bytes
FROM live.thumbnail AS thumbnail
INNER JOIN policy.platform_policy AS policy
    ON policy.platform = thumbnail.platform
    AND policy.pictures = 'capture'
INNER JOIN live.picture_object AS stored
    ON stored.object_key = thumbnail.object_key
    AND stored.stored_at IS NOT NULL
WHERE
    thumbnail.sha256 = %(sha256)s
    AND thumbnail.captured_at >= %(now)s - policy.picture_age
ORDER BY stored.object_key
LIMIT 1;
