-- One row per picture that was captured of one broadcast and may be kept still, oldest first; of very many the newest;
-- reads only.
SELECT
    newest.sha256,
    newest.captured_at,
    newest.width,
    newest.height
FROM (
    SELECT
        thumbnail.sha256,
        thumbnail.captured_at,
        thumbnail.width,
        thumbnail.height
    FROM live.thumbnail AS thumbnail
    INNER JOIN policy.platform_policy AS policy
        ON policy.platform = thumbnail.platform
        AND policy.pictures = 'capture'
    WHERE
        thumbnail.broadcast_key = %(broadcast_key)s
        AND thumbnail.captured_at >= %(now)s - policy.picture_age
    ORDER BY thumbnail.captured_at DESC
    LIMIT %(limit)s
) AS newest
ORDER BY newest.captured_at;
