-- One row per platform and zone day that waits to be rolled up, in time order; reads only.
SELECT DISTINCT
    platform::TEXT AS platform,
    zone,
    day
FROM trends.dirty_day
WHERE %(zone)s::TEXT IS NULL OR zone = %(zone)s::TEXT
ORDER BY
    platform,
    zone,
    day
