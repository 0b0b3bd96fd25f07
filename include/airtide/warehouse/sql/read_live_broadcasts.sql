-- One row per broadcast that was sampled when it was last due and has not ended, most viewers first, hidden counts last;
-- reads only. A listing is due in whole at every tick; asked by id, each broadcast is due after its own cadence, of half an
-- hour at most. The bounds beside the join let the planner leave out every other partition.
WITH asked AS (
    SELECT
        told.platform,
        told.sampled_at,
        told.scope = 'by_id' AS is_by_id,
        told.sampled_at - CASE WHEN told.scope = 'by_id' THEN INTERVAL '30 minutes' ELSE INTERVAL '0' END AS from_at,
        CASE WHEN told.scope = 'by_id' THEN 'infinity' ELSE told.sampled_at END AS until_at
    FROM UNNEST(%(platforms)s::live.platform[], %(ticks)s::TIMESTAMPTZ[], %(scopes)s::TEXT[])
        AS told (platform, sampled_at, scope)
),
page AS (
    SELECT
        sample.platform,
        sample.sampled_at,
        sample.broadcast_key,
        sample.detail_key,
        sample.viewers,
        broadcast.broadcast_id,
        broadcast.started_at,
        broadcast.channel_key
    FROM asked
    INNER JOIN live.sample AS sample
        ON sample.platform = asked.platform
        AND sample.sampled_at BETWEEN asked.from_at AND asked.until_at
        AND sample.sampled_at + MAKE_INTERVAL(secs => sample.cadence_s) > asked.sampled_at
    INNER JOIN live.broadcast AS broadcast
        ON broadcast.broadcast_key = sample.broadcast_key
        AND broadcast.ended_at IS NULL
        AND (NOT asked.is_by_id OR broadcast.last_sampled_at = sample.sampled_at)
    WHERE
        sample.platform = ANY(%(platforms)s::live.platform[])
        AND sample.sampled_at >= (SELECT MIN(from_at) FROM asked)
    ORDER BY
        sample.viewers DESC NULLS LAST,
        sample.broadcast_key
    LIMIT %(limit)s
    OFFSET %(offset)s
)
SELECT
    page.platform::TEXT AS platform,
    page.sampled_at,
    page.broadcast_id,
    page.started_at,
    channel.channel_id,
    channel.name AS channel_name,
    detail.title,
    detail.language,
    detail.watch_url,
    detail.is_mature,
    category.name AS category_name,
    page.viewers
FROM page
INNER JOIN live.channel AS channel ON channel.channel_key = page.channel_key
LEFT JOIN live.broadcast_detail AS detail ON detail.detail_key = page.detail_key
LEFT JOIN live.category AS category ON category.category_key = detail.category_key
ORDER BY
    page.viewers DESC NULLS LAST,
    page.broadcast_key;
