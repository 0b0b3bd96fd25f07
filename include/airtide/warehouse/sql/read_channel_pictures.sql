-- One row per channel of those asked for that has something to show of a time: the newest picture captured in it, or where
-- its platform's policy only links, the address of its latest broadcast's own; reads only.
SELECT
    asked.channel_key AS of_key,
    kept.sha256,
    kept.captured_at,
    kept.width,
    kept.height,
    told.thumbnail_url AS link
FROM UNNEST(%(keys)s::BIGINT[]) AS asked (channel_key)
INNER JOIN live.channel AS channel ON channel.channel_key = asked.channel_key
INNER JOIN policy.platform_policy AS policy ON policy.platform = channel.platform
LEFT JOIN LATERAL (
    SELECT
        thumbnail.sha256,
        thumbnail.captured_at,
        thumbnail.width,
        thumbnail.height
    FROM live.thumbnail AS thumbnail
    WHERE
        policy.pictures = 'capture'
        AND thumbnail.channel_key = asked.channel_key
        AND thumbnail.captured_at >= GREATEST(%(from_at)s, %(now)s - policy.picture_age)
        AND thumbnail.captured_at < %(to_at)s
    ORDER BY thumbnail.captured_at DESC
    LIMIT 1
) AS kept ON TRUE
LEFT JOIN LATERAL (
    SELECT detail.thumbnail_url
    FROM live.broadcast AS broadcast
    INNER JOIN live.broadcast_detail AS detail ON detail.broadcast_key = broadcast.broadcast_key
    WHERE
        policy.pictures = 'link'
        AND broadcast.channel_key = asked.channel_key
        AND broadcast.first_sampled_at < %(to_at)s
        AND broadcast.last_sampled_at >= %(from_at)s
        AND detail.thumbnail_url IS NOT NULL
    ORDER BY
        broadcast.last_sampled_at DESC,
        detail.observed_from DESC,
        detail.detail_key
    LIMIT 1
) AS told ON TRUE
WHERE kept.sha256 IS NOT NULL OR told.thumbnail_url IS NOT NULL;
