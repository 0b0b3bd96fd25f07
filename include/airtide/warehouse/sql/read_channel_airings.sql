-- One row per broadcast of one channel that was sampled since the instant given: its first and last sample; reads only.
SELECT
    broadcast.first_sampled_at,
    broadcast.last_sampled_at
FROM live.broadcast AS broadcast
WHERE
    broadcast.channel_key = %(channel_key)s
    AND broadcast.last_sampled_at >= %(from_at)s
ORDER BY
    broadcast.first_sampled_at,
    broadcast.broadcast_key;
