-- One row per broadcast of one channel, latest first, with the attributes it was last seen with; reads only.
SELECT
    broadcast.broadcast_id,
    broadcast.started_at,
    broadcast.ended_at,
    broadcast.ended_by,
    broadcast.first_sampled_at,
    broadcast.last_sampled_at,
    detail.title,
    category.name AS category_name
FROM live.broadcast AS broadcast
LEFT JOIN LATERAL (
    SELECT
        seen.title,
        seen.category_key
    FROM live.broadcast_detail AS seen
    WHERE seen.broadcast_key = broadcast.broadcast_key
    ORDER BY
        seen.observed_from DESC,
        seen.detail_key
    LIMIT 1
) AS detail ON TRUE
LEFT JOIN live.category AS category ON category.category_key = detail.category_key
WHERE broadcast.channel_key = %(channel_key)s
ORDER BY
    broadcast.last_sampled_at DESC NULLS LAST,
    broadcast.broadcast_key
LIMIT %(limit)s;
