-- One row per broadcast sampled at one of the (platform, tick) pairs, most viewers first, hidden counts last; reads only.
-- The two ANY lists let the planner leave out every other partition; the join to the pairs keeps exactly the ticks asked for.
WITH asked AS (
    SELECT
        told.platform,
        told.sampled_at
    FROM UNNEST(%(platforms)s::live.platform[], %(ticks)s::TIMESTAMPTZ[]) AS told (platform, sampled_at)
),
page AS (
    SELECT
        sample.platform,
        sample.sampled_at,
        sample.broadcast_key,
        sample.detail_key,
        sample.viewers
    FROM live.sample AS sample
    INNER JOIN asked
        ON asked.platform = sample.platform
        AND asked.sampled_at = sample.sampled_at
    WHERE
        sample.platform = ANY(%(platforms)s::live.platform[])
        AND sample.sampled_at = ANY(%(ticks)s::TIMESTAMPTZ[])
    ORDER BY
        sample.viewers DESC NULLS LAST,
        sample.broadcast_key
    LIMIT %(limit)s
    OFFSET %(offset)s
)
SELECT
    page.platform::TEXT AS platform,
    page.sampled_at,
    broadcast.broadcast_id,
    broadcast.started_at,
    channel.channel_id,
    channel.name AS channel_name,
    detail.title,
    detail.language,
    detail.watch_url,
    detail.is_mature,
    category.name AS category_name,
    page.viewers
FROM page
INNER JOIN live.broadcast AS broadcast ON broadcast.broadcast_key = page.broadcast_key
INNER JOIN live.channel AS channel ON channel.channel_key = broadcast.channel_key
LEFT JOIN live.broadcast_detail AS detail ON detail.detail_key = page.detail_key
LEFT JOIN live.category AS category ON category.category_key = detail.category_key
ORDER BY
    page.viewers DESC NULLS LAST,
    page.broadcast_key;
