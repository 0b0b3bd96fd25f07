-- The hours of one platform, from an instant on, that hold samples; reads only.
SELECT DISTINCT DATE_TRUNC('hour', sampled_at) AS hour
FROM live.sample
WHERE platform = %(platform)s
    AND sampled_at >= %(from_at)s
ORDER BY hour
