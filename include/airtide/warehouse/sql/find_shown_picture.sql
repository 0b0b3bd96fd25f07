-- One row, or none where no broadcast has such a picture that may be kept still: where it lies, how large it is, and until when
-- it may be kept; what is in the store for sure comes first; reads only.
SELECT
    stored.object_key,
    stored.bytes,
    thumbnail.captured_at + policy.picture_age AS kept_until
FROM live.thumbnail AS thumbnail
INNER JOIN policy.platform_policy AS policy
    ON policy.platform = thumbnail.platform
    AND policy.pictures = 'capture'
INNER JOIN live.picture_object AS stored
    ON stored.object_key = thumbnail.object_key
    AND stored.condemned_at IS NULL
    AND stored.bytes IS NOT NULL
WHERE
    thumbnail.sha256 = %(sha256)s
    AND thumbnail.captured_at >= %(now)s - policy.picture_age
ORDER BY
    stored.stored_at IS NULL,
    kept_until DESC,
    stored.object_key
LIMIT 1;
