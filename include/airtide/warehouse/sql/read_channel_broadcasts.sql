-- One row per broadcast of one channel, latest first, with the attributes it was last seen with, whether it was sampled
-- when it was last due, where its counts look wrong, and on which days of one zone how often; reads only.
WITH shown AS MATERIALIZED (
    SELECT *
    FROM live.broadcast
    WHERE channel_key = %(channel_key)s
    ORDER BY
        last_sampled_at DESC NULLS LAST,
        broadcast_key
    LIMIT %(limit)s
)
SELECT
    broadcast.broadcast_id,
    broadcast.started_at,
    broadcast.ended_at,
    broadcast.ended_by,
    broadcast.first_sampled_at,
    broadcast.last_sampled_at,
    CASE
        WHEN broadcast.ended_at IS NOT NULL THEN 'ended'
        WHEN broadcast.last_sampled_at + MAKE_INTERVAL(secs => last_sample.cadence_s) > latest.sampled_at THEN 'live'
        ELSE 'unseen'
    END AS status,
    detail.title,
    category.name AS category_name,
    ARRAY(
        SELECT JSONB_BUILD_OBJECT('flag', odd.flag, 'sampled_at', odd.sampled_at)
        FROM live.sample_flag AS odd
        WHERE odd.broadcast_key = broadcast.broadcast_key
        ORDER BY
            odd.sampled_at,
            odd.flag
    ) AS flags,
    ARRAY(
        SELECT
            JSONB_BUILD_OBJECT(
                'day', marked.day,
                'marks', JSONB_BUILD_OBJECT(
                    'stuck_hours', marked.stuck_hours,
                    'flat_hours', marked.flat_hours,
                    'glitches', marked.glitches,
                    'step_jumps', marked.step_jumps
                )
            )
        FROM trends.broadcast_day AS marked
        WHERE
            marked.channel_key = broadcast.channel_key
            AND marked.zone = %(zone)s
            AND marked.broadcast_key = broadcast.broadcast_key
            AND GREATEST(marked.stuck_hours, marked.flat_hours, marked.glitches, marked.step_jumps) > 0
        ORDER BY marked.day DESC
        LIMIT %(days)s
    ) AS marked_days
FROM shown AS broadcast
LEFT JOIN live.sample AS last_sample
    ON last_sample.platform = broadcast.platform
    AND last_sample.sampled_at = broadcast.last_sampled_at
    AND last_sample.broadcast_key = broadcast.broadcast_key
CROSS JOIN (
    SELECT MAX(sweep.sampled_at) AS sampled_at
    FROM ingest.sweep AS sweep
    WHERE
        sweep.platform = (SELECT platform FROM shown LIMIT 1)
        AND sweep.settled_at IS NOT NULL
        AND sweep.outcome <> 'failed'
) AS latest
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
ORDER BY
    broadcast.last_sampled_at DESC NULLS LAST,
    broadcast.broadcast_key;
