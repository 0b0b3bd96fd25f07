-- One row a new broadcast.
INSERT INTO live.broadcast (
    broadcast_key,
    platform,
    broadcast_id,
    channel_key,
    started_at,
    ended_at,
    ended_by,
    first_sampled_at,
    last_sampled_at,
    last_viewers,
    unchanged_since,
    unchanged_samples
)
SELECT
    told.broadcast_key,
    %(platform)s,
    new.broadcast_id,
    told.channel_key,
    told.started_at,
    told.ended_at,
    CASE WHEN told.ended_at IS NOT NULL THEN 'site' END,
    told.first_sampled_at,
    told.last_sampled_at,
    told.last_viewers,
    told.last_unchanged_since,
    told.last_unchanged_samples
FROM UNNEST(%(broadcast_keys)b::BIGINT[], %(broadcast_ids)b::TEXT[]) AS new (broadcast_key, broadcast_id)
JOIN pg_temp.told_broadcast AS told ON told.broadcast_key = new.broadcast_key
ON CONFLICT (platform, broadcast_id) DO NOTHING
