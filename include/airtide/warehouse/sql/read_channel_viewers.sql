-- One row per bucket of step_s seconds that holds a sample of one channel; a bucket without a row is a hole; reads only.
WITH tick AS (
    SELECT
        sample.sampled_at,
        SUM(sample.viewers) AS viewers
    FROM live.broadcast AS broadcast
    INNER JOIN live.sample AS sample
        ON sample.platform = broadcast.platform
        AND sample.broadcast_key = broadcast.broadcast_key
    WHERE
        broadcast.channel_key = %(channel_key)s
        AND broadcast.last_sampled_at >= %(from_at)s
        AND sample.platform = %(platform)s::live.platform
        AND sample.sampled_at >= %(from_at)s
        AND sample.sampled_at < %(to_at)s
    GROUP BY sample.sampled_at
)
SELECT
    DATE_BIN(MAKE_INTERVAL(secs => %(step_s)s), tick.sampled_at, TIMESTAMPTZ '1970-01-01 00:00:00+00') AS bucket_at,
    ROUND(AVG(tick.viewers))::BIGINT AS viewers
FROM tick
GROUP BY bucket_at
ORDER BY bucket_at;
