-- One row per sample of some broadcasts of one platform in a stretch of time, by broadcast and in the order of time; reads
-- only.
SELECT
    sample.broadcast_key,
    sample.sampled_at,
    sample.viewers,
    sample.cadence_s
FROM live.sample AS sample
WHERE
    sample.platform = %(platform)s::live.platform
    AND sample.sampled_at >= %(from_at)s
    AND sample.sampled_at < %(until_at)s
    AND sample.broadcast_key = ANY(%(broadcast_keys)s::BIGINT[])
ORDER BY
    sample.broadcast_key,
    sample.sampled_at;
