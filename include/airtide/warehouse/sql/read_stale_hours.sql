-- One row per platform and hour that waits to be rolled up, in time order; reads only.
SELECT DISTINCT
    platform::TEXT AS platform,
    hour
FROM trends.dirty_hour
WHERE %(platform)s::live.platform IS NULL OR platform = %(platform)s::live.platform
ORDER BY
    platform,
    hour
