-- One row per hour of one platform, of those asked for, that has states and no sample any more: its samples have expired,
-- whatever age is set by now; reads only.
SELECT asked.hour
FROM UNNEST(%(hours)s::TIMESTAMPTZ[]) AS asked (hour)
WHERE
    EXISTS (
        SELECT
        FROM trends.broadcast_hour AS state
        WHERE
            state.platform = %(platform)s::live.platform
            AND state.hour = asked.hour
    )
    AND NOT EXISTS (
        SELECT
        FROM live.sample AS sample
        WHERE
            sample.platform = %(platform)s::live.platform
            AND sample.sampled_at >= asked.hour
            AND sample.sampled_at < asked.hour + INTERVAL '1 hour'
    )
