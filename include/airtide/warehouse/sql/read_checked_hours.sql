-- One row per platform whose hours were judged since an instant: how many, how often a check passed; reads only.
SELECT
    platform::TEXT AS platform,
    COUNT(DISTINCT hour) AS hours,
    MAX(hour) AS last_hour,
    MAX(checked_at) AS checked_at,
    COUNT(*) AS checks,
    COUNT(*) FILTER (WHERE passed) AS passed
FROM trends.quality_check
WHERE
    platform = ANY(%(platforms)s::live.platform[])
    AND hour >= %(from_hour)s
GROUP BY platform
ORDER BY platform
