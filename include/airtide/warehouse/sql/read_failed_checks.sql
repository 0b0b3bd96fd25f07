-- One row per failed check of an hour since an instant, what blocks first and then the latest; reads only.
SELECT
    platform::TEXT AS platform,
    hour,
    check_name,
    severity,
    observed,
    least,
    most,
    checked_at
FROM trends.quality_check
WHERE
    platform = ANY(%(platforms)s::live.platform[])
    AND hour >= %(from_hour)s
    AND NOT passed
ORDER BY
    severity,
    hour DESC,
    platform,
    check_name
LIMIT %(limit)s
